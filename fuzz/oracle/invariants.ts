// Oracle 2: all invariants hold. An invariant of a row is looked at again when a cell changes that
// it read when it was looked at last, so that a step costs what it changed.

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
}

/** Tables with more rows than this are looked at where programs go, and in the residents' first. */
const ROWS_ALL = 10_000;
const ROWS_RESIDENT = 130;

/** A transaction that notes which cells are read. */
class Watching extends FastTransaction {
  readonly reads = new Int32Array(4096);
  readCount = 0;
  readSum = 0;

  override fetch(column: Column, index: number): Word {
    const address = column.base + index * column.stride;
    this.reads[this.readCount++ & 4095] = address;
    this.readSum = (Math.imul(this.readSum, 31) + address) | 0;
    return super.fetch(column, index);
  }
}

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
  readonly #machine: FuzzMachine;
  readonly #transaction: Watching;
  readonly #instances = new Map<string, Map<number, Instance>>();
  /** Cells by address, and what looked at them. */
  readonly #readers = new Map<number, Set<Instance>>();
  readonly #due = new Set<Instance>();

  constructor(machine: FuzzMachine) {
    this.#machine = machine;
    this.#transaction = new Watching(machine.bytes.buffer as ArrayBuffer);
    for (const invariant of invariants) {
      for (const row of firstRows(invariant.table)) this.#due.add(this.#instance(invariant, row));
    }
    const broken = this.#settle();
    if (broken !== undefined) throw new Error(`the world breaks ${broken.about}: ${broken.says}`);
  }

  #instance(invariant: Invariant, row: number): Instance {
    let known = this.#instances.get(invariant.id);
    if (known === undefined) {
      known = new Map();
      this.#instances.set(invariant.id, known);
    }
    let instance = known.get(row);
    if (instance === undefined) {
      const keys = keysOf(invariant.table, row).map((key) => this.#transaction.word32(key));
      instance = { invariant, row, keys, readSum: 0 };
      known.set(row, instance);
    }
    return instance;
  }

  judge({ from }: Taken): Violation | undefined {
    const { words, logEnd } = this.#machine;
    for (let entry = from; entry < logEnd; entry += 16) {
      const address = words[entry >> 2]!;
      if (address < linearBytes) this.#changed(entry, address);
    }
    return this.#due.size === 0 ? undefined : this.#settle();
  }

  /** What a store makes due: eight bytes were logged, of which some changed. */
  #changed(entry: number, address: number): void {
    const index = columnAt[address >> GRANULE_SHIFT]!;
    if (index === 0) return;
    const { bytes } = this.#machine;
    const column = columns[index - 1]!;
    const isRecord = column.stride !== column.width;
    const step = isRecord ? 8 : column.width;
    for (let offset = 0; offset < 8; offset += step) {
      let differs = false;
      for (let byte = offset; byte < offset + step; byte++) {
        differs ||= bytes[entry + 8 + byte] !== bytes[address + byte];
      }
      if (differs) this.#cell(column, address + offset);
    }
  }

  #cell(column: Column, address: number): void {
    for (const instance of this.#readers.get(address) ?? []) this.#due.add(instance);
    const own = byTable.get(column.table);
    if (own === undefined) return;
    const row = Math.floor((address - column.base) / column.stride);
    if (row >= column.rows) return;
    for (const invariant of own) this.#due.add(this.#instance(invariant, row));
  }

  /** Looks at all that is due. */
  #settle(): Violation | undefined {
    let found: Violation | undefined;
    for (const instance of this.#due) {
      found ??= this.#look(instance);
    }
    this.#due.clear();
    return found;
  }

  #look(instance: Instance): Violation | undefined {
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
    const readers = this.#readers.get(address);
    if (readers === undefined) this.#readers.set(address, new Set([instance]));
    else readers.add(instance);
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
