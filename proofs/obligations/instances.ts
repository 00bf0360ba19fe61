// Invariants without quantifiers: they are assumed at the rows that a step touches, at the row that
// a goal is about, and at the rows that these mention. Too few instances can only make a proof
// fail.

import type { Invariant } from "../../spec/lang/invariant.ts";
import type { Word } from "../../spec/lang/word.ts";
import { type TableName, tables } from "../../spec/tables.ts";
import {
  and,
  constant,
  extract,
  implies,
  type Term,
  ult,
  variable,
  zeroExtend,
} from "../term/index.ts";
import { type Access, indexWidth, type State } from "../wasm/index.ts";
import { emptyContext, SymbolicTransaction } from "./symbolic.ts";
import { conditionOf, wordOf } from "./values.ts";

/** A row of a table, by its number (as wide as the table's columns want it). */
export interface Seed {
  readonly table: string;
  readonly index: Term;
}

/** The keys of a row number. Only the first key of a table may have a count that is no power of
 *  2. */
export function keysOf(table: TableName, index: Term): Word[] {
  const counts = tables[table].keys;
  const words: Word[] = [];
  let low = 0;
  for (let at = counts.length - 1; at >= 0; at--) {
    const bits = at === 0 ? index.width - low : Math.log2(counts[at]!);
    const key = bits === 0 ? constant(32, 0) : extract(index, low + bits - 1, low);
    words.unshift(wordOf(zeroExtend(key, 32)));
    low += bits;
  }
  return words;
}

interface Instance {
  readonly holds: Term;
  readonly touched: readonly Seed[];
  readonly accesses: readonly Access[];
}

/** Of a state, what has been said; goals about one state ask the same again and again. */
const said = new WeakMap<State, Map<string, Instance>>();

/** `instance` of a state that is not changed any more. */
function known(invariant: Invariant, index: Term, state: State, other?: Term): Instance {
  const ofState = said.get(state) ?? new Map<string, Instance>();
  said.set(state, ofState);
  const key = `${invariant.id} ${index.id} ${other?.id ?? ""}`;
  const made = ofState.get(key) ?? instance(invariant, index, state, other);
  ofState.set(key, made);
  return made;
}

/** What an invariant says of one row in a state (of two, if it is about pairs), and the rows that
 *  it reads. */
export function instance(invariant: Invariant, index: Term, state: State, other?: Term): Instance {
  const copy = state.clone();
  copy.record = state.record.successor();
  const s = new SymbolicTransaction(copy, emptyContext());
  const keys = keysOf(invariant.table, index);
  if (other !== undefined) keys.push(...keysOf(invariant.other!, other));
  const holds = conditionOf(invariant.holds(s, ...keys));
  const { accesses } = copy.record;
  const touched = accesses.map(({ column, index }) => ({
    table: copy.column(column).table,
    index,
  }));
  return { holds, touched, accesses };
}

/** Rows that stand for any of their tables, for a goal about an invariant. */
export function anyRows(invariant: Invariant, state: State, stem: string): Seed[] {
  const columns = [...state.space.columns.values()];
  const row = (table: TableName, name: string): Seed => {
    const column = columns.find((one) => one.table === table)!;
    return { table, index: variable(`${name}.${table}`, indexWidth(column)) };
  };
  const first = row(invariant.table, stem);
  return invariant.other === undefined ? [first] : [first, row(invariant.other, `${stem}.other`)];
}

/** The columns that the invariants read. */
export function columnsRead(invariants: readonly Invariant[], state: State): readonly string[] {
  const names = invariants.flatMap((invariant) => {
    const [one, other] = anyRows(invariant, state, "some.row");
    const { accesses } = instance(invariant, one!.index, state, other?.index);
    return accesses.map((access) => access.column);
  });
  return [...new Set(names)];
}

/** The row exists: its number has no bits to spare, or is below the number of rows. */
function inTable(table: TableName, index: Term): Term {
  const rows = tables[table].keys.reduce((product, count) => product * count, 1);
  const wide = zeroExtend(index, 64);
  return ult(wide, constant(64, rows));
}

/** All invariants at the seeds, and `rounds` times at the rows that the last ones mention. */
export function instances(
  invariants: readonly Invariant[],
  seeds: readonly Seed[],
  state: State,
  rounds: number,
): Term[] {
  const facts: Term[] = [];
  const done = new Set<string>();
  const rows: Seed[] = [];
  let front: readonly Seed[] = seeds;
  for (let round = 0; round <= rounds; round++) {
    const next: Seed[] = [];
    for (const { table, index } of front) {
      const key = `${table} ${index.id}`;
      if (done.has(key)) continue;
      done.add(key);
      rows.push({ table, index });
      for (const invariant of invariants) {
        if (invariant.table !== table || invariant.other !== undefined) continue;
        const { holds, touched } = known(invariant, index, state);
        facts.push(implies(inTable(invariant.table, index), holds));
        next.push(...touched);
      }
    }
    front = next;
  }
  return [...facts, ...pairs(invariants, rows, state)];
}

/** The invariants about pairs, at all pairs of rows. */
function pairs(invariants: readonly Invariant[], rows: readonly Seed[], state: State): Term[] {
  return invariants.flatMap((invariant) => {
    const { table, other } = invariant;
    if (other === undefined) return [];
    const firsts = rows.filter((row) => row.table === table);
    const seconds = rows.filter((row) => row.table === other);
    return firsts.flatMap((one) =>
      seconds.flatMap((two) => {
        if (table === other && one.index === two.index) return [];
        const inside = and(inTable(table, one.index), inTable(other, two.index));
        return [implies(inside, known(invariant, one.index, state, two.index).holds)];
      }),
    );
  });
}
