// Does a state of numbers satisfy the invariants where anything looks? A solver is told only some
// of them, so what it answers has to be checked.

import { ConcreteState, ConcreteTransaction, truth } from "../../spec/lang/concrete.ts";
import type { Invariant } from "../../spec/lang/invariant.ts";
import { SpecificationError, type Word } from "../../spec/lang/word.ts";
import { type TableName, tables } from "../../spec/tables.ts";
import { type Column, columns } from "../../tcb/core/layout.ts";
import type { Seed } from "../obligations/instances.ts";
import { constant } from "../term/index.ts";
import { indexWidth } from "../wasm/index.ts";
import type { Witness } from "./witness.ts";

const LIMIT_ROWS = 400;

/** The keys of a row number. */
function keysOf(s: ConcreteTransaction, table: TableName, row: number): Word[] {
  const words: Word[] = [];
  let rest = row;
  for (const count of [...tables[table].keys].reverse()) {
    words.unshift(s.word32(rest % count));
    rest = Math.floor(rest / count);
  }
  return words;
}

/** Rows of the witness at which an invariant does not hold. `looked` are rows as portState[3, 17]
 *  that the specification read. */
export function brokenRows(
  invariants: readonly Invariant[],
  witness: Witness,
  looked: ReadonlySet<string>,
): Seed[] {
  const state = new ConcreteState();
  const byName = new Map(columns.map((column) => [column.name, column]));
  const rows = new Set<string>();
  for (const [name, row, value] of witness.rows) {
    state.set(byName.get(name)!, row, value);
    rows.add(`${byName.get(name)!.table} ${row}`);
  }
  for (const name of looked) rows.add(rowOf(name, byName));
  const broken: Seed[] = [];
  for (const place of [...rows].slice(0, LIMIT_ROWS)) {
    const [table, row] = place.split(" ") as [TableName, string];
    const own = invariants.filter((one) => one.table === table && one.other === undefined);
    if (own.every((one) => holds(one, state, Number(row)))) continue;
    const column = columns.find((one) => one.table === table)!;
    broken.push({ table, index: constant(indexWidth(column), BigInt(row)) });
  }
  return broken;
}

/** "port 12305" for portState[3, 17]. */
function rowOf(name: string, byName: ReadonlyMap<string, Column>): string {
  const [, column, keys] = /^([A-Za-z0-9]+)\[(.*)\]$/.exec(name)!;
  const { table } = byName.get(column!)!;
  const counts = tables[table as TableName].keys;
  const numbers = keys!.split(", ").map(Number);
  const row = numbers.reduce((sum, key, at) => sum * counts[at]! + key, 0);
  return `${table} ${row}`;
}

function holds(invariant: Invariant, state: ConcreteState, row: number): boolean {
  const silent = { linearBase: 0n, perform: () => 0n };
  const s = new ConcreteTransaction(state, silent);
  try {
    return truth(invariant.holds(s, ...keysOf(s, invariant.table, row)));
  } catch (error) {
    if (error instanceof SpecificationError) return false;
    throw error;
  }
}
