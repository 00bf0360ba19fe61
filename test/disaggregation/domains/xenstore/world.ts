// A store with a privileged domain ("control", 2) and guests ("one" to "three", 3 to 5), each with
// a home of its own as the toolstack makes it.

import { readFileSync } from "node:fs";
import { type Member, ServiceSystem } from "../../../../disaggregation/runtime/node/system.ts";
import { STORE_FRAME } from "../../../../disaggregation/runtime/places.ts";
import { ALLOWED_GUEST, allowTable } from "../../../../scripts/policy-tables.ts";
import { corePath } from "../../../spec/world.ts";
import { serviceBytes } from "../support/compiled.ts";
import { StoreClient } from "./client.ts";

export const OK = "OK\0";
export const CONTROL = 2;
const guests = ["one", "two", "three"] as const;

/** Lines of the configuration for a domain that is there from the start. */
function domainLines(domain: number): string {
  return `node /local/domain/${domain} n${domain}\ndomain ${domain} 1\n`;
}

function members(extra: string): Member[] {
  const label = ALLOWED_GUEST;
  const ids = [CONTROL, ...guests.map((_, index) => CONTROL + 1 + index)];
  const config = `privileged ${CONTROL}\n${ids.map(domainLines).join("")}${extra}`;
  const service = { kind: "xenstore", wasm: serviceBytes("xenstore"), config: () => config };
  return [
    { name: "store", label, service: { ...service, kind: "xenstore" as const } },
    { name: "control", label },
    ...guests.map((name) => ({ name, label })),
  ];
}

export interface StoreWorld {
  readonly system: ServiceSystem;
  readonly control: StoreClient;
  readonly one: StoreClient;
  readonly two: StoreClient;
  readonly three: StoreClient;
}

/** A fresh world; `extra` are further lines of the store's configuration. */
export function storeWorld(extra = ""): StoreWorld {
  const core = new Uint8Array(readFileSync(corePath));
  const system = new ServiceSystem({ core, policy: allowTable(), members: members(extra) });
  system.settle();
  const client = (name: string) => new StoreClient(system, name, STORE_FRAME);
  return {
    system,
    control: client("control"),
    one: client("one"),
    two: client("two"),
    three: client("three"),
  };
}
