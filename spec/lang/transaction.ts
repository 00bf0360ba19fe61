// One step of the hypervisor, as the specification tells it: conditions in order, then changes.
// Each interpretation (numbers, formulas) gives the abstract methods a meaning; the rest is the
// same text for all.

import { type ColumnName, type TableName, tables } from "../tables.ts";
import { type Column, columnOf, rowsOf } from "./column.ts";
import { type Machine, type PrimitiveName, primitives } from "./machine.ts";
import { type Bits, type Bool, type Operand, SpecificationError, type Word } from "./word.ts";

/** A row of a table: its columns as words, as they are at this point of the text. */
export type Row<T extends TableName> = { readonly [Name in ColumnName<T>]: Word } & {
  /** Changes columns of the row. A value must fit its column. */
  set(values: { readonly [Name in ColumnName<T>]?: Operand }): void;
};

/** A sentence of the manual: the steps that follow it, up to the next clause, are its meaning. */
export interface Clause {
  readonly id: string;
  readonly says: string;
}

export interface Found {
  readonly exists: Bool;
  /** Meaningful only where `exists`. */
  readonly index: Word;
}

export interface Case {
  readonly value: number | bigint;
  readonly steps: () => Word;
}

/** What a row's names need. */
interface Cursor {
  read: (column: Column) => Word;
  set: (values: Record<string, Operand>) => void;
}

const shapes = new Map<TableName, object>();

/** The names of a table's columns, each of which reads a row. */
function shapeOf(table: TableName): object {
  const known = shapes.get(table);
  if (known !== undefined) return known;
  const shape = {};
  for (const name of tables[table].columns) {
    const get = function (this: Cursor): Word {
      return this.read(columnOf(table, name));
    };
    Object.defineProperty(shape, name, { get });
  }
  shapes.set(table, shape);
  return shape;
}

export abstract class Transaction {
  readonly machine: Machine;

  constructor() {
    const entries = Object.keys(primitives).map((name) => [
      name,
      (...parameters: Operand[]) => this.#perform(name as PrimitiveName, parameters),
    ]);
    this.machine = Object.fromEntries(entries) as Machine;
  }

  // ---- what an interpretation says -----------------------------------------------------------

  abstract word(bits: Bits, value: number | bigint): Word;
  abstract truth(value: boolean): Bool;
  /** Names the sentence that the next steps carry out. */
  abstract clause(id: string, says: string): void;
  /** Goes on only if the condition holds; else the enclosing `attempt` ends with the refusal. */
  abstract require(condition: Bool, refusal: Operand): void;
  /** Steps whose refusals end only themselves; the result is theirs or the refusal. */
  abstract attempt(steps: () => Word): Word;
  /** One of two courses of steps. */
  abstract branch(condition: Bool, whenTrue: () => Word, whenFalse: () => Word): Word;
  /** The least number below `limit` that satisfies the condition. */
  abstract least(limit: number, satisfies: (index: Word) => Bool): Found;
  /**
   * Steps with a name, which depend on nothing but the state and these inputs. A proof may take
   * them as one step, the same on both sides, if another proof shows what they are.
   */
  abstract block(name: string, inputs: readonly (Word | Bool)[], steps: () => Word[]): Word[];
  /** The steps for 0, 1, ... `count` - 1, in this order. Proofs take them as part of a block. */
  abstract repeat(count: Word, steps: (round: Word) => void): void;
  /** The machine-physical address of the hypervisor's memory; constant. */
  abstract linearBase(): Word;
  /** Demands what the text takes for granted: a row in range, a value that fits. */
  protected abstract demand(condition: Bool, what: string): void;
  protected abstract read(column: Column, index: Word): Word;
  protected abstract write(column: Column, index: Word, value: Word): void;
  /** Sets `count` rows from `index` on to functions of their distance from it. */
  protected abstract writeRows(
    column: Column,
    index: Word,
    count: Word,
    value: (distance: Word) => Word,
  ): void;
  /** Reads `count` bytes of the machine's memory into rows from `index` on: one event. */
  protected abstract readRows(column: Column, index: Word, source: Word, count: Word): void;
  protected abstract perform(name: PrimitiveName, parameters: readonly Word[]): Word | undefined;

  // ---- what all share ------------------------------------------------------------------------

  word32(value: number): Word {
    return this.word(32, value);
  }

  word64(value: number | bigint): Word {
    return this.word(64, value);
  }

  /** The row of a table with these keys. Every key must be below its count. */
  row<T extends TableName>(table: T, ...keys: Operand[]): Row<T> {
    const index = this.#indexOf(table, keys);
    const row = Object.create(shapeOf(table)) as Cursor;
    row.read = (column) => this.read(column, index);
    row.set = (values) => {
      for (const [name, value] of Object.entries(values)) {
        this.#store(columnOf(table, name), index, value);
      }
    };
    return row as unknown as Row<T>;
  }

  /**
   * The same change for `count` rows side by side, from the one with these keys on. The values are
   * functions of a row's distance from the first, and read no row of the others.
   */
  setRows<T extends TableName>(
    table: T,
    keys: readonly Operand[],
    count: number | Word,
    values: (distance: Word) => { readonly [Name in ColumnName<T>]?: Operand },
  ): void {
    const rows = this.word32(0).sized(count);
    const first = this.#rowsFrom(table, keys, rows);
    for (const name of Object.keys(values(this.word32(0)))) {
      const column = columnOf(table, name);
      const value = (distance: Word) =>
        this.#fitting(column, values(distance)[name as ColumnName<T>]!);
      this.writeRows(column, first, rows, value);
    }
  }

  /**
   * Bytes of the machine's memory, from an address on, come to lie in rows of a byte each, from the
   * one with these keys on. It is one event; each byte is what that finds there.
   */
  copyIn<T extends TableName>(
    table: T,
    name: ColumnName<T>,
    keys: readonly Operand[],
    source: Word,
    bytes: Word,
  ): void {
    const column = columnOf(table, name);
    if (column.stride !== 1) throw new SpecificationError(`${column.name} is not of bytes`);
    this.readRows(column, this.#rowsFrom(table, keys, bytes), source, bytes);
  }

  /** The number of the row with these keys, behind which there are so many. */
  #rowsFrom(table: TableName, keys: readonly Operand[], count: Word): Word {
    const first = this.#indexOf(table, keys);
    const total = this.word32(rowsOf(table));
    const fits = count.le(total).and(first.le(total.sub(count)));
    this.demand(fits, `${table} has ${count.show()} rows there`);
    return first;
  }

  /** Machine-physical address of a row's column in the hypervisor's own memory. */
  addressOf<T extends TableName>(table: T, name: ColumnName<T>, ...keys: Operand[]): Word {
    const { base, stride } = columnOf(table, name);
    const place = this.#indexOf(table, keys).wide().shl(Math.log2(stride)).add(base);
    return this.linearBase().add(place);
  }

  #indexOf(table: TableName, keys: readonly Operand[]): Word {
    const counts = tables[table].keys;
    const given = keys.length === 0 && counts.length === 1 && counts[0] === 1 ? [0] : keys;
    if (given.length !== counts.length) {
      throw new SpecificationError(`${table} has ${counts.length} keys, got ${given.length}`);
    }
    const zero: Word = this.word(32, 0);
    return given.reduce<Word>((index, key, at) => {
      const word = zero.sized(key);
      this.demand(word.lt(counts[at]!), `${table}: key ${at} is below ${counts[at]}`);
      return at === 0 ? word : combine(index, counts[at]!, word);
    }, zero);
  }

  #store(column: Column, index: Word, value: Operand): void {
    this.write(column, index, this.#fitting(column, value));
  }

  /** The value as a word that the column can hold. */
  #fitting(column: Column, value: Operand): Word {
    const bits = column.width === 8 ? 64 : 32;
    const word = this.word(bits, 0).sized(value);
    const fits = 2 ** (8 * column.width);
    if (fits < 2 ** 32) this.demand(word.lt(fits), `${column.name} takes ${column.width} bytes`);
    return word;
  }

  #perform(name: PrimitiveName, parameters: readonly Operand[]): Word | undefined {
    const widths = primitives[name].parameters;
    const words = widths.map((bits, at) => this.word(bits, 0).sized(parameters[at]!));
    return this.perform(name, words);
  }

  /** The condition holds for each number below `count`. */
  every(count: number, holds: (number: Word) => Bool): Bool {
    return this.least(count, (number) => holds(number).not()).exists.not();
  }

  /** Rounds of steps, each of which may go on with the next; after `limit` rounds there is none. */
  rounds(limit: number, steps: (round: number, next: () => Word) => Word): Word {
    const from = (round: number): Word =>
      round === limit ? this.word(64, 0) : steps(round, () => from(round + 1));
    return from(0);
  }

  /** How many numbers below `limit` satisfy the condition. */
  count(limit: number, satisfies: (index: Word) => Bool): Word {
    let sum: Word = this.word32(0);
    this.each(limit, (index) => {
      sum = satisfies(this.word32(index)).choose(sum.add(1), sum);
    });
    return sum;
  }

  /** Steps that are taken only if the condition holds. */
  when(condition: Bool, then: () => void, otherwise: () => void = () => {}): void {
    const nothing = this.word(32, 0);
    const steps = (course: () => void) => () => {
      course();
      return nothing;
    };
    this.branch(condition, steps(then), steps(otherwise));
  }

  /** The steps of the case whose value the word has. */
  select(word: Word, cases: readonly Case[], otherwise: () => Word): Word {
    const [first, ...rest] = cases;
    if (first === undefined) return otherwise();
    return this.branch(word.eq(first.value), first.steps, () => this.select(word, rest, otherwise));
  }

  /** The steps for 0, 1, ... `count` - 1, in this order. */
  each(count: number, steps: (index: number) => void): void {
    for (let index = 0; index < count; index++) steps(index);
  }
}

/** The row number of keys in turn: powers of two lie side by side in it. */
function combine(index: Word, count: number, key: Word): Word {
  const bits = Math.log2(count);
  return Number.isInteger(bits) ? index.shl(bits).or(key) : index.mul(count).add(key);
}
