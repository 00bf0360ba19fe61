// The instructions on words of which little is known. What they give holds for every value.

import { type Bits, exactly, isExact, mostOf, type Relation, type Word, word } from "./word.ts";

type Binary = (left: Word, right: Word) => Word;

/** The lowest bits of which all are fixed in both words. */
function fixedLow(left: Word, right: Word): bigint {
  const open = ~(left.zeros | left.ones) | ~(right.zeros | right.ones);
  const lowest = open & -open;
  return (lowest - 1n) & mostOf(left.bits);
}

/** Sum, difference or product: the low bits depend on low bits alone. */
function ring(left: Word, right: Word, apply: (a: bigint, b: bigint) => bigint): Word {
  const { bits } = left;
  const low = fixedLow(left, right);
  const value = apply(left.ones, right.ones) & low;
  const ends = [apply(left.min, right.min), apply(left.max, right.max)] as const;
  const fits = ends[1] <= mostOf(bits) && ends[0] >= 0n;
  const range = fits ? { min: ends[0], max: ends[1] } : {};
  return word(bits, { ...range, ones: value, zeros: ~value & low });
}

function add(left: Word, right: Word): Word {
  const sum = ring(left, right, (a, b) => a + b);
  const [of, by] = isExact(right) ? [left, right] : [right, left];
  if (!isExact(by)) return sum;
  return { ...sum, sum: { id: of.id, constant: by.min } };
}

function subtract(left: Word, right: Word): Word {
  const { bits } = left;
  const low = fixedLow(left, right);
  const value = (left.ones - right.ones) & low;
  const range =
    left.min >= right.max ? { min: left.min - right.max, max: left.max - right.min } : {};
  const result = word(bits, { ...range, ones: value, zeros: ~value & low });
  if (!isExact(right)) return result;
  return { ...result, sum: { id: left.id, constant: BigInt.asUintN(bits, -right.min) } };
}

/** Shifts of words; by a constant, else nothing is known but what the size says. */
function shift(name: "shl" | "shr_u", left: Word, right: Word): Word {
  const { bits } = left;
  if (!isExact(right)) return name === "shr_u" ? word(bits, { max: left.max }) : word(bits);
  const by = right.min % BigInt(bits);
  const all = mostOf(bits);
  if (name === "shr_u") {
    const high = all & ~(all >> by);
    return word(bits, {
      min: left.min >> by,
      max: left.max >> by,
      zeros: (left.zeros >> by) | high,
      ones: left.ones >> by,
    });
  }
  const fits = left.max << by <= all;
  const range = fits ? { min: left.min << by, max: left.max << by } : {};
  const zeros = ((left.zeros << by) & all) | ((1n << by) - 1n);
  return word(bits, { ...range, zeros, ones: (left.ones << by) & all });
}

const bitwise: Readonly<Record<string, Binary>> = {
  and: (left, right) =>
    withTest(
      word(left.bits, {
        max: left.max < right.max ? left.max : right.max,
        zeros: left.zeros | right.zeros,
        ones: left.ones & right.ones,
      }),
      "and",
      left,
      right,
    ),
  or: (left, right) =>
    withTest(
      word(left.bits, {
        min: left.min > right.min ? left.min : right.min,
        zeros: left.zeros & right.zeros,
        ones: left.ones | right.ones,
      }),
      "or",
      left,
      right,
    ),
  xor: (left, right) =>
    word(left.bits, {
      zeros: (left.zeros & right.zeros) | (left.ones & right.ones),
      ones: (left.zeros & right.ones) | (left.ones & right.zeros),
    }),
};

/** Of two answers: both, or one of them. */
function withTest(result: Word, relation: "and" | "or", left: Word, right: Word): Word {
  if (left.max > 1n || right.max > 1n) return result;
  return { ...result, test: { relation, left, right, negated: false } };
}

function divide(left: Word, right: Word): Word {
  const most = right.min === 0n ? left.max : left.max / right.min;
  const least = right.max === 0n ? 0n : left.min / right.max;
  return word(left.bits, { min: least, max: most });
}

function remainder(left: Word, right: Word): Word {
  const below = right.max === 0n ? 0n : right.max - 1n;
  return word(left.bits, { max: below < left.max ? below : left.max });
}

const operations: Readonly<Record<string, Binary>> = {
  add,
  sub: subtract,
  mul: (left, right) => ring(left, right, (a, b) => a * b),
  shl: (left, right) => shift("shl", left, right),
  shr_u: (left, right) => shift("shr_u", left, right),
  div_u: divide,
  rem_u: remainder,
  ...bitwise,
};

const isNatural = (one: Word): boolean => one.max < 1n << BigInt(one.bits - 1);

/** 1 if the relation is sure, 0 if it is impossible, else unknown. */
function decided(relation: Relation, left: Word, right: Word): boolean | undefined {
  if (relation === "lt_s" && !(isNatural(left) && isNatural(right))) {
    if (!isExact(left) || !isExact(right)) return undefined;
    return BigInt.asIntN(left.bits, left.min) < BigInt.asIntN(right.bits, right.min);
  }
  if (relation === "eq") {
    if (isExact(left) && isExact(right)) return left.min === right.min;
    const isApart = left.min > right.max || right.min > left.max;
    const differs = (left.ones & right.zeros) !== 0n || (left.zeros & right.ones) !== 0n;
    return isApart || differs ? false : undefined;
  }
  if (left.max < right.min) return true;
  return left.min >= right.max ? false : undefined;
}

function answer(relation: Relation, left: Word, right: Word, negated: boolean): Word {
  const known = left.id === right.id ? relation === "eq" : decided(relation, left, right);
  if (known !== undefined) return exactly(32, known === negated ? 0n : 1n);
  return word(32, { max: 1n }, { test: { relation, left, right, negated } });
}

/** A comparison: one of the relations, whether its sides change places, whether it is denied. */
const comparisons: Readonly<Record<string, readonly [Relation, boolean, boolean]>> = {
  eq: ["eq", false, false],
  ne: ["eq", false, true],
  lt_u: ["lt_u", false, false],
  gt_u: ["lt_u", true, false],
  ge_u: ["lt_u", false, true],
  le_u: ["lt_u", true, true],
  lt_s: ["lt_s", false, false],
  gt_s: ["lt_s", true, false],
  ge_s: ["lt_s", false, true],
  le_s: ["lt_s", true, true],
};

/** An instruction of two operands, by its name without the type. */
export function binary(name: string, left: Word, right: Word): Word {
  const comparison = comparisons[name];
  if (comparison !== undefined) {
    const [relation, isSwapped, negated] = comparison;
    const [one, two] = isSwapped ? [right, left] : [left, right];
    return answer(relation, one, two, negated);
  }
  return operations[name]?.(left, right) ?? word(left.bits);
}

const counts: ReadonlySet<string> = new Set(["clz", "ctz", "popcnt"]);

/** An instruction of one operand. */
export function unary(name: string, bits: Bits, one: Word): Word {
  if (name === "eqz") return answer("eq", one, exactly(one.bits, 0n), false);
  if (counts.has(name)) return word(bits, { max: BigInt(one.bits) });
  if (name === "wrap_i64") {
    const all = mostOf(32);
    const fits = one.max <= all ? { min: one.min, max: one.max } : {};
    return word(32, { ...fits, zeros: one.zeros & all, ones: one.ones & all });
  }
  const isWide = name === "extend_i32_u" || (name === "extend_i32_s" && isNatural(one));
  if (!isWide) return word(bits);
  const high = mostOf(64) & ~mostOf(32);
  const known = { min: one.min, max: one.max, zeros: one.zeros | high, ones: one.ones };
  // One and the same number: what is learnt of the wide one holds of the other.
  return word(64, known, one.test === undefined ? {} : { test: one.test });
}
