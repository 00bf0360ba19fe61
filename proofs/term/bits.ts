import { ite } from "./boolean.ts";
import {
  constant,
  isConstant,
  mask,
  node,
  ordered,
  requireSameWidth,
  type Term,
  TermError,
} from "./term.ts";

/** Above this many aligned segments a bitwise operation stays a node. */
const LIMIT_SEGMENTS = 8;

const slices = new WeakMap<Term, Map<number, Term>>();

/** Bits `high` down to `low` of a bit-vector. */
export function extract(term: Term, high: number, low: number): Term {
  if (low < 0 || high < low || high >= term.width) {
    throw new TermError(`extract [${high}:${low}] of ${term.width} bits`);
  }
  if (high - low + 1 === term.width) return term;
  let known = slices.get(term);
  if (known === undefined) {
    known = new Map();
    slices.set(term, known);
  }
  const key = high * 64 + low;
  let result = known.get(key);
  if (result === undefined) {
    result = slice(term, high, low);
    known.set(key, result);
  }
  return result;
}

function slice(term: Term, high: number, low: number): Term {
  const width = high - low + 1;
  const [first, second] = term.operands as [Term, Term];
  switch (term.operator) {
    case "constant":
      return constant(width, term.value >> BigInt(low));
    case "extract": {
      const base = Number(term.value);
      return extract(first, high + base, low + base);
    }
    case "concat": {
      const split = second.width;
      if (high < split) return extract(second, high, low);
      if (low >= split) return extract(first, high - split, low - split);
      return concat(extract(first, high - split, 0), extract(second, split - 1, low));
    }
    case "zeroExtend":
      if (high < first.width) return extract(first, high, low);
      if (low >= first.width) return constant(width, 0n);
      return zeroExtend(extract(first, first.width - 1, low), width);
    case "signExtend":
      if (high < first.width) return extract(first, high, low);
      return signExtend(extract(first, first.width - 1, Math.min(low, first.width - 1)), width);
    case "bitAnd":
      return bitAnd(extract(first, high, low), extract(second, high, low));
    case "bitOr":
      return bitOr(extract(first, high, low), extract(second, high, low));
    case "bitXor":
      return bitXor(extract(first, high, low), extract(second, high, low));
    case "ite":
      if (!hasConstantBranch(term)) break;
      return ite(first, extract(second, high, low), extract(term.operands[2]!, high, low));
  }
  return node("extract", width, [term], BigInt(low));
}

function hasConstantBranch(term: Term): boolean {
  return isConstant(term.operands[1]!) || isConstant(term.operands[2]!);
}

/** The low bits. */
export function truncate(term: Term, width: number): Term {
  return extract(term, width - 1, 0);
}

/** `high` above `low`. */
export function concat(high: Term, low: Term): Term {
  const width = high.width + low.width;
  if (high.width === 0 || low.width === 0 || width > 64) {
    throw new TermError(`concat of ${high.width} and ${low.width} bits`);
  }
  if (isConstant(high)) {
    if (isConstant(low)) return constant(width, (high.value << BigInt(low.width)) | low.value);
    if (high.value === 0n) return zeroExtend(low, width);
  }
  if (high.operator === "zeroExtend") return zeroExtend(concat(high.operands[0]!, low), width);
  if (high.operator === "concat") return concat(high.operands[0]!, concat(high.operands[1]!, low));
  if (low.operator === "zeroExtend" && isConstant(high)) {
    const gap = constant(low.width - low.operands[0]!.width, 0n);
    return node("concat", width, [concat(high, gap), low.operands[0]!]);
  }
  const neighbour = low.operator === "concat" ? low.operands[0]! : low;
  const joined = joinNeighbours(high, neighbour);
  if (joined !== undefined) return low === neighbour ? joined : concat(joined, low.operands[1]!);
  return node("concat", width, [high, low]);
}

/** Two constants, or two adjacent slices of one term, as one. */
function joinNeighbours(high: Term, low: Term): Term | undefined {
  if (isConstant(high) && isConstant(low)) return concat(high, low);
  if (high.operator !== "extract") return undefined;
  const source = high.operands[0]!;
  const start = Number(high.value);
  if (low.operator === "extract") {
    const adjacent = low.operands[0] === source && Number(low.value) + low.width === start;
    return adjacent ? extract(source, start + high.width - 1, Number(low.value)) : undefined;
  }
  return undefined;
}

export function zeroExtend(term: Term, width: number): Term {
  if (width < term.width || term.width === 0) {
    throw new TermError(`zeroExtend of ${term.width} bits to ${width}`);
  }
  if (width === term.width) return term;
  if (isConstant(term)) return constant(width, term.value);
  if (term.operator === "zeroExtend") return zeroExtend(term.operands[0]!, width);
  if (term.operator === "ite" && hasConstantBranch(term)) {
    const [condition, left, right] = term.operands as [Term, Term, Term];
    return ite(condition, zeroExtend(left, width), zeroExtend(right, width));
  }
  return node("zeroExtend", width, [term]);
}

export function signExtend(term: Term, width: number): Term {
  if (width < term.width || term.width === 0) {
    throw new TermError(`signExtend of ${term.width} bits to ${width}`);
  }
  if (width === term.width) return term;
  if (isConstant(term)) return constant(width, BigInt.asIntN(term.width, term.value));
  const inner = term.operands[0]!;
  if (term.operator === "signExtend") return signExtend(inner, width);
  if (term.operator === "zeroExtend") return zeroExtend(inner, width);
  if (term.operator === "ite" && hasConstantBranch(term)) {
    const [condition, left, right] = term.operands as [Term, Term, Term];
    return ite(condition, signExtend(left, width), signExtend(right, width));
  }
  return node("signExtend", width, [term]);
}

/** Adds the bit positions at which the term visibly changes from one part to another. */
function addBoundaries(term: Term, base: number, into: Set<number>): void {
  if (into.size > 2 * LIMIT_SEGMENTS) return;
  const [first, second, third] = term.operands as [Term, Term, Term];
  if (isConstant(term)) {
    for (let at = 1; at < term.width; at++) {
      const turn = (term.value >> BigInt(at)) ^ (term.value >> BigInt(at - 1));
      if ((turn & 1n) === 1n) into.add(base + at);
    }
  } else if (term.operator === "concat") {
    into.add(base + second.width);
    addBoundaries(second, base, into);
    addBoundaries(first, base + second.width, into);
  } else if (term.operator === "zeroExtend") {
    into.add(base + first.width);
    addBoundaries(first, base, into);
  } else if (term.operator === "ite" && isConstant(second) && isConstant(third)) {
    addBoundaries(second, base, into);
    addBoundaries(third, base, into);
  }
}

type Bitwise = "bitAnd" | "bitOr" | "bitXor";

/** The result where it needs no new node, else undefined. */
function simpleBitwise(operator: Bitwise, left: Term, right: Term): Term | undefined {
  const width = left.width;
  if (isConstant(left)) {
    return isConstant(right)
      ? constant(width, foldBitwise(operator, left.value, right.value))
      : simpleBitwise(operator, right, left);
  }
  if (left === right) return operator === "bitXor" ? constant(width, 0n) : left;
  if (!isConstant(right)) return undefined;
  if (right.value === 0n) return operator === "bitAnd" ? right : left;
  if (right.value === mask(width) && operator !== "bitXor") {
    return operator === "bitAnd" ? left : right;
  }
  return undefined;
}

function foldBitwise(operator: Bitwise, left: bigint, right: bigint): bigint {
  if (operator === "bitAnd") return left & right;
  return operator === "bitOr" ? left | right : left ^ right;
}

/** Splits both operands at their visible boundaries; succeeds if every segment is simple. */
function bySegments(operator: Bitwise, left: Term, right: Term): Term | undefined {
  const boundaries = new Set<number>();
  addBoundaries(left, 0, boundaries);
  addBoundaries(right, 0, boundaries);
  if (boundaries.size === 0 || boundaries.size >= LIMIT_SEGMENTS) return undefined;
  const cuts = [...boundaries, left.width].sort((a, b) => a - b);
  let result: Term | undefined;
  let low = 0;
  for (const cut of cuts) {
    const part = simpleBitwise(operator, extract(left, cut - 1, low), extract(right, cut - 1, low));
    if (part === undefined) return undefined;
    result = result === undefined ? part : concat(part, result);
    low = cut;
  }
  return result;
}

/** The condition of a boolean that wasm made a word: ite(c, 1, 0) or ite(c, 0, 1). */
function isChoiceOfBit(term: Term): boolean {
  if (term.operator !== "ite") return false;
  const [, left, right] = term.operands as [Term, Term, Term];
  return isConstant(left) && isConstant(right) && left.value <= 1n && right.value <= 1n;
}

function bitwise(operator: Bitwise, left: Term, right: Term): Term {
  requireSameWidth(left, right, operator);
  const simple = simpleBitwise(operator, left, right) ?? bySegments(operator, left, right);
  if (simple !== undefined) return simple;
  const [first, second] = ordered(left, right);
  if (isChoiceOfBit(first) && isChoiceOfBit(second)) {
    const [condition, whenTrue, whenFalse] = first.operands as [Term, Term, Term];
    return ite(
      condition,
      bitwise(operator, whenTrue, second),
      bitwise(operator, whenFalse, second),
    );
  }
  if (operator === "bitXor" && isConstant(second) && first.operator === "bitXor") {
    const [inner, other] = first.operands as [Term, Term];
    if (isConstant(other)) return bitXor(inner, constant(left.width, other.value ^ second.value));
  }
  return node(operator, left.width, [first, second]);
}

export function bitAnd(left: Term, right: Term): Term {
  return bitwise("bitAnd", left, right);
}

export function bitOr(left: Term, right: Term): Term {
  return bitwise("bitOr", left, right);
}

export function bitXor(left: Term, right: Term): Term {
  return bitwise("bitXor", left, right);
}

export function bitNot(term: Term): Term {
  return bitXor(term, constant(term.width, mask(term.width)));
}

/** Parts, the lowest first, as one word. */
export function concatAll(partsLowFirst: readonly Term[]): Term {
  const [first, ...rest] = partsLowFirst;
  if (first === undefined) throw new TermError("concatAll of nothing");
  return rest.reduce((low, high) => concat(high, low), first);
}
