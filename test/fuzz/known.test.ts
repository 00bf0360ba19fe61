// Workers of a cluster tell each other what inputs reached instead of running them again. Catches:
// features that mean something else in another process, inputs that are run although they are
// known, and such as are not run although they are not.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Campaign } from "../../fuzz/campaign/campaign.ts";
import { inputName, Store } from "../../fuzz/campaign/store.ts";
import { Chance } from "../../fuzz/program/generate.ts";
import { HypercallTarget } from "../../fuzz/targets/hypercall.ts";
import { artefacts } from "../../scripts/artefacts.ts";
import { built } from "./judged.ts";

const PROGRAMS = 60;
const folder = mkdtempSync(join(tmpdir(), "xenolith-known-"));
afterAll(() => rmSync(folder, { recursive: true }));

const nothing = { name: "nothing", comparisons: false, run: async () => {} };
const options = { seconds: 0, ofCpu: false, seed: 1, core: "", untilFound: false, guided: true };

describe.skipIf(!built)("what inputs reached (skipped unless built)", () => {
  const store = new Store(folder);
  const features: number[] = [];
  let first: HypercallTarget;
  let second: HypercallTarget;
  beforeAll(() => {
    const core = new Uint8Array(readFileSync(artefacts.core));
    first = new HypercallTarget(core, ["safety"]);
    second = new HypercallTarget(core, ["safety"]);
    const chance = new Chance(1);
    for (let index = 0; index < PROGRAMS; index++) {
      const bytes = first.generate(chance);
      if (first.run(bytes).fresh) store.addInput(bytes);
      features.push(...first.freshFeatures());
    }
  }, 60_000);

  it("is the same in another process's target, which then finds nothing new in them", () => {
    second.learn(features);
    expect(second.figures().edges).toBe(first.figures().edges);
    for (const bytes of store.inputs()) expect(second.run(bytes).fresh).toBe(false);
    expect(second.freshFeatures()).toEqual([]);
  });

  it("lets a campaign begin without running what is known, and run the rest", async () => {
    const names = store.inputNames();
    const before = second.figures().executions;
    const campaign = new Campaign(second, store, options);
    const told: string[] = [];
    campaign.onInput = (bytes, reached) => told.push(`${inputName(bytes)} ${reached?.length}`);
    const { corpus } = await campaign.run(nothing, names.slice(2));
    expect(corpus).toBe(names.length);
    expect(second.figures().executions - before).toBe(2);
    expect(told).toEqual(names.slice(0, 2).map((name) => `${name} 0`));
  });
});
