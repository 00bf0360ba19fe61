// The world of a service in Node: what it may do works, what it may not ends it, and nothing else
// ends with it. Catches a border of a page, of linear memory or of a mapping that is not kept.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServiceSystem } from "../../../disaggregation/runtime/node/system.ts";
import { root } from "../../../scripts/artefacts.ts";
import { compileCore } from "../../../scripts/core.ts";
import { ALLOWED_GUEST, allowTable } from "../../../scripts/policy-tables.ts";
import { corePath } from "../../spec/world.ts";

const folder = mkdtempSync(join(tmpdir(), "xenolith-probe-"));
let wasm: Uint8Array;

beforeAll(() => {
  const output = join(folder, "probe.wasm");
  const entry = "build/services/tested/probe.ts";
  mkdirSync(join(root, "build/services/tested"), { recursive: true });
  copyFileSync(new URL("probe.as", import.meta.url), join(root, entry));
  compileCore({ root, entry, linearBytes: 1 << 16, output });
  wasm = new Uint8Array(readFileSync(output));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The probe beside a guest that offers a page for reading. */
function system(config: string): ServiceSystem {
  const label = ALLOWED_GUEST;
  const probe = { kind: "other" as const, wasm, config: () => config };
  const made = new ServiceSystem({
    core: new Uint8Array(readFileSync(corePath)),
    policy: allowTable(),
    members: [
      { name: "probe", label, service: probe },
      { name: "guest", label },
      { name: "bystander", label, service: { ...probe, config: () => "timer" } },
    ],
  });
  const guest = made.domain("guest");
  guest.mapSharedInfo(3);
  guest.call(12, 7, [0x7ff0, 1, 0, 4]);
  guest.store32(0x5004n, 77);
  guest.grant(8, 5, 1, true);
  guest.grant(9, 5, 3);
  return made;
}

describe("a service's world", () => {
  it("reads, writes, maps and copies what the service may", () => {
    const made = system("work");
    made.settle();
    expect(made.service("probe").crash).toBeUndefined();
    expect(made.service("probe").log).toBe("11111");
  });

  it.each(["handle", "unmapped", "border", "huge", "crooked", "linear", "write"])(
    "ends a service that errs (%s), and it alone",
    (kind) => {
      const made = system(kind);
      made.settle();
      expect(made.service("probe").crash).toBeDefined();
      made.advance(10_000n);
      const bystander = made.service("bystander");
      expect([bystander.crash, bystander.deadline > made.machine.ticks]).toEqual([undefined, true]);
    },
  );

  it("calls a service when its time has come, and begins anew after an end", () => {
    const made = system("timer");
    made.settle();
    const first = made.service("probe").deadline;
    made.advance(1_000_000n);
    expect(made.service("probe").deadline).toBeGreaterThan(first);
    const again = made.start("probe");
    made.advance(1_000n);
    expect(again.crash).toBeUndefined();
  });
});
