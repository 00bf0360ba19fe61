// What blocks promise of single rows, as facts for goals that speak of such rows, and as goals of
// the block's own proof.

import { equal, implies, type Term, variable } from "../term/index.ts";
import { type Cells, indexWidth, readCells, type State } from "../wasm/index.ts";
import { type Block, type BlockUse, outputsOf, type Promised, takeBlock } from "./block.ts";
import type { Claim } from "./case.ts";
import { keysOf, type Seed } from "./instances.ts";
import { conclusionIn, partition } from "./split.ts";
import { emptyContext, SymbolicTransaction } from "./symbolic.ts";
import { conditionOf, wordOf } from "./values.ts";

/** A look at a state that has these contents. */
function lookAt(start: State, cells: ReadonlyMap<string, Cells>): SymbolicTransaction {
  const state = start.clone();
  state.record = start.record.successor();
  for (const [name, contents] of cells) state.cells.set(name, contents);
  return new SymbolicTransaction(state, emptyContext());
}

/** The contents of all columns. */
const cellsOf = (state: State): ReadonlyMap<string, Cells> => new Map(state.cells);

/** What one promise says of a row, and the rows that it reads before. */
function promised(
  promise: Promised,
  before: SymbolicTransaction,
  after: SymbolicTransaction,
  words: readonly Term[],
  row: Term,
): { holds: Term; touched: Seed[] } {
  const known = before.state.record.accesses.length;
  const keys = keysOf(promise.table, row);
  const holds = conditionOf(promise.holds(before, after, words.map(wordOf), ...keys));
  const touched = before.state.record.accesses.slice(known).map(({ column, index }) => ({
    table: before.state.column(column).table,
    index,
  }));
  return { holds, touched };
}

/** What blocks that were taken promise of the rows, and the rows that this is about. */
export function promisesAt(start: State, uses: readonly BlockUse[], rows: readonly Seed[]) {
  const facts: Term[] = [];
  const seeds: Seed[] = [];
  for (const { block, guard, before, inputs, number } of uses) {
    if (block.promises === undefined) continue;
    const old = lookAt(start, before);
    const behind = lookAt(start, before);
    takeBlock(behind.state, block, inputs, []);
    const words = [...inputs, ...outputsOf(block, number)];
    for (const promise of block.promises) {
      for (const { table, index } of rows) {
        if (table !== promise.table) continue;
        const { holds, touched } = promised(promise, old, behind, words, index);
        facts.push(implies(guard, holds));
        seeds.push(...touched);
      }
    }
  }
  return { facts, seeds };
}

/** What has to be shown of a block's function: its promises, and what it leaves in whole columns. */
export function promiseClaims(block: Block, inputs: readonly Term[]) {
  return (before: State, after: State, result?: Term): Claim[] => {
    const words = result === undefined ? inputs : [...inputs, result];
    const own = (block.promises ?? []).map((promise): Claim => {
      const column = [...before.space.columns.values()].find((one) => one.table === promise.table)!;
      const row = variable(`skolem.${promise.table}`, indexWidth(column));
      const old = lookAt(before, cellsOf(before));
      const now = lookAt(before, cellsOf(after));
      const { holds, touched } = promised(promise, old, now, words, row);
      const rows = [{ table: promise.table, index: row }, ...touched];
      const claim = { property: promise.says, conclusion: holds, rows };
      if (promise.situations === undefined) return claim;
      const guards = promise.situations(old, ...keysOf(promise.table, row)).map(conditionOf);
      const all = partition(guards.map((guard) => ({ name: promise.says, guard })));
      return { ...claim, apart: all.map(({ guard }) => conclusionIn(guard, holds)) };
    });
    return [...own, ...leavesClaims(block, inputs, before, after)];
  };
}

function leavesClaims(block: Block, inputs: readonly Term[], before: State, after: State): Claim[] {
  if (block.leaves === undefined) return [];
  const state = before.clone();
  block.leaves(state, inputs);
  const columns = [...before.space.columns.values()];
  const written = columns.filter(({ name }) => state.contents(name) !== before.contents(name));
  return written.map((column) => {
    const row = variable(`skolem.${column.table}`, indexWidth(column));
    const [wanted, found] = [state, after].map((one) => readCells(one.contents(column.name), row));

    return {
      property: `leaves ${column.name}`,
      conclusion: equal(wanted!, found!),
      rows: [{ table: column.table, index: row }],
    };
  });
}
