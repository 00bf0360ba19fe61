import fc from "fast-check";
import * as term from "../../../proofs/term/index.ts";

/** A term beside the value that arithmetic on bigints says it has under the test's assignment. */
export interface Checked {
  readonly term: term.Term;
  readonly value: bigint;
}

export interface Environment {
  readonly words: readonly Checked[];
  readonly assignment: term.Assignment;
}

const wrap = (width: number, value: bigint) => BigInt.asUintN(width, value);
const signed = (width: number, value: bigint) => BigInt.asIntN(width, value);

/** Variables of widths 1, 8, 32, 64 with the given values. */
export function environment(values: readonly bigint[]): Environment {
  const widths = [1, 8, 32, 64];
  const variables = new Map<string, bigint>();
  const words = values.map((raw, at) => {
    const width = widths[at % widths.length]!;
    const name = `x${at}_${width}`;
    variables.set(name, wrap(width, raw));
    return { term: term.variable(name, width), value: wrap(width, raw) };
  });
  return { words, assignment: { variables, functions: new Map() } };
}

type Binary = [
  (a: term.Term, b: term.Term) => term.Term,
  (a: bigint, b: bigint, width: number) => bigint,
];

const shift = (b: bigint, width: number) => (b > BigInt(width) ? BigInt(width) : b);
const binary: readonly Binary[] = [
  [term.add, (a, b) => a + b],
  [term.sub, (a, b) => a - b],
  [term.mul, (a, b) => a * b],
  [term.bitAnd, (a, b) => a & b],
  [term.bitOr, (a, b) => a | b],
  [term.bitXor, (a, b) => a ^ b],
  [term.udiv, (a, b, w) => (b === 0n ? term.mask(w) : a / b)],
  [term.urem, (a, b) => (b === 0n ? a : a % b)],
  [
    term.sdiv,
    (a, b, w) => (b === 0n ? (signed(w, a) < 0n ? 1n : term.mask(w)) : signed(w, a) / signed(w, b)),
  ],
  [term.srem, (a, b, w) => (b === 0n ? a : signed(w, a) % signed(w, b))],
  [term.shiftLeft, (a, b, w) => (b >= BigInt(w) ? 0n : a << b)],
  [term.shiftRight, (a, b, w) => a >> shift(b, w)],
  [term.shiftRightSigned, (a, b, w) => signed(w, a) >> shift(b, w)],
];

const comparison: readonly Binary[] = [
  [term.equal, (a, b) => BigInt(a === b)],
  [term.ult, (a, b) => BigInt(a < b)],
  [term.ule, (a, b) => BigInt(a <= b)],
  [term.slt, (a, b, w) => BigInt(signed(w, a) < signed(w, b))],
  [term.sle, (a, b, w) => BigInt(signed(w, a) <= signed(w, b))],
];

const logic: readonly Binary[] = [
  [term.and, (a, b) => a & b],
  [term.or, (a, b) => a | b],
  [term.equal, (a, b) => BigInt(a === b)],
  [term.implies, (a, b) => (1n - a) | b],
];

/** A stream of choices that grows terms from the environment's words; constants come often. */
export class Grower {
  readonly words: Checked[];
  readonly conditions: Checked[] = [{ term: term.TRUE, value: 1n }];
  #at = 0;
  readonly #choices: readonly number[];

  constructor(start: Environment, choices: readonly number[]) {
    this.words = [...start.words];
    this.#choices = choices;
  }

  next(limit: number): number {
    const choice = this.#choices[this.#at++ % this.#choices.length]!;
    return choice % limit;
  }

  word(): Checked {
    return this.words[this.next(this.words.length)]!;
  }

  condition(): Checked {
    return this.conditions[this.next(this.conditions.length)]!;
  }

  /** Another word of the same width: resized, or a constant of the kinds that rules look for. */
  like(width: number): Checked {
    const shapes = [0n, 1n, -1n, 0xffn, 0xff0n, 1n << BigInt(width - 1), 6n, 0xfff0n];
    const kind = this.next(4);
    if (kind === 0) {
      const value = wrap(width, shapes[this.next(shapes.length)]!);
      return { term: term.constant(width, value), value };
    }
    const other = this.word();
    if (other.term.width === width) return other;
    if (other.term.width < width) {
      if (kind === 1) {
        const value = wrap(width, signed(other.term.width, other.value));
        return { term: term.signExtend(other.term, width), value };
      }
      return { term: term.zeroExtend(other.term, width), value: other.value };
    }
    const low = this.next(other.term.width - width + 1);
    const value = wrap(width, other.value >> BigInt(low));
    return { term: term.extract(other.term, low + width - 1, low), value };
  }

  step(): void {
    const a = this.word();
    const width = a.term.width;
    const b = this.like(width);
    const kind = this.next(8);
    if (kind <= 3) {
      const [build, model] = binary[this.next(binary.length)]!;
      const value = wrap(width, model(a.value, b.value, width));
      this.words.push({ term: build(a.term, b.term), value });
    } else if (kind === 4) {
      const [build, model] = comparison[this.next(comparison.length)]!;
      this.conditions.push({
        term: build(a.term, b.term),
        value: model(a.value, b.value, width),
      });
    } else if (kind === 5) {
      const [build, model] = logic[this.next(logic.length)]!;
      const [c, d] = [this.condition(), this.condition()];
      const negated = this.next(2) === 1 ? { term: term.not(d.term), value: 1n - d.value } : d;
      this.conditions.push({
        term: build(c.term, negated.term),
        value: model(c.value, negated.value, 1),
      });
    } else if (kind === 6) {
      const c = this.condition();
      this.words.push({
        term: term.ite(c.term, a.term, b.term),
        value: c.value ? a.value : b.value,
      });
    } else if (width + b.term.width <= 64) {
      const value = (a.value << BigInt(width)) | b.value;
      this.words.push({ term: term.concat(a.term, b.term), value });
    }
  }
}

/** Values and choices for one random growth. */
export const growth = fc.record({
  values: fc.array(
    fc.oneof(
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.constantFrom(0n, 1n, 0xffn, 0x80000000n, 0xffffffffn, (1n << 63n) + 1n),
    ),
    { minLength: 8, maxLength: 8 },
  ),
  choices: fc.array(fc.nat(1 << 20), { minLength: 20, maxLength: 160 }),
});
