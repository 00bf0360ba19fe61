// Invariants about pairs of rows, at the end of a program: of each row that the program changed,
// with every row that is in use or that a program ever changed.

import { invariants } from "../../spec/invariants/index.ts";
import type { Invariant } from "../../spec/lang/invariant.ts";
import type { TableName } from "../../spec/tables.ts";
import { columns, linearBytes } from "../../tcb/core/layout.ts";
import { place } from "../instrument/places.ts";
import { columnAt, GRANULE_SHIFT } from "../world/columns.ts";
import type { Violation } from "../world/executor.ts";
import type { FuzzMachine } from "../world/machine.ts";
import { compiledOn, firstRows, isSo, keysOf } from "./instances.ts";

/** Rows of a table that matter: by their number, with their keys. */
type Rows = Map<number, readonly number[]>;
/** Rows that are looked at of those that a program changed. */
const CHANGED_MAX = 16;

interface Pair {
  readonly invariant: Invariant;
  readonly holds: (...keys: readonly number[]) => boolean;
  readonly table: TableName;
  readonly other: TableName;
}

export class Pairs {
  readonly #machine: FuzzMachine;
  readonly #pairs: readonly Pair[];
  readonly #rows = new Map<string, Rows>();

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    const compiled = compiledOn(machine, new Int32Array(1));
    this.#pairs = invariants.flatMap((invariant, index): Pair[] => {
      const { table, other } = invariant;
      if (other === undefined) return [];
      const holds = compiled.holds[index] as unknown as Pair["holds"];
      return [{ invariant, holds, table, other }];
    });
    for (const { table, other } of this.#pairs) {
      for (const name of [table, other]) {
        const keys = (row: number): [number, readonly number[]] => [row, keysOf(name, row)];
        if (!this.#rows.has(name)) this.#rows.set(name, new Map(firstRows(name).map(keys)));
      }
    }
  }

  /** Looks at the rows that the undo log names. */
  look(): Violation | undefined {
    const changed = this.#changed();
    for (const pair of this.#pairs) {
      const found =
        this.#lookAt(pair, changed.get(pair.table), this.#rows.get(pair.other)!) ??
        this.#lookAt(pair, this.#rows.get(pair.table)!, changed.get(pair.other));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #changed(): Map<string, Rows> {
    const { words, logEnd } = this.#machine;
    const changed = new Map<string, Rows>();
    for (let entry = place.log; entry < logEnd; entry += 16) {
      const address = words[entry >> 2]!;
      if (address >= linearBytes) continue;
      const column = columns[columnAt[address >> GRANULE_SHIFT]! - 1];
      const known = column && this.#rows.get(column.table);
      if (column === undefined || known === undefined) continue;
      const row = Math.floor((address - column.base) / column.stride);
      const keys = known.get(row) ?? keysOf(column.table as TableName, row);
      known.set(row, keys);
      const rows: Rows = changed.get(column.table) ?? new Map();
      if (rows.size < CHANGED_MAX) changed.set(column.table, rows.set(row, keys));
    }
    return changed;
  }

  #lookAt({ invariant, holds }: Pair, ones?: Rows, others?: Rows): Violation | undefined {
    if (ones === undefined || others === undefined) return undefined;
    for (const one of ones.values()) {
      for (const other of others.values()) {
        if (isSo(() => holds(...one, ...other))) continue;
        const rows = `${invariant.table}(${one.join(", ")}), ${invariant.other}(${other.join(", ")})`;
        const says = `${invariant.says} Not so for ${rows}.`;
        return { oracle: "invariant", about: invariant.id, says };
      }
    }
    return undefined;
  }
}
