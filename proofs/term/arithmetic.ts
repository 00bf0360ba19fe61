import {
  bitAnd,
  bitNot,
  bitOr,
  concat,
  extract,
  signExtend,
  truncate,
  zeroExtend,
} from "./bits.ts";
import { ite } from "./boolean.ts";
import { equal } from "./compare.ts";
import { constant, isConstant, mask, node, ordered, requireSameWidth, type Term } from "./term.ts";

/** Sum modulo 2^width. */
export function add(left: Term, right: Term): Term {
  requireSameWidth(left, right, "add");
  const width = left.width;
  const [first, second] = ordered(left, right);
  if (isConstant(second)) {
    if (second.value === 0n) return first;
    if (isConstant(first)) return constant(width, first.value + second.value);
    const [inner, offset] = first.operands as [Term, Term];
    if (first.operator === "add" && isConstant(offset)) {
      return add(inner, constant(width, offset.value + second.value));
    }
  }
  const disjoint = fitBelow(first, second) ?? fitBelow(second, first);
  if (disjoint !== undefined) return disjoint;
  return node("add", width, [first, second]);
}

/** x << k plus something below 2^k needs no carry. */
function fitBelow(shifted: Term, low: Term): Term | undefined {
  const source = shifted.operator === "zeroExtend" ? shifted.operands[0]! : shifted;
  const split = splitTrailingZeros(source);
  if (split === undefined) return undefined;
  const { high, zeros } = split;
  let part: Term | undefined;
  if (isConstant(low) && low.value <= mask(zeros)) part = truncate(low, zeros);
  if (low.operator === "zeroExtend" && low.operands[0]!.width <= zeros) {
    part = zeroExtend(low.operands[0]!, zeros);
  }
  return part === undefined ? undefined : zeroExtend(concat(high, part), shifted.width);
}

/** A concatenation that ends in zeros, without them. */
function splitTrailingZeros(term: Term): { high: Term; zeros: number } | undefined {
  let last = term;
  while (last.operator === "concat") last = last.operands[1]!;
  if (last === term || !isConstant(last) || last.value !== 0n) return undefined;
  return { high: extract(term, term.width - 1, last.width), zeros: last.width };
}

/** Difference modulo 2^width. */
export function sub(left: Term, right: Term): Term {
  requireSameWidth(left, right, "sub");
  if (left === right) return constant(left.width, 0n);
  if (isConstant(right)) return add(left, constant(left.width, -right.value));
  return node("sub", left.width, [left, right]);
}

export function negate(term: Term): Term {
  return sub(constant(term.width, 0n), term);
}

/** Product modulo 2^width; powers of two become shifts. */
export function mul(left: Term, right: Term): Term {
  requireSameWidth(left, right, "mul");
  const [first, second] = ordered(left, right);
  if (isConstant(second)) {
    if (isConstant(first)) return constant(left.width, first.value * second.value);
    const shift = powerOfTwo(second.value);
    if (second.value === 0n) return second;
    if (shift !== undefined) return shiftLeftBy(first, shift);
  }
  return node("mul", left.width, [first, second]);
}

/** k if the value is 2^k. */
export function powerOfTwo(value: bigint): number | undefined {
  if (value <= 0n || (value & (value - 1n)) !== 0n) return undefined;
  return value.toString(2).length - 1;
}

type Division = "udiv" | "urem" | "sdiv" | "srem";

/** SMT-LIB's total division: by zero, a quotient is all ones (or 1 if signed and negative). */
export function foldDivision(operator: Division, width: number, x: bigint, y: bigint): bigint {
  const a = operator.startsWith("s") ? BigInt.asIntN(width, x) : x;
  const b = operator.startsWith("s") ? BigInt.asIntN(width, y) : y;
  if (b === 0n) {
    if (operator === "urem" || operator === "srem") return x;
    return a < 0n ? 1n : mask(width);
  }
  return BigInt.asUintN(width, operator.endsWith("div") ? a / b : a % b);
}

function divide(operator: Division, left: Term, right: Term): Term {
  requireSameWidth(left, right, operator);
  const width = left.width;
  if (isConstant(left) && isConstant(right)) {
    return constant(width, foldDivision(operator, width, left.value, right.value));
  }
  const shift = isConstant(right) ? powerOfTwo(right.value) : undefined;
  if (shift !== undefined) {
    if (operator === "udiv") return shiftRightBy(left, shift);
    if (operator === "urem") return bitAnd(left, constant(width, mask(shift)));
  }
  return node(operator, width, [left, right]);
}

export function udiv(left: Term, right: Term): Term {
  return divide("udiv", left, right);
}

export function urem(left: Term, right: Term): Term {
  return divide("urem", left, right);
}

export function sdiv(left: Term, right: Term): Term {
  return divide("sdiv", left, right);
}

export function srem(left: Term, right: Term): Term {
  return divide("srem", left, right);
}

function shiftLeftBy(term: Term, count: number): Term {
  const width = term.width;
  if (count === 0) return term;
  if (count >= width) return constant(width, 0n);
  return concat(truncate(term, width - count), constant(count, 0n));
}

function shiftRightBy(term: Term, count: number): Term {
  const width = term.width;
  if (count === 0) return term;
  if (count >= width) return constant(width, 0n);
  return zeroExtend(extract(term, width - 1, count), width);
}

function shiftCount(amount: Term): number {
  return amount.value > 64n ? 64 : Number(amount.value);
}

/** SMT-LIB's shift: an amount of the width or more leaves nothing. */
export function shiftLeft(term: Term, amount: Term): Term {
  requireSameWidth(term, amount, "shiftLeft");
  if (isConstant(amount)) return shiftLeftBy(term, shiftCount(amount));
  if (isConstant(term) && term.value === 0n) return term;
  return node("shiftLeft", term.width, [term, amount]);
}

/** Logical shift to the right. */
export function shiftRight(term: Term, amount: Term): Term {
  requireSameWidth(term, amount, "shiftRight");
  if (isConstant(amount)) return shiftRightBy(term, shiftCount(amount));
  if (isConstant(term) && term.value === 0n) return term;
  return node("shiftRight", term.width, [term, amount]);
}

/** Arithmetic shift to the right. */
export function shiftRightSigned(term: Term, amount: Term): Term {
  requireSameWidth(term, amount, "shiftRightSigned");
  const width = term.width;
  if (isConstant(amount)) {
    const low = Math.min(shiftCount(amount), width - 1);
    return low === 0 ? term : signExtend(extract(term, width - 1, low), width);
  }
  if (isConstant(term) && term.value === 0n) return term;
  return node("shiftRightSigned", width, [term, amount]);
}

/** Rotation to the left; the amount counts modulo the width, which is a power of two. */
export function rotateLeft(term: Term, amount: Term): Term {
  const width = term.width;
  const count = bitAnd(amount, constant(width, width - 1));
  if (isConstant(count)) {
    const by = Number(count.value);
    if (by === 0) return term;
    return concat(truncate(term, width - by), extract(term, width - 1, width - by));
  }
  // All bits but one: what binaryen makes of ~(1 << n).
  const allButLowest = mask(width) - 1n;
  if (isConstant(term) && term.value === allButLowest) {
    return bitNot(shiftLeft(constant(width, 1), count));
  }
  const back = bitAnd(negate(amount), constant(width, width - 1));
  return bitOr(shiftLeft(term, count), shiftRight(term, back));
}

export function rotateRight(term: Term, amount: Term): Term {
  return rotateLeft(term, negate(amount));
}

/** Count of trailing zeros by halving: `width` for zero. The width is a power of two. */
export function countTrailingZeros(term: Term): Term {
  return countZeros(term, (word, half) => [
    truncate(word, half),
    extract(word, 2 * half - 1, half),
  ]);
}

/** Count of leading zeros by halving: `width` for zero. The width is a power of two. */
export function countLeadingZeros(term: Term): Term {
  return countZeros(term, (word, half) => [
    extract(word, 2 * half - 1, half),
    truncate(word, half),
  ]);
}

function countZeros(term: Term, split: (word: Term, half: number) => [Term, Term]): Term {
  const width = term.width;
  let word = term;
  let result: Term | undefined;
  for (let half = width / 2; half >= 1; half /= 2) {
    const [near, far] = split(word, half);
    const empty = equal(near, constant(half, 0n));
    const bit = ite(empty, constant(1, 1n), constant(1, 0n));
    result = result === undefined ? bit : concat(result, bit);
    word = ite(empty, far, near);
  }
  const count = zeroExtend(result!, width);
  return ite(equal(term, constant(width, 0n)), constant(width, width), count);
}

/** Number of one bits, as a balanced sum. */
export function countOnes(term: Term): Term {
  const width = term.width;
  let sums = Array.from({ length: width }, (_, at) => extract(term, at, at));
  while (sums.length > 1) {
    const next: Term[] = [];
    for (let at = 0; at < sums.length; at += 2) {
      const wide = sums[at]!.width + 1;
      next.push(add(zeroExtend(sums[at]!, wide), zeroExtend(sums[at + 1]!, wide)));
    }
    sums = next;
  }
  return zeroExtend(sums[0]!, width);
}
