// Core, xenstore, toolstack and a guest in one process, with a client's line to the toolstack.

import { readFileSync } from "node:fs";
import { ServiceSystem } from "../../../../disaggregation/runtime/node/system.ts";
import { ALLOWED_GUEST, allowTable } from "../../../../scripts/policy-tables.ts";
import { VirtualLine, VirtualUart } from "../../control/virtual-uart.ts";
import { serviceBytes } from "../support/compiled.ts";

export const KEY = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
export const keyLine = (key: Uint8Array): string => `key ${Buffer.from(key).toString("hex")}\n`;

const TICK_NANOSECONDS = 2_000_000n;
const core = new URL("../../../../build/core.wasm", import.meta.url);

export interface ToolstackSystem {
  readonly system: ServiceSystem;
  readonly uart: VirtualUart;
  /** A client's end of the line. */
  line(): VirtualLine;
}

/** Domains: 1 xenstore, 2 toolstack, 3 the guest "alpha". */
export function toolstackSystem(config = keyLine(KEY)): ToolstackSystem {
  const uart = new VirtualUart();
  const label = ALLOWED_GUEST;
  const system = new ServiceSystem({
    core: new Uint8Array(readFileSync(core)),
    policy: allowTable(),
    members: [
      {
        name: "xenstore",
        label,
        service: {
          kind: "xenstore",
          wasm: serviceBytes("xenstore"),
          config: (ports) =>
            [2, 3].map((each) => `domain ${each} ${ports.get(each)!.store}\n`).join("") +
            "privileged 2\nnode /local/domain/3 n3\nnode /local/domain/3/name n3 alpha\n",
        },
      },
      {
        name: "toolstack",
        label,
        service: {
          kind: "other",
          wasm: serviceBytes("toolstack"),
          config: () => config,
          ports: uart,
        },
      },
      { name: "alpha", label },
    ],
  });
  return {
    system,
    uart,
    line: () => new VirtualLine(uart, () => system.advance(TICK_NANOSECONDS)),
  };
}
