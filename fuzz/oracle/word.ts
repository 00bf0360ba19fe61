// Words and conditions of the specification with numbers, made for speed: two halves of 32 bits
// instead of a bigint. What they mean is spec/lang/concrete.ts; a test holds the two together.

import { type Bits, Bool, type Operand, SpecificationError, Word } from "../../spec/lang/word.ts";

const TWO_32 = 2 ** 32;

export class FastBool extends Bool {
  declare readonly value: boolean;

  constructor(value: boolean) {
    super();
    this.value = value;
  }

  and(other: Bool): Bool {
    return this.value ? other : this;
  }

  or(other: Bool): Bool {
    return this.value ? this : other;
  }

  not(): Bool {
    return this.value ? NO : YES;
  }

  override implies(other: Bool): Bool {
    return this.value ? other : YES;
  }

  override same(other: Bool): Bool {
    return this.value === (other as FastBool).value ? YES : NO;
  }

  choose(whenTrue: Word, whenFalse: Operand): Word {
    return this.value ? whenTrue : whenTrue.sized(whenFalse);
  }

  show(): string {
    return String(this.value);
  }
}

export const YES = new FastBool(true);
export const NO = new FastBool(false);

/** Halves of the bigint constants of the text: there are few. */
const constants = new Map<bigint, FastWord>();

function constant(value: bigint): FastWord {
  const known = constants.get(value);
  if (known !== undefined) return known;
  const low = Number(BigInt.asIntN(32, value));
  const made = new FastWord(64, low, Number(BigInt.asIntN(32, value >> 32n)));
  constants.set(value, made);
  return made;
}

/** A word of that width for a literal. */
export function fastWord(bits: Bits, value: number | bigint): FastWord {
  if (typeof value === "bigint") {
    const made = constant(value);
    return bits === 64 ? made : new FastWord(32, made.low32, 0);
  }
  return new FastWord(bits, value | 0, bits === 64 ? Math.floor(value / TWO_32) | 0 : 0);
}

function lowestBitOf(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Fields are only declared and helpers private by type only: initialisers and `#methods` cost time
 *  at each construction, of which there are many. */
export class FastWord extends Word {
  declare readonly bits: Bits;
  /** Both halves as signed numbers of 32 bits; the high one is 0 in a word of 32. */
  declare readonly low32: number;
  declare readonly high32: number;

  constructor(bits: Bits, low: number, high: number) {
    super();
    this.bits = bits;
    this.low32 = low;
    this.high32 = high;
  }

  sized(other: Operand): FastWord {
    if (other instanceof FastWord) {
      if (other.bits !== this.bits) {
        throw new SpecificationError(`a word of ${other.bits} bits where ${this.bits} are wanted`);
      }
      return other;
    }
    if (other instanceof Word) throw new SpecificationError("a word of another interpretation");
    return fastWord(this.bits, other);
  }

  private isSame(other: FastWord): boolean {
    return this.low32 === other.low32 && this.high32 === other.high32;
  }

  private isBelow(other: FastWord): boolean {
    if (this.high32 !== other.high32) return this.high32 >>> 0 < other.high32 >>> 0;
    return this.low32 >>> 0 < other.low32 >>> 0;
  }

  eq(other: Operand): Bool {
    return this.isSame(this.sized(other)) ? YES : NO;
  }

  override ne(other: Operand): Bool {
    return this.isSame(this.sized(other)) ? NO : YES;
  }

  lt(other: Operand): Bool {
    return this.isBelow(this.sized(other)) ? YES : NO;
  }

  override ge(other: Operand): Bool {
    return this.isBelow(this.sized(other)) ? NO : YES;
  }

  override gt(other: Operand): Bool {
    return this.sized(other).isBelow(this) ? YES : NO;
  }

  override le(other: Operand): Bool {
    return this.sized(other).isBelow(this) ? NO : YES;
  }

  private made(low: number, high: number): FastWord {
    return new FastWord(this.bits, low, this.bits === 64 ? high : 0);
  }

  add(other: Operand): Word {
    const { low32, high32 } = this.sized(other);
    const low = (this.low32 >>> 0) + (low32 >>> 0);
    return this.made(low | 0, (this.high32 + high32 + (low >= TWO_32 ? 1 : 0)) | 0);
  }

  sub(other: Operand): Word {
    const { low32, high32 } = this.sized(other);
    const borrow = this.low32 >>> 0 < low32 >>> 0 ? 1 : 0;
    return this.made((this.low32 - low32) | 0, (this.high32 - high32 - borrow) | 0);
  }

  mul(other: Operand): Word {
    const factor = this.sized(other);
    if (this.bits === 32) return new FastWord(32, Math.imul(this.low32, factor.low32), 0);
    const product = this.wholeNumber() * factor.wholeNumber();
    return fastWord(64, BigInt.asUintN(64, product));
  }

  and(other: Operand): Word {
    const { low32, high32 } = this.sized(other);
    return new FastWord(this.bits, this.low32 & low32, this.high32 & high32);
  }

  or(other: Operand): Word {
    const { low32, high32 } = this.sized(other);
    return new FastWord(this.bits, this.low32 | low32, this.high32 | high32);
  }

  xor(other: Operand): Word {
    const { low32, high32 } = this.sized(other);
    return this.made(this.low32 ^ low32, this.high32 ^ high32);
  }

  override without(mask: Operand): Word {
    const { low32, high32 } = this.sized(mask);
    return new FastWord(this.bits, this.low32 & ~low32, this.high32 & ~high32);
  }

  override has(mask: Operand): Bool {
    const { low32, high32 } = this.sized(mask);
    const all = (this.low32 & low32) === low32 && (this.high32 & high32) === high32;
    return all ? YES : NO;
  }

  private amount(other: Operand): number {
    return this.sized(other).low32 & (this.bits - 1);
  }

  shl(amount: Operand): Word {
    const by = this.amount(amount);
    if (this.bits === 32) return new FastWord(32, this.low32 << by, 0);
    if (by === 0) return this;
    if (by >= 32) return new FastWord(64, 0, this.low32 << (by - 32));
    return new FastWord(64, this.low32 << by, (this.high32 << by) | (this.low32 >>> (32 - by)));
  }

  shr(amount: Operand): Word {
    const by = this.amount(amount);
    if (this.bits === 32) return new FastWord(32, (this.low32 >>> by) | 0, 0);
    if (by === 0) return this;
    if (by >= 32) return new FastWord(64, (this.high32 >>> (by - 32)) | 0, 0);
    const low = (this.low32 >>> by) | (this.high32 << (32 - by));
    return new FastWord(64, low, (this.high32 >>> by) | 0);
  }

  override bit(number: Operand): Bool {
    const by = this.amount(number);
    const half = by >= 32 ? this.high32 : this.low32;
    return ((half >>> (by & 31)) & 1) !== 0 ? YES : NO;
  }

  lowestBit(): Word {
    if (this.low32 !== 0) return this.made(lowestBitOf(this.low32), 0);
    if (this.high32 !== 0) return this.made(32 + lowestBitOf(this.high32), 0);
    return this.made(this.bits, 0);
  }

  leadingZeros(): Word {
    if (this.bits === 32) return this.made(Math.clz32(this.low32), 0);
    const zeros = Math.clz32(this.high32);
    return this.made(zeros === 32 ? 32 + Math.clz32(this.low32) : zeros, 0);
  }

  wide(): Word {
    return this.bits === 64 ? this : new FastWord(64, this.low32, 0);
  }

  low(): Word {
    return this.bits === 32 ? this : new FastWord(32, this.low32, 0);
  }

  override isAmong(...values: readonly Operand[]): Bool {
    for (const value of values) if (this.isSame(this.sized(value))) return YES;
    return NO;
  }

  override min(other: Word): Word {
    return this.isBelow(this.sized(other)) ? this : other;
  }

  /** The number, unsigned. */
  wholeNumber(): bigint {
    return (BigInt(this.high32 >>> 0) << 32n) | BigInt(this.low32 >>> 0);
  }

  show(): string {
    return `0x${this.wholeNumber().toString(16)}`;
  }
}
