// The specification with numbers, made for speed: one transaction serves all steps, rows are
// objects of a class for each table, and the machine's answers are read from the core's events.

import { type Column, columnOf } from "../../spec/lang/column.ts";
import {
  type Machine,
  type PrimitiveName,
  primitives,
  resultWidth,
} from "../../spec/lang/machine.ts";
import { type Case, type Found, type Row, Transaction } from "../../spec/lang/transaction.ts";
import {
  type Bits,
  type Bool,
  type Operand,
  SpecificationError,
  Word,
} from "../../spec/lang/word.ts";
import { type TableName, tables } from "../../spec/tables.ts";
import { LINEAR_BASE } from "../../tcb/machine/sim/machine.ts";
import { primitiveNumber } from "../instrument/machine.ts";
import { EVENT_BYTES } from "../instrument/places.ts";
import { copyFromMemory } from "./copies.ts";
import { type FastBool, FastWord, fastWord, NO, YES } from "./word.ts";

/** Core and specification part: an event that one of them does not have. */
export class Disagreement extends Error {}

/** The text stops the machine, and so did the core. */
export class Halted extends Error {}

/** Clauses around an operation, not of one. */
const AROUND = /^(HYPERCALL|MULTICALL|EXIT-COUNT|EXIT-REDELIVER)/;

/** Reads of one look that are noted; a power of two. */
const READS = 4096;

class Refusal {
  value: Operand = 0;
}

type RowClass = new (s: FastTransaction, index: number) => object;
const rowClasses = new Map<TableName, { make: RowClass; counts: readonly number[] }>();

/** The class of a table's rows: a getter for each column. */
function rowClass(table: TableName): RowClass {
  class TableRow {
    declare readonly s: FastTransaction;
    declare readonly index: number;

    constructor(s: FastTransaction, index: number) {
      this.s = s;
      this.index = index;
    }

    set(values: Readonly<Record<string, Operand>>): void {
      for (const name in values) this.s.store(byName.get(name)!, this.index, values[name]!);
    }
  }
  const byName = new Map<string, Column>();
  for (const name of tables[table].columns) {
    const column = columnOf(table, name);
    byName.set(name, column);
    Object.defineProperty(TableRow.prototype, name, {
      get(this: TableRow) {
        return this.s.fetch(column, this.index);
      },
    });
  }
  return TableRow;
}

const linearBase = fastWord(64, LINEAR_BASE);
const truth = (condition: Bool): boolean => (condition as FastBool).value;

export class FastTransaction extends Transaction {
  /** The tables, laid out as in the core's memory, as bytes and in wider units. */
  readonly bytes: Uint8Array;
  readonly #halves: Uint16Array;
  readonly words: Int32Array;
  /** Byte offsets that were written since `begin`. */
  readonly written: number[] = [];
  /** The clause under which each of them was. */
  readonly writtenUnder: string[] = [];
  /** Whether reads are noted: the addresses of the last ones, how many there were, a sum of them. */
  notes = false;
  readonly reads = new Int32Array(READS);
  readCount = 0;
  readSum = 0;
  /** The clause that the step came to last, and the last one of an operation's own. */
  clauseId = "";
  ownClauseId = "";
  /** All clauses that steps came to. */
  readonly clauses = new Map<string, string>();
  readonly #refusal = new Refusal();
  #events: Int32Array;
  #next = 0;
  #end = 0;

  constructor(buffer: ArrayBuffer) {
    super();
    this.bytes = new Uint8Array(buffer);
    this.#halves = new Uint16Array(buffer);
    this.words = new Int32Array(buffer);
    this.#events = this.words;
    Object.assign(this.machine, this.#fastMachine());
  }

  /** A step begins whose events are at `from` to `end` (byte offsets) of `words`. */
  begin(words: Int32Array, from: number, end: number): void {
    this.written.length = 0;
    this.writtenUnder.length = 0;
    this.clauseId = "";
    this.ownClauseId = "";
    this.#events = words;
    this.#next = from >> 2;
    this.#end = end >> 2;
  }

  /** Throws Disagreement if the core did more than the text says. */
  finish(): void {
    if (this.#next < this.#end) {
      throw new Disagreement(`the core also did ${this.#shown(this.#next)}`);
    }
  }

  #shown(at: number): string {
    const number = this.#events[at];
    const name = (Object.keys(primitives) as PrimitiveName[])[number!]!;
    const values = primitives[name].parameters.map((_, index) => {
      const low = this.#events[at + 2 + index * 2]!;
      return new FastWord(64, low, this.#events[at + 3 + index * 2]!).show();
    });
    return `${name}(${values.join(", ")})`;
  }

  #fastMachine(): Machine {
    const entries = (Object.keys(primitives) as PrimitiveName[]).map((name) => {
      const number = primitiveNumber[name];
      const widths: readonly Bits[] = primitives[name].parameters;
      const result = resultWidth(name);
      const call = (...given: Operand[]) => this.#event(name, number, widths, result, given);
      return [name, call];
    });
    return Object.fromEntries(entries) as Machine;
  }

  #event(
    name: PrimitiveName,
    number: number,
    widths: readonly Bits[],
    result: Bits | undefined,
    given: readonly Operand[],
  ): Word | undefined {
    const at = this.#next;
    const events = this.#events;
    let agrees = at < this.#end && events[at] === number;
    for (let index = 0; index < widths.length; index++) {
      const operand = given[index]!;
      const word =
        operand instanceof FastWord ? operand : fastWord(widths[index]!, operand as number);
      agrees =
        agrees &&
        events[at + 2 + index * 2] === word.low32 &&
        events[at + 3 + index * 2] === word.high32;
    }
    if (!agrees) {
      const says = given.map((one) => (one instanceof Word ? one.show() : `0x${one.toString(16)}`));
      const did = at < this.#end ? this.#shown(at) : "nothing more";
      throw new Disagreement(
        `the specification says ${name}(${says.join(", ")}), the core did ${did}`,
      );
    }
    this.#next = at + (EVENT_BYTES >> 2);
    if (name === "halt") throw new Halted();
    if (result === undefined) return undefined;
    return new FastWord(result, events[at + 8]!, result === 64 ? events[at + 9]! : 0);
  }

  // ---- rows ---------------------------------------------------------------------------------

  override row<T extends TableName>(table: T, ...keys: Operand[]): Row<T> {
    let known = rowClasses.get(table);
    if (known === undefined) {
      known = { make: rowClass(table), counts: tables[table].keys };
      rowClasses.set(table, known);
    }
    const { counts, make } = known;
    let index = 0;
    if (keys.length !== 0 || counts.length !== 1 || counts[0] !== 1) {
      if (keys.length !== counts.length) {
        throw new SpecificationError(`${table} has ${counts.length} keys, got ${keys.length}`);
      }
      for (let at = 0; at < keys.length; at++) {
        const key = keys[at]!;
        const number = key instanceof FastWord ? key.low32 >>> 0 : Number(key);
        const high = key instanceof FastWord ? key.high32 : 0;
        if (number >= counts[at]! || high !== 0) {
          throw new SpecificationError(`not so: ${table}: key ${at} is below ${counts[at]}`);
        }
        index = index * counts[at]! + number;
      }
    }
    return new make(this, index) as Row<T>;
  }

  /** The value of a row of a column. */
  fetch(column: Column, index: number): Word {
    const at = column.base + index * column.stride;
    if (this.notes) {
      this.reads[this.readCount++ & (READS - 1)] = at;
      this.readSum = (Math.imul(this.readSum, 31) + at) | 0;
    }
    switch (column.width) {
      case 1:
        return new FastWord(32, this.bytes[at]!, 0);
      case 2:
        return new FastWord(32, this.#halves[at >> 1]!, 0);
      case 4:
        return new FastWord(32, this.words[at >> 2]!, 0);
      case 8:
        return new FastWord(64, this.words[at >> 2]!, this.words[(at >> 2) + 1]!);
    }
  }

  /** Sets a row of a column; the value must fit. */
  store(column: Column, index: number, value: Operand): void {
    const { width } = column;
    const bits = width === 8 ? 64 : 32;
    const word = value instanceof FastWord ? value : fastWord(bits, value as number);
    if (word.bits !== bits) throw new SpecificationError(`${column.name} takes ${bits} bits`);
    const at = column.base + index * column.stride;
    this.written.push(at);
    this.writtenUnder.push(this.clauseId);
    if (width === 8) {
      this.words[at >> 2] = word.low32;
      this.words[(at >> 2) + 1] = word.high32;
    } else if (width === 4) this.words[at >> 2] = word.low32;
    else {
      if (word.low32 >>> 0 >= 2 ** (8 * width)) {
        throw new SpecificationError(`not so: ${column.name} takes ${width} bytes`);
      }
      if (width === 2) this.#halves[at >> 1] = word.low32;
      else this.bytes[at] = word.low32;
    }
  }

  protected read(column: Column, index: Word): Word {
    return this.fetch(column, (index as FastWord).low32);
  }

  protected write(column: Column, index: Word, value: Word): void {
    this.store(column, (index as FastWord).low32, value);
  }

  // ---- the meaning of the text --------------------------------------------------------------

  word(bits: Bits, value: number | bigint): Word {
    return fastWord(bits, value);
  }

  override word32(value: number): Word {
    return new FastWord(32, value | 0, 0);
  }

  truth(value: boolean): Bool {
    return value ? YES : NO;
  }

  clause(id: string, says: string): void {
    if (id === this.clauseId) return;
    this.clauseId = id;
    if (!AROUND.test(id)) this.ownClauseId = id;
    if (!this.clauses.has(id)) this.clauses.set(id, says);
  }

  require(condition: Bool, refusal: Operand): void {
    if (truth(condition)) return;
    this.#refusal.value = refusal;
    throw this.#refusal;
  }

  attempt(steps: () => Word): Word {
    try {
      return steps();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { value } = error;
      return value instanceof Word ? value : fastWord(64, value);
    }
  }

  branch(condition: Bool, whenTrue: () => Word, whenFalse: () => Word): Word {
    return truth(condition) ? whenTrue() : whenFalse();
  }

  override when(condition: Bool, then: () => void, otherwise?: () => void): void {
    if (truth(condition)) then();
    else if (otherwise !== undefined) otherwise();
  }

  override select(word: Word, cases: readonly Case[], otherwise: () => Word): Word {
    for (const { value, steps } of cases) if (truth(word.eq(value))) return steps();
    return otherwise();
  }

  least(limit: number, satisfies: (index: Word) => Bool): Found {
    for (let index = 0; index < limit; index++) {
      const word = new FastWord(32, index, 0);
      if (truth(satisfies(word))) return { exists: YES, index: word };
    }
    return { exists: NO, index: new FastWord(32, 0, 0) };
  }

  block(_name: string, _inputs: readonly (Word | Bool)[], steps: () => Word[]): Word[] {
    return steps();
  }

  repeat(count: Word, steps: (round: Word) => void): void {
    const rounds = (count as FastWord).low32 >>> 0;
    for (let round = 0; round < rounds; round++) steps(new FastWord(32, round, 0));
  }

  linearBase(): Word {
    return linearBase;
  }

  protected demand(condition: Bool, what: string): void {
    if (!truth(condition)) throw new SpecificationError(`not so: ${what}`);
  }

  protected writeRows(
    column: Column,
    index: Word,
    count: Word,
    value: (distance: Word) => Word,
  ): void {
    const first = (index as FastWord).low32;
    const rows = (count as FastWord).low32 >>> 0;
    for (let distance = 0; distance < rows; distance++) {
      this.store(column, first + distance, value(new FastWord(32, distance, 0)));
    }
  }

  protected readRows(column: Column, index: Word, source: Word, count: Word): void {
    const [row, from, bytes] = [index, source, count] as [FastWord, FastWord, FastWord];
    const copy = { at: column.base + row.low32 * column.stride, bytes: bytes.low32 >>> 0 };
    const memory = new Uint8Array(this.#events.buffer);
    const note = (at: number): void => {
      this.written.push(at);
      this.writtenUnder.push(this.clauseId);
    };
    const place = { ...copy, low: from.low32, high: from.high32 };
    if (copyFromMemory(this.bytes, memory, place, note)) return;
    throw new SpecificationError("there is no memory to copy from");
  }

  protected perform(): Word | undefined {
    throw new SpecificationError("a primitive that is reached past the events");
  }
}
