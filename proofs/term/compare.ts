import { extract, zeroExtend } from "./bits.ts";
import { and, ite, not } from "./boolean.ts";
import {
  booleanConstant,
  constant,
  FALSE,
  isConstant,
  mask,
  node,
  ordered,
  requireSameWidth,
  type Term,
  TermError,
  TRUE,
} from "./term.ts";

/** Equality of two bit-vectors or two booleans. */
export function equal(left: Term, right: Term): Term {
  if (left.width !== right.width) {
    throw new TermError(`equal wants equal widths, got ${left.width} and ${right.width}`);
  }
  if (left === right) return TRUE;
  if (left.width === 0) return equalBooleans(left, right);
  const [first, second] = ordered(left, right);
  if (isConstant(first)) return booleanConstant(first.value === second.value);
  if (isConstant(second)) return equalConstant(first, second.value);
  return equalParts(first, second) ?? node("equal", 0, [first, second]);
}

function equalBooleans(left: Term, right: Term): Term {
  const [first, second] = ordered(left, right);
  if (isConstant(second)) {
    if (isConstant(first)) return FALSE;
    return second.value === 1n ? first : not(first);
  }
  if (first === not(second)) return FALSE;
  if (first.operator === "not") return not(equal(first.operands[0]!, second));
  if (second.operator === "not") return not(equal(first, second.operands[0]!));
  return node("equal", 0, [first, second]);
}

function equalConstant(term: Term, value: bigint): Term {
  const [first, second, third] = term.operands as [Term, Term, Term];
  const same = (part: Term, wanted: bigint) => equal(part, constant(part.width, wanted));
  switch (term.operator) {
    case "zeroExtend":
      return value > mask(first.width) ? FALSE : same(first, value);
    case "signExtend": {
      const narrow = BigInt.asIntN(first.width, value);
      return BigInt.asUintN(term.width, narrow) === value ? same(first, value) : FALSE;
    }
    case "concat":
      return and(same(first, value >> BigInt(second.width)), same(second, value));
    case "ite":
      if (!isConstant(second) && !isConstant(third)) break;
      return ite(first, same(second, value), same(third, value));
    case "bitXor":
      if (isConstant(second)) return same(first, value ^ second.value);
      break;
    case "add":
      if (isConstant(second)) return same(first, value - second.value);
      break;
    case "sub":
      if (value === 0n) return equal(first, second);
      break;
  }
  if (term.width === 1 && value === 0n) return not(same(term, 1n));
  return node("equal", 0, [term, constant(term.width, value)]);
}

function equalParts(left: Term, right: Term): Term | undefined {
  if (left.operator === "zeroExtend" && right.operator === "zeroExtend") {
    const [first, second] = [left.operands[0]!, right.operands[0]!];
    const width = Math.max(first.width, second.width);
    return equal(zeroExtend(first, width), zeroExtend(second, width));
  }
  const operator = left.operator;
  if (operator !== right.operator) return undefined;
  const [a, b] = left.operands as [Term, Term];
  const [c, d] = right.operands as [Term, Term];
  if (operator === "signExtend" && a.width === c.width) return equal(a, c);
  if (operator === "concat" && a.width === c.width) return and(equal(a, c), equal(b, d));
  if (operator === "add" && b === d) return equal(a, c);
  return undefined;
}

export function notEqual(left: Term, right: Term): Term {
  return not(equal(left, right));
}

/** Unsigned less-than. */
export function ult(left: Term, right: Term): Term {
  requireSameWidth(left, right, "ult");
  if (left === right) return FALSE;
  const width = left.width;
  if (isConstant(left)) {
    if (isConstant(right)) return booleanConstant(left.value < right.value);
    if (left.value === mask(width)) return FALSE;
    return not(ult(right, constant(width, left.value + 1n)));
  }
  if (isConstant(right)) return belowConstant(left, right);
  if (left.operator === "zeroExtend" && right.operator === "zeroExtend") {
    const [first, second] = [left.operands[0]!, right.operands[0]!];
    const wide = Math.max(first.width, second.width);
    if (wide < width) return ult(zeroExtend(first, wide), zeroExtend(second, wide));
  }
  return node("ult", 0, [left, right]);
}

/** Bounds that were computed: sums of many choices are looked at again and again. */
const bounds = new WeakMap<Term, bigint>();

/** The operands that a term's bound is made of. */
function boundedBy({ operator, operands }: Term): readonly Term[] {
  switch (operator) {
    case "zeroExtend":
    case "concat":
    case "add":
      return operands;
    case "ite":
      return operands.slice(1);
    default:
      return [];
  }
}

/** A value that the term never exceeds. */
function upperBound(term: Term): bigint {
  const open = [term];
  for (let next = open.at(-1); next !== undefined; next = open.at(-1)) {
    const missing = boundedBy(next).filter((part) => !bounds.has(part));
    if (missing.length > 0) {
      open.push(...missing);
      continue;
    }
    bounds.set(next, boundOf(next));
    open.pop();
  }
  return bounds.get(term)!;
}

/** A term's bound, from those of its operands. */
function boundOf(term: Term): bigint {
  const most = mask(term.width);
  if (isConstant(term)) return term.value;
  const second = term.operands[1]!;
  const parts = boundedBy(term).map((part) => bounds.get(part)!);
  switch (term.operator) {
    case "zeroExtend":
      return parts[0]!;
    case "concat":
      return (parts[0]! << BigInt(second.width)) | parts[1]!;
    case "ite":
      return parts[0]! > parts[1]! ? parts[0]! : parts[1]!;
    case "add": {
      const sum = parts[0]! + parts[1]!;
      return sum <= most ? sum : most;
    }
    case "urem":
      return isConstant(second) && second.value > 0n ? second.value - 1n : most;
    default:
      return most;
  }
}

function belowConstant(term: Term, limit: Term): Term {
  const bound = limit.value;
  if (bound === 0n) return FALSE;
  if (bound === 1n) return equal(term, constant(term.width, 0n));
  const [first, second, third] = term.operands as [Term, Term, Term];
  if (term.operator === "zeroExtend") {
    if (bound > mask(first.width)) return TRUE;
    return ult(first, constant(first.width, bound));
  }
  if (term.operator === "concat" && (bound & mask(second.width)) === 0n) {
    return ult(first, constant(first.width, bound >> BigInt(second.width)));
  }
  if (term.operator === "ite" && (isConstant(second) || isConstant(third))) {
    return ite(first, ult(second, limit), ult(third, limit));
  }
  if (upperBound(term) < bound) return TRUE;
  if (bound === mask(term.width)) return not(equal(term, limit));
  return node("ult", 0, [term, limit]);
}

export function ule(left: Term, right: Term): Term {
  return not(ult(right, left));
}

/** Signed less-than. */
export function slt(left: Term, right: Term): Term {
  requireSameWidth(left, right, "slt");
  if (left === right) return FALSE;
  const width = left.width;
  const signed = (term: Term) => BigInt.asIntN(width, term.value);
  if (isConstant(left)) {
    if (isConstant(right)) return booleanConstant(signed(left) < signed(right));
    if (left.value === mask(width) >> 1n) return FALSE;
    return not(slt(right, constant(width, left.value + 1n)));
  }
  if (isConstant(right)) {
    if (right.value === 0n) return equal(extract(left, width - 1, width - 1), constant(1, 1n));
    if (right.value === 1n << BigInt(width - 1)) return FALSE;
    const [condition, second, third] = left.operands as [Term, Term, Term];
    if (left.operator === "ite" && (isConstant(second) || isConstant(third))) {
      return ite(condition, slt(second, right), slt(third, right));
    }
  }
  if (isNonNegative(left)) {
    if (isNonNegative(right)) return ult(left, right);
    if (isConstant(right)) return FALSE;
  }
  return node("slt", 0, [left, right]);
}

function isNonNegative(term: Term): boolean {
  if (isConstant(term)) return term.value >> BigInt(term.width - 1) === 0n;
  return term.operator === "zeroExtend";
}

export function sle(left: Term, right: Term): Term {
  return not(slt(right, left));
}

/** A boolean as a word of value 1 or 0, as wasm's comparisons give it. */
export function wordOf(condition: Term, width: number): Term {
  return ite(condition, constant(width, 1n), constant(width, 0n));
}

/** A word as wasm's branches read it: not zero. */
export function isNonZero(term: Term): Term {
  return not(equal(term, constant(term.width, 0n)));
}
