// Invariants about single rows: which of them look at which cells of the tables.

import { invariants } from "../../spec/invariants/index.ts";
import type { Invariant } from "../../spec/lang/invariant.ts";
import { type TableName, tables } from "../../spec/tables.ts";
import { type Column, columns } from "../../tcb/core/layout.ts";
import {
  type CompiledInvariants,
  type Holds,
  makeInvariants,
  specificationCode,
} from "../compiler/index.ts";
import { columnAt, GRANULE_SHIFT } from "../world/columns.ts";
import type { FuzzMachine } from "../world/machine.ts";
import { residents } from "../world/pack.ts";
import { AddressTable } from "./addresses.ts";

/** An invariant about one row. */
export interface Instance {
  /** In the order in which they were made. */
  readonly number: number;
  readonly invariant: Invariant;
  /** Columns that it may read. */
  readonly columns: ReadonlySet<string>;
  readonly holds: Holds;
  readonly keys: readonly number[];
  /** Sums over the cells that it read in earlier looks: the same cells are not noted again. */
  readonly sums: Set<number>;
  /** The sum of the last look. */
  sum: number;
}

/** A cell of the tables, and the numbers of what is to be looked at again when it changes. */
export interface Watched {
  /** The invariants about its row that may read it. */
  readonly own: readonly number[];
  /** What else read it in any look so far. */
  readonly readers: number[];
}

/** Tables with more rows than this are looked at where programs go, and in the residents' first. */
const ROWS_ALL = 10_000;
const ROWS_RESIDENT = 130;
/** Sums that are kept of an instance, at most; reads that are noted of a look. */
const SUMS_MAX = 64;
const READS = 4096;
/** What compiled code throws where an invariant reads a row that does not exist. */
const BAD = new Error("no such row");

/** By table: the indices of the invariants about its rows. */
const byTable = new Map<string, number[]>();
for (const [index, { table, other }] of invariants.entries()) {
  if (other === undefined) byTable.set(table, [...(byTable.get(table) ?? []), index]);
}

/** The keys of a row of a table, the most significant first. */
export function keysOf(table: TableName, row: number): number[] {
  const keys: number[] = [];
  let rest = row;
  for (const count of [...tables[table].keys].reverse()) {
    keys.unshift(rest % count);
    rest = Math.floor(rest / count);
  }
  return keys;
}

/** Rows of a table that exist from the beginning, or that programs reach first. */
export function firstRows(table: TableName): number[] {
  const [count] = tables[table].keys;
  const rows = tables[table].keys.reduce<number>((product, one) => product * one, 1);
  const all = (number: number) => Array.from({ length: number }, (_, row) => row);
  if (rows <= ROWS_ALL) return all(rows);
  const each = rows / count!;
  return residents.flatMap(({ domain }) =>
    all(Math.min(each, ROWS_RESIDENT)).map((row) => domain * each + row),
  );
}

/** Tables in the core's layout, in bytes and in wider units. */
export type Tables = Pick<FuzzMachine, "bytes" | "halves" | "words">;

/** Invariants as compiled code on a machine's tables. */
export function compiledOn(machine: Tables, reads: Int32Array): CompiledInvariants {
  return makeInvariants({
    U8: machine.bytes,
    U16: machine.halves,
    I32: machine.words,
    W: reads,
    EVENTS: machine.words,
    CLAUSES: new Uint8Array(0),
    READS: reads,
    BAD,
    DISAGREES: BAD,
    HALTED: BAD,
    COPY: () => {
      throw BAD;
    },
  });
}

/** What a call of compiled code gives; a row that does not exist breaks the invariant. */
export function isSo(holds: () => boolean): boolean {
  try {
    return holds();
  } catch (error) {
    if (error !== BAD) throw error;
    return false;
  }
}

export class Instances {
  readonly #compiled: CompiledInvariants;
  readonly #reads = new Int32Array(READS);
  /** By table, and by row of it. */
  readonly #rows = new Map<string, Map<number, readonly Instance[]>>();
  readonly #all: Instance[] = [];
  readonly #cells: Watched[] = [];
  readonly #cellAt = new AddressTable();
  /** By index in layout.ts plus one: does any invariant look at the column? */
  readonly matters = new Uint8Array(columns.length + 1);

  constructor(machine: Tables) {
    this.#compiled = compiledOn(machine, this.#reads);
    const { reads } = specificationCode();
    for (const [index, { name }] of columns.entries()) {
      if (reads.some((names) => names.has(name))) this.matters[index + 1] = 1;
    }
  }

  /** The numbers of those that are looked at from the beginning. */
  first(): number[] {
    const rows = [...byTable.keys()].flatMap((table) =>
      firstRows(table as TableName).flatMap((row) => this.#of(table, row)),
    );
    return rows.map(({ number }) => number);
  }

  instance(number: number): Instance {
    return this.#all[number]!;
  }

  /** The invariants about a row of a table. */
  #of(table: string, row: number): readonly Instance[] {
    let rows = this.#rows.get(table);
    if (rows === undefined) {
      rows = new Map();
      this.#rows.set(table, rows);
    }
    let found = rows.get(row);
    if (found === undefined) {
      const keys = keysOf(table as TableName, row);
      const first = this.#all.length;
      found = (byTable.get(table) ?? []).map((index, at) => ({
        number: first + at,
        invariant: invariants[index]!,
        columns: specificationCode().reads[index]!,
        holds: this.#compiled.holds[index]!,
        keys,
        sums: new Set(),
        sum: 0,
      }));
      this.#all.push(...found);
      rows.set(row, found);
    }
    return found;
  }

  /** The cell of a column at an address. */
  cell(column: Column, address: number): Watched {
    const known = this.#cellAt.get(address);
    if (known >= 0) return this.#cells[known]!;
    const row = Math.floor((address - column.base) / column.stride);
    const ofRow = row < column.rows && row >= 0 ? this.#of(column.table, row) : [];
    const own = ofRow.filter((one) => one.columns.has(column.name)).map(({ number }) => number);
    const cell = { own, readers: [] };
    this.#cellAt.put(address, this.#cells.length);
    this.#cells.push(cell);
    return cell;
  }

  /** Looks at a row's invariant, and notes which cells it reads. */
  look(number: number): boolean {
    const instance = this.#all[number]!;
    const { holds, keys } = instance;
    let so = false;
    try {
      so = holds(keys[0]!, keys[1]!, keys[2]!, keys[3]!);
    } catch (error) {
      if (error !== BAD) throw error;
    }
    const sum = this.#compiled.sum();
    if (sum !== instance.sum) this.#register(instance, sum);
    return so;
  }

  #register(instance: Instance, sum: number): void {
    instance.sum = sum;
    if (instance.sums.has(sum)) return;
    if (instance.sums.size >= SUMS_MAX) instance.sums.clear();
    instance.sums.add(sum);
    const count = Math.min(this.#compiled.reads(), READS);
    for (let at = 0; at < count; at++) {
      const address = this.#reads[at]!;
      const index = columnAt[address >> GRANULE_SHIFT]!;
      if (index === 0) continue;
      const { own, readers } = this.cell(columns[index - 1]!, address);
      const { number } = instance;
      if (!own.includes(number) && !readers.includes(number)) readers.push(number);
    }
  }
}
