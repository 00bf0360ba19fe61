// What would be caught: words that are lost with the console service, a log that begins anew, a
// guest whose console stays silent, and a client that is told nothing more.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { windowFrame } from "../../../../disaggregation/appliance/links.ts";
import { ServiceSystem } from "../../../../disaggregation/runtime/node/system.ts";
import { CONSOLE_FRAME, PAGE_OWN } from "../../../../disaggregation/runtime/places.ts";
import { corePath } from "../../../spec/world.ts";
import { serviceBytes } from "../support/compiled.ts";
import { Front, Serial } from "../support/console-front.ts";
import { labelsOf } from "../support/labels.ts";

const NAMES = ["console", "toolstack", "guest", "keeper"] as const;
const [GUEST, ATTACH, OUTPUT] = [3, 1, 1];
const DEATHS = 5;
/** Longer than a service is away. */
const WHILE = 500_000_000n;

function consoleSystem(serial: Serial): ServiceSystem {
  const { bytes, labels } = labelsOf(NAMES);
  const config = (): string => `domain ${GUEST} 1 alpha\nmanagement 2 1\nuart 1016\n`;
  const services = {
    console: { kind: "console", wasm: serviceBytes("console"), config, ports: serial },
    // A domain that the test plays.
    toolstack: { kind: "toolstack", wasm: serviceBytes("keeper") },
    guest: undefined,
    keeper: { kind: "keeper", wasm: serviceBytes("keeper") },
  } as const;
  const system = new ServiceSystem({
    core: new Uint8Array(readFileSync(corePath)),
    policy: bytes,
    members: NAMES.map((name, index) => {
      const service = services[name];
      return { name, label: labels[index]!, ...(service === undefined ? {} : { service }) };
    }),
  });
  system.advance(10_000_000n);
  return system;
}

describe.skipIf(!existsSync(corePath))("the console service", () => {
  it("comes back with what was said, and with who watches", () => {
    const serial = new Serial();
    const system = consoleSystem(serial);
    const guest = new Front(system, "guest", CONSOLE_FRAME);
    const manager = new Front(system, "toolstack", windowFrame(PAGE_OWN));
    guest.put("before\n");
    manager.put(Buffer.from([ATTACH, GUEST, 0, 0]));
    const heard = (): string => {
      const bytes = manager.take();
      expect([bytes[0], bytes[1]]).toEqual([OUTPUT, GUEST]);
      return bytes.toString("latin1", 4);
    };
    expect(heard()).toBe("before\n");
    const words: string[] = [];
    for (let death = 1; death <= DEATHS; death++) {
      system.domain("console").fault();
      guest.put(`word ${death}\n`);
      system.advance(WHILE);
      words.push(`word ${death}\n`);
      expect(heard()).toBe(`word ${death}\n`);
    }
    expect(serial.said).toBe(
      ["before\n", ...words].map((word) => `alpha: ${word.trim()}\r\n`).join(""),
    );
    manager.put(Buffer.from([ATTACH, GUEST, 0, 0]));
    expect(heard()).toBe(`before\n${words.join("")}`);
  });
});
