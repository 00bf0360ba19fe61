// What is known of a word at one place of the code, for all runs that come there: the numbers it
// lies between, and the bits that are fixed. Two words with the same `id` are the same value.

export type Bits = 32 | 64;

export type Relation = "eq" | "lt_u" | "lt_s" | "and" | "or";

/** A word that is 1 if the relation holds between two others and else 0. */
export interface Test {
  readonly relation: Relation;
  readonly left: Word;
  readonly right: Word;
  /** It is 1 if the relation does not hold. */
  readonly negated: boolean;
}

export interface Word {
  readonly bits: Bits;
  readonly id: number;
  /** The least and the greatest number that it can be, without sign. */
  readonly min: bigint;
  readonly max: bigint;
  /** Bits that are 0, and bits that are 1. */
  readonly zeros: bigint;
  readonly ones: bigint;
  readonly test?: Test | undefined;
  /** It is the value of that id plus a constant. */
  readonly sum?: { readonly id: number; readonly constant: bigint } | undefined;
}

export const mostOf = (bits: Bits): bigint => (1n << BigInt(bits)) - 1n;

let ids = 0;

type Known = Pick<Word, "min" | "max" | "zeros" | "ones">;

/** What follows from range and bits for each other; nothing if no value is left. */
function tighten(bits: Bits, known: Known): Known | undefined {
  let { min, max, zeros, ones } = known;
  if (min < ones) min = ones;
  const top = mostOf(bits) & ~zeros;
  if (max > top) max = top;
  if (min > max || (zeros & ones) !== 0n) return undefined;
  // Leading bits that both ends have in common are fixed.
  const open = BigInt((min ^ max).toString(2).length);
  const fixed = min === max ? mostOf(bits) : (mostOf(bits) >> open) << open;
  zeros |= fixed & ~min & mostOf(bits);
  ones |= fixed & min;
  return (zeros & ones) === 0n ? { min, max, zeros, ones } : undefined;
}

/** A new value of which so much is known. */
export function word(bits: Bits, known: Partial<Known> = {}, more: Partial<Word> = {}): Word {
  const whole = { min: 0n, max: mostOf(bits), zeros: 0n, ones: 0n, ...known };
  const found = tighten(bits, whole);
  if (found === undefined) throw new RangeError("a word without a value");
  return { bits, id: ++ids, ...found, ...more };
}

export const exactly = (bits: Bits, value: bigint): Word => {
  const number = BigInt.asUintN(bits, value);
  return word(bits, { min: number, max: number });
};

export const isExact = (one: Word): boolean => one.min === one.max;

/** The same value, of which more is known; nothing if that cannot be. */
export function narrowed(one: Word, known: Partial<Known>): Word | undefined {
  const { bits } = one;
  const found = tighten(bits, {
    min: known.min !== undefined && known.min > one.min ? known.min : one.min,
    max: known.max !== undefined && known.max < one.max ? known.max : one.max,
    zeros: one.zeros | (known.zeros ?? 0n),
    ones: one.ones | (known.ones ?? 0n),
  });
  return found && { ...one, ...found };
}

/** The word of one way or the other. */
export function join(one: Word, two: Word): Word {
  if (one === two) return one;
  const known = {
    min: one.min < two.min ? one.min : two.min,
    max: one.max > two.max ? one.max : two.max,
    zeros: one.zeros & two.zeros,
    ones: one.ones & two.ones,
  };
  if (one.id === two.id) return { ...one, ...known, test: one.test ?? two.test };
  return word(one.bits, known);
}

/** As little is known as possible: no more than that both are possible values. */
export const unknown = (bits: Bits): Word => word(bits);

/** A text that is the same for words of which the same is known. */
export const keyOf = ({ bits, min, max, zeros, ones }: Word): string =>
  `${bits}:${min.toString(36)}:${max.toString(36)}:${zeros.toString(36)}:${ones.toString(36)}`;
