// Proofs by few facts: a verdict that rests on a fact that was left out, or on values of a function
// that differ for equal arguments, would be wrong.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askLazily } from "../../../proofs/runner/lazy.ts";
import { hintFor, markOf, Record } from "../../../proofs/runner/recorded.ts";
import { createSolver, type Solver } from "../../../proofs/solver/index.ts";
import * as t from "../../../proofs/term/index.ts";

const word = (value: number) => t.constant(8, value);
const row = (name: string) => t.variable(name, 8);
const cell = (index: t.Term) => t.apply("cell", [index], 8);
const limits = { timeoutMs: 20_000, effort: 10_000_000 };

/** cell(n) < 10 for many n. */
const bounds = Array.from({ length: 100 }, (_, at) => t.ult(cell(word(at)), word(10)));
const folder = mkdtempSync(join(tmpdir(), "recorded-"));

let inner: Solver;
let asked = 0;
const solver: Solver = {
  name: "z3-wasm",
  version: () => inner.version(),
  solve: (text, options) => {
    asked++;
    return inner.solve(text, options);
  },
  close: () => inner.close(),
};
beforeAll(() => {
  inner = createSolver("z3-wasm", { workers: 1 });
});
afterAll(async () => {
  await inner.close();
  rmSync(folder, { recursive: true });
});

test("a proof asserts the facts that it needs and not the others", async () => {
  const claim = t.not(t.ult(cell(word(7)), word(11)));
  const found = await askLazily({ claim, facts: bounds, comment: "" }, solver, limits);
  expect(found!.answer.verdict).toBe("unsat");
  expect(found!.facts).toEqual([bounds[7]]);
  expect(found!.text.match(/^\(assert /gm)).toHaveLength(2);
});

test("equal arguments have equal values, also where only a fact says that they are equal", async () => {
  const claim = t.not(t.equal(cell(row("a")), cell(row("b"))));
  const facts = [t.equal(row("a"), row("c")), t.equal(row("c"), row("b"))];
  const found = await askLazily({ claim, facts, comment: "" }, solver, limits);
  expect(found!.answer.verdict).toBe("unsat");
  expect(found!.pairs).toHaveLength(1);
  const open = await askLazily({ claim, facts: facts.slice(1), comment: "" }, solver, limits);
  expect(open!.answer.verdict).toBe("sat");
});

test("what is found satisfies all facts, those included that were never asserted", async () => {
  const claim = t.ult(word(5), cell(row("a")));
  const found = await askLazily({ claim, facts: bounds, comment: "" }, solver, limits);
  expect(found!.answer.verdict).toBe("sat");
  const none = t.and(claim, t.ult(word(9), cell(row("a"))), t.ult(row("a"), word(100)));
  const few = { claim: t.and(none, t.ult(row("a"), word(3))), facts: bounds.slice(0, 3) };
  const refuted = await askLazily({ ...few, comment: "" }, solver, limits);
  expect(refuted!.answer.verdict).toBe("unsat");
});

test("a record makes a proof one query, and an outdated one does no harm", async () => {
  const claim = t.not(t.ult(cell(word(7)), word(11)));
  const goal = { claim, facts: bounds, comment: "" };
  const first = await askLazily(goal, solver, limits);
  const record = new Record();
  record.note(markOf(claim), hintFor(0, first!.facts, first!.pairs));
  record.noteTime("family: an operation", 12);
  const file = join(folder, "recorded.txt");
  record.write(file);
  const read = Record.from(file);
  expect(read.timeOf("family: an operation")).toBe(12);
  asked = 0;
  const second = await askLazily(goal, solver, limits, read.hintOf(claim));
  expect(second!.text).toBe(first!.text);
  expect(asked).toBe(1);
  const wrong = hintFor(0, [bounds[3]!], []);
  const third = await askLazily(goal, solver, limits, wrong);
  expect(third!.answer.verdict).toBe("unsat");
});
