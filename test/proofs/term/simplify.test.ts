import fc from "fast-check";
import { expect, test } from "vitest";
import * as term from "../../../proofs/term/index.ts";
import { environment, Grower, growth } from "./random.ts";

const STEPS = 40;

function grow(sample: { values: bigint[]; choices: number[] }) {
  const start = environment(sample.values);
  const grower = new Grower(start, sample.choices);
  for (let step = 0; step < STEPS; step++) grower.step();
  return { grower, assignment: start.assignment };
}

test("no rewriting rule changes a value (a wrong rule would prove false things)", () => {
  fc.assert(
    fc.property(growth, (sample) => {
      const { grower, assignment } = grow(sample);
      const all = [...grower.words, ...grower.conditions];
      const got = term.evaluateAll(
        all.map((one) => one.term),
        assignment,
      );
      for (const [at, one] of all.entries()) expect(got[at]).toBe(one.value);
    }),
    { numRuns: 1500, seed: 7 },
  );
});

test("normalising a word keeps its value and is idempotent", () => {
  fc.assert(
    fc.property(growth, (sample) => {
      const { grower, assignment } = grow(sample);
      for (const { term: word, value } of grower.words) {
        const normal = term.normalise(word);
        expect(term.evaluate(normal, assignment)).toBe(value);
        expect(term.normalise(normal)).toBe(normal);
      }
    }),
    { numRuns: 200, seed: 8 },
  );
});

test("substituting the values for the variables gives the value", () => {
  fc.assert(
    fc.property(growth, (sample) => {
      const { grower, assignment } = grow(sample);
      const values = new Map<term.Term, term.Term>();
      for (const [name, value] of assignment.variables) {
        const width = Number(name.split("_")[1]);
        values.set(term.variable(name, width), term.constant(width, value));
      }
      const words = grower.words.map((one) => one.term);
      const folded = term.substitute(words, values);
      for (const [at, one] of grower.words.entries()) expect(folded[at]!.value).toBe(one.value);
      expect(folded.every(term.isConstant)).toBe(true);
    }),
    { numRuns: 200, seed: 9 },
  );
});
