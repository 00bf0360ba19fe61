// The subjects of the service domains: their seeds come to something and are in order, some hundred
// inputs by chance find nothing, and a service or reader with a mistake is found out. Skips what
// needs the core where that is not built.

import { expect, test } from "vitest";
import { subject } from "../../bin/fuzz-subjects.ts";
import { Chance } from "../../fuzz/program/generate.ts";
import { ByteTarget } from "../../fuzz/targets/bytes.ts";
import { built } from "./judged.ts";

const PATIENCE = 240_000;
const names = [
  ["management", 60],
  ["xenstore-wire", 40],
  ["block-ring", 20],
  ["network-ring", 20],
  ["xenbus", 40],
  ["system", 2],
] as const;

test.each(names)(
  "%s: seeds and inputs by chance find nothing, and come to different ends (skipped unless built)",
  async (name, runs) => {
    if (name === "system" && !built) return;
    const one = await subject(name);
    const target = new ByteTarget(one);
    for (const seed of one.seeds) expect(target.run(seed).failure).toBeUndefined();
    const chance = new Chance(7);
    for (let run = 0; run < runs; run++) {
      expect(target.run(target.generate(chance)).failure).toBeUndefined();
    }
    expect(target.figures().edges).toBeGreaterThan(1);
  },
  PATIENCE,
);
