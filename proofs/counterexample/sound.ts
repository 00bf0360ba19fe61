// Does a state of numbers satisfy the invariants where anything looks? A solver is told only some
// of them, so what it answers has to be checked; and where nothing looks, it answers anything.

import { ConcreteState, truth } from "../../spec/lang/concrete.ts";
import type { Invariant } from "../../spec/lang/invariant.ts";
import { SpecificationError } from "../../spec/lang/word.ts";
import { columns } from "../../tcb/core/layout.ts";
import type { Seed } from "../obligations/instances.ts";
import { constant } from "../term/index.ts";
import { indexWidth } from "../wasm/index.ts";
import { type Cell, cellName, keysOf, NotingTransaction } from "./noting.ts";
import type { Witness } from "./witness.ts";

const LIMIT_ROWS = 400;

export interface Examined {
  /** The witness with 0 wherever neither the cells nor the invariants of their rows look. */
  readonly around: Witness;
  /** Rows at which an invariant does not hold. */
  readonly broken: readonly Seed[];
}

const byName = new Map(columns.map((column) => [column.name, column]));

/** The cells of a witness that do not hold 0. */
export const cellsOf = ({ rows }: Witness): Cell[] =>
  rows.map(([name, row]) => ({ column: byName.get(name)!, row }));

/** Looks at the invariants of the cells' rows, of the rows that those mention, and so on. */
export function examine(
  invariants: readonly Invariant[],
  witness: Witness,
  cells: Iterable<Cell>,
): Examined {
  const state = new ConcreteState();
  for (const [name, row, value] of witness.rows) state.set(byName.get(name)!, row, value);
  const kept = new Set<string>();
  const rows = new Map<string, Cell>();
  const note = ({ column, row }: Cell): void => {
    kept.add(cellName(column, row));
    const place = placeOf({ column, row });
    if (!rows.has(place) && rows.size < LIMIT_ROWS) rows.set(place, { column, row });
  };
  for (const cell of cells) note(cell);
  const broken: Seed[] = [];
  // What is added on the way is visited as well.
  for (const { column, row } of rows.values()) {
    const { table } = column;
    const own = invariants.filter((one) => one.table === table && one.other === undefined);
    const s = new NotingTransaction(state, { linearBase: witness.linearBase, perform: () => 0n });
    const words = keysOf(column, row).map((key) => s.word32(key));
    const failed = own.filter((one) => !holds(() => truth(one.holds(s, ...words))));
    for (const cell of s.cells.values()) note(cell);
    if (failed.length > 0) broken.push({ table, index: constant(indexWidth(column), BigInt(row)) });
  }
  const isKept = ([name, row]: Witness["rows"][number]): boolean =>
    kept.has(cellName(byName.get(name)!, row));
  return { around: { ...witness, rows: witness.rows.filter(isKept) }, broken };
}

const placeOf = ({ column, row }: Cell): string => `${column.table} ${row}`;

/** Like examine; rows that hold none of the cells are emptied one by one, as long as no row breaks
 *  an invariant that broke none before. */
export function examineFewest(
  invariants: readonly Invariant[],
  witness: Witness,
  cells: readonly Cell[],
): Examined {
  const needed = new Set(cells.map(placeOf));
  let best = examine(invariants, witness, cells);
  for (let count = Number.POSITIVE_INFINITY; best.around.rows.length < count; ) {
    count = best.around.rows.length;
    const places = new Set(cellsOf(best.around).map(placeOf));
    for (const place of places) {
      if (needed.has(place)) continue;
      const rows = best.around.rows.filter((_, at) => placeOf(cellsOf(best.around)[at]!) !== place);
      const tried = examine(invariants, { ...witness, rows }, cells);
      if (isWithin(tried.broken, best.broken)) best = tried;
    }
  }
  return best;
}

function isWithin(some: readonly Seed[], others: readonly Seed[]): boolean {
  const known = new Set(others.map(({ table, index }) => `${table} ${index.value}`));
  return some.every(({ table, index }) => known.has(`${table} ${index.value}`));
}

/** A state that breaks an invariant may have no meaning for another. */
function holds(condition: () => boolean): boolean {
  try {
    return condition();
  } catch (error) {
    if (error instanceof SpecificationError) return false;
    throw error;
  }
}
