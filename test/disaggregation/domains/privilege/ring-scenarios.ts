// What the services are for that have a ring with everybody, once: true if all of it worked.

import { readFileSync } from "node:fs";
import {
  type ServiceMember,
  ServiceSystem,
} from "../../../../disaggregation/runtime/node/system.ts";
import { CONSOLE_FRAME, STORE_FRAME } from "../../../../disaggregation/runtime/places.ts";
import { corePath } from "../../../spec/world.ts";
import { serviceBytes } from "../support/compiled.ts";
import { labelsOf } from "../support/labels.ts";
import { StoreClient } from "../xenstore/client.ts";

const GUEST = 2;
const OUT = 1024n;
const OUT_CONSUMED = 3080n;
const OUT_PRODUCED = 3084n;
const EVENT_CHANNEL_OP = 32;
const EVENT_SEND = 4;

/** One service, and a guest. */
function systemOf(kind: "xenstore" | "console", policy: string, config: string): ServiceSystem {
  const { bytes, labels } = labelsOf([kind, "guest"], policy);
  const service: ServiceMember = { kind, wasm: serviceBytes(kind), config: () => config };
  const system = new ServiceSystem({
    core: new Uint8Array(readFileSync(corePath)),
    policy: bytes,
    members: [
      { name: kind, label: labels[0]!, service },
      { name: "guest", label: labels[1]! },
    ],
  });
  system.settle();
  return system;
}

/** A guest writes, is told of it, and reads it back. */
export function usesStore(policy: string): boolean {
  const home = `/local/domain/${GUEST}`;
  const system = systemOf("xenstore", policy, `node ${home} n${GUEST}\ndomain ${GUEST} 1\n`);
  const store = new StoreClient(system, "guest", STORE_FRAME);
  const okay = [store.watch("a", "t"), store.write("a", "1")].every((answer) => answer === "OK\0");
  return okay && store.read(`${home}/a`) === "1" && store.takeEvents().length === 2;
}

/** A guest says a line. */
export function usesConsole(policy: string): boolean {
  const system = systemOf("console", policy, `domain ${GUEST} 1 guest\n`);
  const guest = system.domain("guest");
  const ring = BigInt(CONSOLE_FRAME) << 12n;
  const line = Buffer.from("hello\n");
  guest.write(ring + OUT, line);
  guest.store32(ring + OUT_PRODUCED, line.length);
  guest.call(EVENT_CHANNEL_OP, EVENT_SEND, [1]);
  system.settle();
  return guest.load32(ring + OUT_CONSUMED) === line.length;
}
