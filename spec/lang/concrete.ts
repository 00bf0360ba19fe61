// The specification with numbers: an executable model for tests and fuzzing.

import { linearBytes } from "../../tcb/core/layout.ts";
import type { Column } from "./column.ts";
import { type PrimitiveName, resultBits, resultWidth } from "./machine.ts";
import { type Clause, type Found, Transaction } from "./transaction.ts";
import { type Bits, Bool, type Operand, SpecificationError, Word } from "./word.ts";

class ConcreteBool extends Bool {
  readonly value: boolean;

  constructor(value: boolean) {
    super();
    this.value = value;
  }

  and(other: Bool): Bool {
    return new ConcreteBool(this.value && truth(other));
  }

  or(other: Bool): Bool {
    return new ConcreteBool(this.value || truth(other));
  }

  not(): Bool {
    return new ConcreteBool(!this.value);
  }

  choose(whenTrue: Word, whenFalse: Operand): Word {
    const other = whenTrue.sized(whenFalse);
    return this.value ? whenTrue : other;
  }

  show(): string {
    return String(this.value);
  }
}

class ConcreteWord extends Word {
  readonly bits: Bits;
  readonly value: bigint;

  constructor(bits: Bits, value: number | bigint) {
    super();
    this.bits = bits;
    this.value = BigInt.asUintN(bits, BigInt(value));
  }

  #with(other: Operand, operation: (left: bigint, right: bigint) => bigint): Word {
    return new ConcreteWord(this.bits, operation(this.value, this.sized(other).value));
  }

  #shift(amount: Operand): bigint {
    return this.sized(amount).value % BigInt(this.bits);
  }

  sized(other: Operand): ConcreteWord {
    if (!(other instanceof Word)) return new ConcreteWord(this.bits, other);
    if (!(other instanceof ConcreteWord)) throw new SpecificationError("not a concrete word");
    if (other.bits !== this.bits) {
      throw new SpecificationError(`a word of ${other.bits} bits where ${this.bits} are wanted`);
    }
    return other;
  }

  eq(other: Operand): Bool {
    return new ConcreteBool(this.value === this.sized(other).value);
  }

  lt(other: Operand): Bool {
    return new ConcreteBool(this.value < this.sized(other).value);
  }

  add(other: Operand): Word {
    return this.#with(other, (left, right) => left + right);
  }

  sub(other: Operand): Word {
    return this.#with(other, (left, right) => left - right);
  }

  mul(other: Operand): Word {
    return this.#with(other, (left, right) => left * right);
  }

  override div(other: Operand): Word {
    return this.#with(other, (left, right) => left / right);
  }

  and(other: Operand): Word {
    return this.#with(other, (left, right) => left & right);
  }

  or(other: Operand): Word {
    return this.#with(other, (left, right) => left | right);
  }

  xor(other: Operand): Word {
    return this.#with(other, (left, right) => left ^ right);
  }

  shl(amount: Operand): Word {
    return new ConcreteWord(this.bits, this.value << this.#shift(amount));
  }

  shr(amount: Operand): Word {
    return new ConcreteWord(this.bits, this.value >> this.#shift(amount));
  }

  lowestBit(): Word {
    let count = 0;
    while (count < this.bits && ((this.value >> BigInt(count)) & 1n) === 0n) count++;
    return new ConcreteWord(this.bits, count);
  }

  leadingZeros(): Word {
    const length = this.value === 0n ? 0 : this.value.toString(2).length;
    return new ConcreteWord(this.bits, this.bits - length);
  }

  wide(): Word {
    return new ConcreteWord(64, this.value);
  }

  low(): Word {
    return new ConcreteWord(32, this.value);
  }

  show(): string {
    return `0x${this.value.toString(16)}`;
  }
}

/** The truth of a concrete condition. */
export function truth(condition: Bool): boolean {
  if (!(condition instanceof ConcreteBool))
    throw new SpecificationError("not a concrete condition");
  return condition.value;
}

/** The number that a concrete word holds. */
export function numberOf(word: Word): bigint {
  if (!(word instanceof ConcreteWord)) throw new SpecificationError("not a concrete word");
  return word.value;
}

/** The tables as bytes, laid out as in the core's memory, so that the two can be compared. */
export class ConcreteState {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array = new Uint8Array(linearBytes)) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The value of a row, which must exist. */
  get(column: Column, row: number): bigint {
    const at = placeOf(column, row);
    switch (column.width) {
      case 1:
        return BigInt(this.#view.getUint8(at));
      case 2:
        return BigInt(this.#view.getUint16(at, true));
      case 4:
        return BigInt(this.#view.getUint32(at, true));
      case 8:
        return this.#view.getBigUint64(at, true);
    }
  }

  /** Sets a row; the value must fit. */
  set(column: Column, row: number, value: bigint): void {
    if (value >> BigInt(8 * column.width) !== 0n) {
      throw new SpecificationError(`${column.name} cannot hold 0x${value.toString(16)}`);
    }
    const at = placeOf(column, row);
    if (column.width === 1) this.#view.setUint8(at, Number(value));
    else if (column.width === 2) this.#view.setUint16(at, Number(value), true);
    else if (column.width === 4) this.#view.setUint32(at, Number(value), true);
    else this.#view.setBigUint64(at, value, true);
  }
}

function placeOf(column: Column, row: number): number {
  if (!Number.isInteger(row) || row < 0 || row >= column.rows) {
    throw new SpecificationError(`${column.name} has no row ${row}`);
  }
  return column.base + row * column.stride;
}

/** What carries out the primitives: by name, with numbers; a result where there is one. */
export interface ConcreteMachine {
  readonly linearBase: bigint;
  perform(name: PrimitiveName, parameters: readonly bigint[]): bigint;
  /** The bytes at a machine address, as machine.copyIn reads them to a place in linear memory;
   *  without it there is no memory to read. */
  copyIn?(linear: number, source: bigint, bytes: number): Uint8Array;
}

class Refusal {
  readonly value: Operand;

  constructor(value: Operand) {
    this.value = value;
  }
}

/** One step on a state, which it changes in place. */
export class ConcreteTransaction extends Transaction {
  readonly state: ConcreteState;
  readonly #machine: ConcreteMachine;
  /** The clauses that the step came to, in order. */
  readonly clauses: Clause[] = [];

  constructor(state: ConcreteState, machine: ConcreteMachine) {
    super();
    this.state = state;
    this.#machine = machine;
  }

  word(bits: Bits, value: number | bigint): Word {
    return new ConcreteWord(bits, value);
  }

  truth(value: boolean): Bool {
    return new ConcreteBool(value);
  }

  clause(id: string, says: string): void {
    this.clauses.push({ id, says });
  }

  require(condition: Bool, refusal: Operand): void {
    if (!truth(condition)) throw new Refusal(refusal);
  }

  attempt(steps: () => Word): Word {
    try {
      return steps();
    } catch (error) {
      if (error instanceof Refusal) return new ConcreteWord(64, 0).sized(error.value);
      throw error;
    }
  }

  branch(condition: Bool, whenTrue: () => Word, whenFalse: () => Word): Word {
    return truth(condition) ? whenTrue() : whenFalse();
  }

  least(limit: number, satisfies: (index: Word) => Bool): Found {
    for (let index = 0; index < limit; index++) {
      const word = this.word(32, index);
      if (truth(satisfies(word))) return { exists: new ConcreteBool(true), index: word };
    }
    return { exists: new ConcreteBool(false), index: this.word(32, 0) };
  }

  block(_name: string, _inputs: readonly (Word | Bool)[], steps: () => Word[]): Word[] {
    return steps();
  }

  repeat(count: Word, steps: (round: Word) => void): void {
    const rounds = Number(numberOf(count));
    for (let round = 0; round < rounds; round++) steps(this.word(32, round));
  }

  linearBase(): Word {
    return this.word(64, this.#machine.linearBase);
  }

  protected demand(condition: Bool, what: string): void {
    if (!truth(condition)) throw new SpecificationError(`not so: ${what}`);
  }

  protected read(column: Column, index: Word): Word {
    const bits = column.width === 8 ? 64 : 32;
    return this.word(bits, this.state.get(column, Number(numberOf(index))));
  }

  protected write(column: Column, index: Word, value: Word): void {
    this.state.set(column, Number(numberOf(index)), numberOf(value));
  }

  protected writeRows(
    column: Column,
    index: Word,
    count: Word,
    value: (distance: Word) => Word,
  ): void {
    const first = Number(numberOf(index));
    const rows = Number(numberOf(count));
    for (let distance = 0; distance < rows; distance++) {
      this.state.set(column, first + distance, numberOf(value(this.word(32, distance))));
    }
  }

  protected readRows(column: Column, index: Word, source: Word, count: Word): void {
    const place = column.base + Number(numberOf(index));
    const bytes = this.#machine.copyIn?.(place, numberOf(source), Number(numberOf(count)));
    if (bytes === undefined) throw new SpecificationError("there is no memory to copy from");
    this.state.bytes.set(bytes, place);
  }

  protected perform(name: PrimitiveName, parameters: readonly Word[]): Word | undefined {
    const value = this.#machine.perform(name, parameters.map(numberOf));
    const bits = resultWidth(name);
    if (bits === undefined) return undefined;
    return this.word(bits, BigInt.asUintN(resultBits[name] ?? 64, value));
  }
}
