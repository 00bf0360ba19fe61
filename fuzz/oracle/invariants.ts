// Oracle 2: all invariants hold. Those of a row that changed are looked at after the step; those of
// other rows, when a cell changed that they read when they were looked at last, at the end of the
// program: so a step costs what it changed.

import { invariants } from "../../spec/invariants/index.ts";
import type { Invariant } from "../../spec/lang/invariant.ts";
import type { Word } from "../../spec/lang/word.ts";
import { SpecificationError } from "../../spec/lang/word.ts";
import { type TableName, tables } from "../../spec/tables.ts";
import { type Column, columns, linearBytes } from "../../tcb/core/layout.ts";
import { columnAt, GRANULE_SHIFT } from "../world/columns.ts";
import type { Taken, Violation } from "../world/executor.ts";
import type { FuzzMachine } from "../world/machine.ts";
import { residents } from "../world/pack.ts";
import { FastTransaction } from "./transaction.ts";
import type { FastBool } from "./word.ts";

/** An invariant about one row. */
interface Instance {
  readonly invariant: Invariant;
  readonly row: number;
  readonly keys: readonly Word[];
  /** A sum over the cells that it read last: the same cells are not noted again. */
  readSum: number;
  /** The look for which it was noted last, so that it is noted once. */
  noted: number;
}

/** Tables with more rows than this are looked at where programs go, and in the residents' first. */
const ROWS_ALL = 10_000;
const ROWS_RESIDENT = 130;
/** A cell that more instances read than this (a superframe's, read for each of its 512 frames) has
 *  them looked at in one program of 16, unless the looks are thorough. */
const FAN_OUT = 48;
const SELDOM = 15;

const byTable = new Map<string, Invariant[]>();
for (const invariant of invariants) {
  byTable.set(invariant.table, [...(byTable.get(invariant.table) ?? []), invariant]);
}

function rowCount(table: TableName): number {
  return tables[table].keys.reduce<number>((product, count) => product * count, 1);
}

/** Rows of a table that exist from the beginning, or that programs reach first. */
function firstRows(table: TableName): number[] {
  const rows = rowCount(table);
  const all = (count: number) => Array.from({ length: count }, (_, row) => row);
  if (rows <= ROWS_ALL) return all(rows);
  const [count] = tables[table].keys;
  const each = rows / count!;
  return residents.flatMap(({ domain }) =>
    all(Math.min(each, ROWS_RESIDENT)).map((row) => domain * each + row),
  );
}

export class Invariants {
  /** Look at all that may be affected, after every program. */
  thorough = true;
  readonly #machine: FuzzMachine;
  readonly #transaction: FastTransaction;
  /** By table, and by row of it. */
  readonly #instances = new Map<string, Map<number, Instance[]>>();
  /** Cells by address, and what looked at them. */
  readonly #readers = new Map<number, Instance[]>();
  /** By index in layout.ts: does any invariant look at the column? */
  readonly #matters = new Uint8Array(columns.length);
  readonly #due: Instance[] = [];
  readonly #later: Instance[] = [];
  #looks = 0;
  /** Counts from 1: its negative marks what is noted for the end of a program. */
  #programs = 1;

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    this.#transaction = new FastTransaction(machine.bytes.buffer as ArrayBuffer);
    this.#transaction.notes = true;
    for (const table of byTable.keys()) {
      for (const row of firstRows(table as TableName)) {
        this.#due.push(...this.#instancesOf(table, row));
      }
    }
    for (const [index, { table }] of columns.entries()) {
      if (byTable.has(table)) this.#matters[index] = 1;
    }
    const broken = this.#look(this.#due);
    if (broken !== undefined) throw new Error(`the world breaks ${broken.about}: ${broken.says}`);
  }

  /** The invariants about a row of a table. */
  #instancesOf(table: string, row: number): readonly Instance[] {
    let rows = this.#instances.get(table);
    if (rows === undefined) {
      rows = new Map();
      this.#instances.set(table, rows);
    }
    let found = rows.get(row);
    if (found === undefined) {
      const keys = keysOf(table as TableName, row).map((key) => this.#transaction.word32(key));
      found = byTable
        .get(table)!
        .map((invariant) => ({ invariant, row, keys, readSum: 0, noted: 0 }));
      rows.set(row, found);
    }
    return found;
  }

  judge({ from }: Taken): Violation | undefined {
    const { words, logEnd } = this.#machine;
    this.#looks++;
    for (let entry = from; entry < logEnd; entry += 16) {
      const address = words[entry >> 2]!;
      if (address >= linearBytes) continue;
      const index = columnAt[address >> GRANULE_SHIFT]! - 1;
      if (index >= 0 && this.#matters[index] !== 0) this.#changed(entry, address, index);
    }
    return this.#due.length === 0 ? undefined : this.#look(this.#due);
  }

  /** The end of a program: what is left to be looked at. */
  settle(): Violation | undefined {
    return this.#look(this.#later);
  }

  /** Forgets what is left: the state was brought back. */
  restore(): void {
    this.#due.length = 0;
    this.#later.length = 0;
    this.#programs++;
  }

  /** What a store makes due: eight bytes were logged, of which some changed. */
  #changed(entry: number, address: number, index: number): void {
    const { bytes } = this.#machine;
    const column = columns[index]!;
    const step = column.stride === column.width ? column.width : 8;
    for (let offset = 0; offset < 8; offset += step) {
      for (let byte = offset; byte < offset + step; byte++) {
        if (bytes[entry + 8 + byte] === bytes[address + byte]) continue;
        this.#cell(column, address + offset);
        break;
      }
    }
  }

  #cell(column: Column, address: number): void {
    const readers = this.#readers.get(address);
    const isSeldom = !this.thorough && (this.#programs & SELDOM) !== 0;
    if (readers !== undefined && !(isSeldom && readers.length > FAN_OUT)) {
      for (const instance of readers) {
        if (instance.noted === -this.#programs) continue;
        instance.noted = -this.#programs;
        this.#later.push(instance);
      }
    }
    if (!byTable.has(column.table)) return;
    const row = Math.floor((address - column.base) / column.stride);
    if (row >= column.rows) return;
    for (const instance of this.#instancesOf(column.table, row)) {
      if (instance.noted === this.#looks) continue;
      instance.noted = this.#looks;
      this.#due.push(instance);
    }
  }

  /** Looks at all of these. */
  #look(instances: Instance[]): Violation | undefined {
    let found: Violation | undefined;
    for (const instance of instances) found ??= this.#lookAt(instance);
    instances.length = 0;
    return found;
  }

  #lookAt(instance: Instance): Violation | undefined {
    const { invariant, keys } = instance;
    const transaction = this.#transaction;
    transaction.begin(this.#machine.words, 0, 0);
    transaction.readCount = 0;
    transaction.readSum = 0;
    let holds: boolean;
    try {
      holds = (invariant.holds(transaction, ...keys) as FastBool).value;
    } catch (error) {
      if (!(error instanceof SpecificationError)) throw error;
      holds = false;
    }
    if (transaction.readSum !== instance.readSum) {
      instance.readSum = transaction.readSum;
      for (let at = 0; at < transaction.readCount; at++) {
        this.#register(transaction.reads[at]!, instance);
      }
    }
    if (holds) return undefined;
    const row = keysOf(invariant.table, instance.row).join(", ");
    const says = `${invariant.says} Not so for ${invariant.table}(${row}).`;
    return { oracle: "invariant", about: invariant.id, says };
  }

  #register(address: number, instance: Instance): void {
    const index = columnAt[address >> GRANULE_SHIFT]! - 1;
    if (index >= 0) this.#matters[index] = 1;
    const readers = this.#readers.get(address);
    if (readers === undefined) this.#readers.set(address, [instance]);
    else if (!readers.includes(instance)) readers.push(instance);
  }
}

/** The keys of a row of a table, the most significant first. */
function keysOf(table: TableName, row: number): number[] {
  const keys: number[] = [];
  let rest = row;
  for (const count of [...tables[table].keys].reverse()) {
    keys.unshift(rest % count);
    rest = Math.floor(rest / count);
  }
  return keys;
}
