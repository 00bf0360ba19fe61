// Loops that search or count: what stands for them must be what rounds one by one would find, and a
// loop that does something else besides must be refused.

import { beforeAll, expect, test } from "vitest";
import * as t from "../../../proofs/term/index.ts";
import { type Column, decodeModule, Executor } from "../../../proofs/wasm/index.ts";
import type { Questions } from "../../../proofs/wasm/loop-search.ts";
import { compile } from "../compile.ts";

const ROWS = 16;
const columns: readonly Column[] = [
  { table: "row", name: "rowState", base: 65536, stride: 1, width: 1, rows: ROWS },
];
const source = `
function state(row: u32): u32 { return load<u8>(65536 + <usize>row); }
export function firstFree(): u32 {
  let row: u32 = 0;
  while (row < 15 && state(row) != 0) row++;
  return row;
}
export function busy(first: u32): u32 {
  let found: u32 = first;
  for (let row: u32 = 0; row < 16; row++) if (state(row) > 1) found++;
  return found;
}
export function weighed(): u32 {
  let sum: u32 = 0;
  for (let row: u32 = 0; row < 16; row++) sum += state(row);
  return sum;
}
export function changed(): u32 {
  let row: u32 = 0;
  while (row < 15 && state(row) != 0) { store<u8>(65536 + <usize>row, 7); row++; }
  return row;
}
`;

const bound = t.variable("bound", 32);
/** The questions that loops asked, with their limits. */
const asked: [string, t.Term, number][] = [];
const questions: Questions = {
  bound,
  least: (condition, limit) => {
    asked.push(["least", condition, limit]);
    return { exists: t.variable("exists", 0), index: t.variable("index", 32) };
  },
  count: (condition, limit) => {
    asked.push(["count", condition, limit]);
    return t.variable("count", 32);
  },
};

let executor: Executor;
beforeAll(async () => {
  executor = new Executor(decodeModule(await compile(source)), { columns, hosts: [], questions });
});

const word = (value: number, width = 32) => t.constant(width, value);

/** Numbers that satisfy a condition on `bound`, if the rows hold these. */
function satisfying(condition: t.Term, rows: readonly number[], limit: number): number[] {
  const cells = new Map(rows.map((value, row) => [`${row}`, BigInt(value)]));
  const functions = new Map([["rowState", cells]]);
  return [...Array(limit).keys()].filter(
    (at) =>
      t.evaluate(condition, { variables: new Map([["bound", BigInt(at)]]), functions }) === 1n,
  );
}

const rows = [2, 1, 5, 0, 1, 0, 3, 1, 1, 1, 1, 1, 1, 1, 2, 9];

test("a while-loop that ends by a condition is the least number that satisfies it", () => {
  asked.length = 0;
  const run = executor.run("firstFree", []);
  expect(run.loops).toMatchObject([{ summarised: true }]);
  expect(run.obligations.every(({ condition }) => condition === t.TRUE)).toBe(true);
  const [[kind, condition, limit]] = asked as [(typeof asked)[number]];
  expect([kind, limit]).toEqual(["least", 15]);
  expect(satisfying(condition, rows, limit)).toEqual([3, 5]);
  const { exists, index } = { exists: t.variable("exists", 0), index: t.variable("index", 32) };
  expect(run.result).toBe(t.ite(exists, index, word(15)));
});

test("a loop that adds one for some rows is how many they are, on top of what was there", () => {
  asked.length = 0;
  const [first] = executor.unknownArguments("busy");
  const run = executor.run("busy", [first!]);
  const [[kind, condition, limit]] = asked as [(typeof asked)[number]];
  expect([kind, limit]).toEqual(["count", ROWS]);
  expect(satisfying(condition, rows, limit)).toEqual([0, 2, 6, 14, 15]);
  expect(run.result).toBe(t.add(first!, t.variable("count", 32)));
});

test("sums and loops that store are no questions: they go round", () => {
  asked.length = 0;
  const sum = executor.run("weighed", []);
  expect(t.postorder([sum.result!]).some(({ name }) => name === "count")).toBe(false);
  expect(executor.run("changed", []).loops).toMatchObject([{ summarised: false }]);
  expect(asked).toEqual([]);
});
