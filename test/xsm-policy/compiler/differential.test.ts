/** A few dozen random policies against checkpolicy; the acceptance run takes 20,000. */

import { describe, expect, it } from "vitest";
import { hasCheckpolicy, runDifferential } from "./differential.ts";

/** Policies in each run of the tests. */
const COUNT = 40;

const available = hasCheckpolicy();
if (!available) process.stderr.write("skipped: checkpolicy is not installed\n");

describe.skipIf(!available)("random policies", () => {
  it("get checkpolicy's verdict, relation and decisions, or a listed reason", () => {
    const { differences, accepted } = runDifferential(COUNT, 1);
    const unexplained = differences.filter(({ explanation }) => explanation === undefined);
    expect(unexplained.map(({ seed, what }) => `seed ${seed}: ${what}`)).toEqual([]);
    expect(accepted).toBeGreaterThan(COUNT / 4);
  });
});
