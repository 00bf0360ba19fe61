// What would be caught: a service that hangs and nobody notices, one that rests and is taken for
// one that hangs, and an end that somebody wanted and is undone.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ServiceSystem } from "../../../../disaggregation/runtime/node/system.ts";
import { corePath } from "../../../spec/world.ts";
import { serviceBytes } from "../support/compiled.ts";
import { labelsOf } from "../support/labels.ts";
import { toolstackSystem } from "../toolstack/toolstack-system.ts";

const NAMES = ["xenstore", "keeper"] as const;
/** Longer than the keeper is patient. */
const LONG = 18_000_000_000n;
const SCHED_OP = 29;
const SHUTDOWN = 2;
const POWER_OFF = 0;

function system(): ServiceSystem {
  const { bytes, labels } = labelsOf(NAMES);
  return new ServiceSystem({
    core: new Uint8Array(readFileSync(corePath)),
    policy: bytes,
    members: NAMES.map((name, index) => {
      const service = { kind: name, wasm: serviceBytes(name) };
      return { name, label: labels[index]!, service };
    }),
  });
}

describe.skipIf(!existsSync(corePath))("the keeper", () => {
  it("makes a service again that hangs, and leaves one alone that rests", () => {
    const world = system();
    const first = world.service("xenstore");
    world.advance(LONG);
    expect(world.service("xenstore")).toBe(first);
    first.hangs = true;
    world.advance(LONG);
    expect(world.service("xenstore")).not.toBe(first);
    expect(world.domain("xenstore").lives).toBe(true);
    expect(world.service("keeper").log).toBe("domain 1 hangs\ndomain 1 runs again\n");
  });

  it("leaves the toolstack alone that switched itself off", () => {
    const { system: world } = toolstackSystem({ keeper: true });
    const toolstack = world.domain("toolstack");
    toolstack.awaken();
    toolstack.call(SCHED_OP, SHUTDOWN, [POWER_OFF]);
    world.advance(LONG / 18n);
    expect(toolstack.lives).toBe(false);
  });
});
