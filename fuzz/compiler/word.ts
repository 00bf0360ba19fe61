// Words and conditions of the specification as JavaScript: a word is two halves of 32 bits, each a
// constant or a name that was given to an expression before.

import { type Bits, Bool, type Operand, SpecificationError, Word } from "../../spec/lang/word.ts";
import { ANY, constantHalf, type Half, unsigned, ZERO } from "./scope.ts";

/** Binds expressions to names. */
export interface Binder {
  /** The half that an expression is; the expression has no effect and reads no state. */
  bind(expression: string, max: number): Half;
  /** Two halves, where a helper gives the low one and leaves the high one in H1. */
  bindBoth(expression: string): readonly [Half, Half];
}

const TEXT_MAX = 160;
const SIGNED_MAX = 0x7fffffff;

export class CodeBool extends Bool {
  readonly binder: Binder;
  /** A name, `true`, `false`, or an expression in parentheses. */
  readonly text: string;

  constructor(binder: Binder, text: string) {
    super();
    this.binder = binder;
    this.text = text.length > TEXT_MAX ? binder.bind(text, 1).text : text;
  }

  get constant(): boolean | undefined {
    if (this.text === "true") return true;
    return this.text === "false" ? false : undefined;
  }

  #make(text: string): CodeBool {
    return new CodeBool(this.binder, text);
  }

  and(other: Bool): Bool {
    const { constant } = this;
    const that = other as CodeBool;
    if (constant !== undefined) return constant ? that : this;
    if (that.constant !== undefined) return that.constant ? this : that;
    return this.#make(`(${this.text} && ${that.text})`);
  }

  or(other: Bool): Bool {
    const { constant } = this;
    const that = other as CodeBool;
    if (constant !== undefined) return constant ? this : that;
    if (that.constant !== undefined) return that.constant ? that : this;
    return this.#make(`(${this.text} || ${that.text})`);
  }

  not(): Bool {
    const { constant } = this;
    if (constant !== undefined) return this.#make(String(!constant));
    return this.#make(this.text.startsWith("!") ? this.text.slice(1) : `!${this.text}`);
  }

  choose(whenTrue: Word, whenFalse: Operand): Word {
    const one = whenTrue as CodeWord;
    const other = one.sized(whenFalse);
    const { constant } = this;
    if (constant !== undefined) return constant ? one : other;
    const half = (left: Half, right: Half): Half => {
      if (left.text === right.text) return left;
      const max = Math.max(left.max, right.max);
      return this.binder.bind(`${this.text} ? ${left.text} : ${right.text}`, max);
    };
    return new CodeWord(
      this.binder,
      one.bits,
      half(one.lower, other.lower),
      half(one.upper, other.upper),
    );
  }

  show(): string {
    return this.text;
  }
}

/** The least number of the form 2^n - 1 that is not below `max`. */
function allBits(max: number): number {
  return max === 0 ? 0 : 2 ** (32 - Math.clz32(max)) - 1;
}

export class CodeWord extends Word {
  readonly binder: Binder;
  readonly bits: Bits;
  readonly lower: Half;
  readonly upper: Half;

  constructor(binder: Binder, bits: Bits, lower: Half, upper: Half) {
    super();
    this.binder = binder;
    this.bits = bits;
    this.lower = lower;
    this.upper = bits === 64 ? upper : ZERO;
  }

  /** The number, if it is a constant below 2^32. */
  get constant(): number | undefined {
    const { lower, upper } = this;
    return upper.value === 0 && lower.value !== undefined ? lower.value >>> 0 : undefined;
  }

  sized(other: Operand): CodeWord {
    if (other instanceof CodeWord) {
      if (other.bits === this.bits) return other;
      throw new SpecificationError(`a word of ${other.bits} bits where ${this.bits} are wanted`);
    }
    if (other instanceof Word) throw new SpecificationError("a word of another interpretation");
    return literal(this.binder, this.bits, other);
  }

  #make(lower: Half, upper: Half): CodeWord {
    return new CodeWord(this.binder, this.bits, lower, upper);
  }

  #truth(text: string): CodeBool {
    return new CodeBool(this.binder, text);
  }

  eq(other: Operand): Bool {
    const that = this.sized(other);
    const low = equal(this.lower, that.lower);
    const high = equal(this.upper, that.upper);
    return this.#truth(high).and(this.#truth(low));
  }

  lt(other: Operand): Bool {
    const that = this.sized(other);
    const low = below(this.lower, that.lower);
    const same = equal(this.upper, that.upper);
    if (same === "true") return this.#truth(low);
    const high = below(this.upper, that.upper);
    return this.#truth(high).or(this.#truth(same).and(this.#truth(low)));
  }

  add(other: Operand): Word {
    const that = this.sized(other);
    const low = this.#sum(this.lower, that.lower);
    if (this.bits === 32) return this.#make(low, ZERO);
    if (this.lower.max + that.lower.max <= ANY) {
      return this.#make(low, this.#sum(this.upper, that.upper));
    }
    const [one, other32] = [unsigned(this.lower), unsigned(that.lower)];
    const carry = `(${one} + ${other32} > 4294967295 ? 1 : 0)`;
    const high = `(${this.upper.text} + ${that.upper.text} + ${carry}) | 0`;
    return this.#make(low, this.binder.bind(high, ANY));
  }

  #sum(left: Half, right: Half): Half {
    if (left.value === 0) return right;
    if (right.value === 0) return left;
    if (left.value !== undefined && right.value !== undefined) {
      return constantHalf(left.value + right.value);
    }
    const max = left.max + right.max;
    if (max <= SIGNED_MAX) return this.binder.bind(`${left.text} + ${right.text}`, max);
    return this.binder.bind(`(${left.text} + ${right.text}) | 0`, Math.min(max, ANY));
  }

  sub(other: Operand): Word {
    const that = this.sized(other);
    const low = this.#difference(this.lower, that.lower);
    if (this.bits === 32) return this.#make(low, ZERO);
    const borrow = below(this.lower, that.lower);
    if (borrow === "false") return this.#make(low, this.#difference(this.upper, that.upper));
    const high = `(${this.upper.text} - ${that.upper.text} - (${borrow} ? 1 : 0)) | 0`;
    return this.#make(low, this.binder.bind(high, ANY));
  }

  #difference(left: Half, right: Half): Half {
    if (right.value === 0) return left;
    if (left.value !== undefined && right.value !== undefined) {
      return constantHalf(left.value - right.value);
    }
    return this.binder.bind(`(${left.text} - ${right.text}) | 0`, ANY);
  }

  mul(other: Operand): Word {
    const that = this.sized(other);
    const [a, b] = [this.lower, that.lower];
    if (this.bits === 64) {
      const [one, two] = [this.upper, that.upper];
      return this.#both(`multiply(${a.text}, ${one.text}, ${b.text}, ${two.text})`);
    }
    if (a.value !== undefined && b.value !== undefined) {
      return this.#make(constantHalf(Math.imul(a.value, b.value)), ZERO);
    }
    const max = Math.min(a.max * b.max, ANY);
    return this.#make(this.binder.bind(`Math.imul(${a.text}, ${b.text})`, max), ZERO);
  }

  #both(expression: string): CodeWord {
    const [low, high] = this.binder.bindBoth(expression);
    return this.#make(low, high);
  }

  #halves(other: Operand, operation: (left: Half, right: Half) => Half): Word {
    const that = this.sized(other);
    return this.#make(operation(this.lower, that.lower), operation(this.upper, that.upper));
  }

  and(other: Operand): Word {
    return this.#halves(other, (left, right) => {
      if (left.value === 0 || right.value === -1) return left;
      if (right.value === 0 || left.value === -1) return right;
      if (left.value !== undefined && right.value !== undefined) {
        return constantHalf(left.value & right.value);
      }
      const max = Math.min(left.max, right.max);
      return this.binder.bind(`${left.text} & ${right.text}`, max);
    });
  }

  or(other: Operand): Word {
    return this.#halves(other, (left, right) => {
      if (left.value === 0) return right;
      if (right.value === 0) return left;
      if (left.value !== undefined && right.value !== undefined) {
        return constantHalf(left.value | right.value);
      }
      const max = allBits(Math.max(left.max, right.max));
      return this.binder.bind(`${left.text} | ${right.text}`, max);
    });
  }

  xor(other: Operand): Word {
    return this.#halves(other, (left, right) => {
      if (left.value === 0) return right;
      if (right.value === 0) return left;
      if (left.value !== undefined && right.value !== undefined) {
        return constantHalf(left.value ^ right.value);
      }
      const max = allBits(Math.max(left.max, right.max));
      return this.binder.bind(`${left.text} ^ ${right.text}`, max);
    });
  }

  shl(amount: Operand): Word {
    const by = this.sized(amount).lower;
    const { lower, upper } = this;
    if (this.bits === 32) return this.#make(this.#up(lower, by), ZERO);
    if (by.value === undefined) {
      return this.#both(`shiftUp(${lower.text}, ${upper.text}, ${by.text})`);
    }
    const count = by.value & 63;
    if (count === 0) return this;
    if (count >= 32) return this.#make(ZERO, this.#up(lower, constantHalf(count - 32)));
    const moved = this.#down(lower, constantHalf(32 - count));
    const high = this.#make(this.#up(upper, by), ZERO).or(this.#make(moved, ZERO)) as CodeWord;
    return this.#make(this.#up(lower, by), high.lower);
  }

  shr(amount: Operand): Word {
    const by = this.sized(amount).lower;
    const { lower, upper } = this;
    if (this.bits === 32) return this.#make(this.#down(lower, by), ZERO);
    if (by.value === undefined) {
      return this.#both(`shiftDown(${lower.text}, ${upper.text}, ${by.text})`);
    }
    const count = by.value & 63;
    if (count === 0) return this;
    if (count >= 32) return this.#make(this.#down(upper, constantHalf(count - 32)), ZERO);
    const moved = this.#up(upper, constantHalf(32 - count));
    const low = this.#make(this.#down(lower, by), ZERO).or(this.#make(moved, ZERO)) as CodeWord;
    return this.#make(low.lower, this.#down(upper, by));
  }

  #up(half: Half, by: Half): Half {
    if (half.value === 0 || by.value === 0) return half;
    if (by.value === undefined) return this.binder.bind(`${half.text} << ${by.text}`, ANY);
    const count = by.value & 31;
    if (half.value !== undefined) return constantHalf(half.value << count);
    const max = half.max * 2 ** count;
    return this.binder.bind(`${half.text} << ${count}`, max > ANY ? ANY : max);
  }

  #down(half: Half, by: Half): Half {
    if (half.value === 0 || by.value === 0) return half;
    if (by.value === undefined) {
      return this.binder.bind(`(${half.text} >>> ${by.text}) | 0`, half.max);
    }
    const count = by.value & 31;
    if (half.value !== undefined) return constantHalf(half.value >>> count);
    const max = half.max >>> count;
    return max === 0 ? ZERO : this.binder.bind(`${half.text} >>> ${count}`, max);
  }

  lowestBit(): Word {
    const { lower, upper } = this;
    const call = `lowest${this.bits}(${lower.text}, ${upper.text})`;
    return this.#make(this.binder.bind(call, this.bits), ZERO);
  }

  leadingZeros(): Word {
    const { lower, upper } = this;
    const call = `leading${this.bits}(${lower.text}, ${upper.text})`;
    return this.#make(this.binder.bind(call, this.bits), ZERO);
  }

  wide(): Word {
    return this.bits === 64 ? this : new CodeWord(this.binder, 64, this.lower, ZERO);
  }

  low(): Word {
    return this.bits === 32 ? this : new CodeWord(this.binder, 32, this.lower, ZERO);
  }

  show(): string {
    return `${this.upper.text}:${this.lower.text}`;
  }
}

/** The condition that two halves are the same. */
function equal(left: Half, right: Half): string {
  if (left.text === right.text) return "true";
  if (left.value !== undefined && right.value !== undefined) return "false";
  if ((left.value !== undefined && left.value >>> 0 > right.max) || impossible(right, left)) {
    return "false";
  }
  return `(${left.text} === ${right.text})`;
}

function impossible({ value }: Half, { max }: Half): boolean {
  return value !== undefined && value >>> 0 > max;
}

/** The condition that one half is below the other, unsigned. */
function below(left: Half, right: Half): string {
  if (left.text === right.text || right.value === 0) return "false";
  if (left.value !== undefined && right.value !== undefined) {
    return String(left.value >>> 0 < right.value >>> 0);
  }
  if (right.value !== undefined && left.max < right.value >>> 0) return "true";
  if (left.value !== undefined && left.value >>> 0 >= right.max) return "false";
  return `(${unsigned(left)} < ${unsigned(right)})`;
}

/** The word of that width for a literal. */
export function literal(binder: Binder, bits: Bits, value: number | bigint): CodeWord {
  const number = BigInt.asUintN(64, BigInt(value));
  const low = constantHalf(Number(number & 0xffffffffn));
  return new CodeWord(binder, bits, low, constantHalf(Number(number >> 32n)));
}
