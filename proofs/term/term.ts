/**
 * Hash-consed terms over bit-vectors of 1 to 64 bits and booleans (width 0).
 * Two structurally equal terms are the same object, so `===` is structural equality.
 * Terms are made by the constructors of the neighbouring files only; these simplify, `node` does
 * not.
 */
export type Operator =
  | "constant"
  | "variable"
  | "apply"
  | "not"
  | "and"
  | "or"
  | "equal"
  | "ult"
  | "slt"
  | "ite"
  | "bitAnd"
  | "bitOr"
  | "bitXor"
  | "extract"
  | "concat"
  | "zeroExtend"
  | "signExtend"
  | "add"
  | "sub"
  | "mul"
  | "udiv"
  | "urem"
  | "sdiv"
  | "srem"
  | "shiftLeft"
  | "shiftRight"
  | "shiftRightSigned";

export interface Term {
  readonly operator: Operator;
  /** Bits, or 0 for a boolean. */
  readonly width: number;
  readonly operands: readonly Term[];
  /** The value of a constant (booleans: 0n or 1n), the lowest bit of an extract, else 0n. */
  readonly value: bigint;
  /** The name of a variable or of an applied function, else "". */
  readonly name: string;
  /** The largest n of names "...!n" in it, or -1: searches for fresh names skip older terms. */
  readonly newest: number;
  /** Depends on the structure alone, so that orders and texts do not depend on history. */
  readonly hash: number;
  /** Order of creation; unique among living terms. */
  readonly id: number;
}

/** A mistake in building a term: widths that do not fit. Never the fault of the proved program. */
export class TermError extends Error {}

const LIMIT_WIDTH_BITS = 64;
const table = new Map<string, Term>();
let nextId = 0;

/**
 * Forgets all terms, for runners that work through many unrelated cases in one
 * process. Terms made before are still sound to use, but are no longer found again.
 */
export function resetTerms(): void {
  table.clear();
  constants.clear();
}

/** The number of living terms. */
export function termCount(): number {
  return table.size;
}

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** 52 bits: enough that two different operands of one query practically never tie. */
function structuralHash(key: string, operands: readonly Term[]): number {
  let low = hashText(key);
  let high = mix(low, 0x5bd1e995);
  for (const operand of operands) {
    low = mix(low, operand.hash | 0);
    high = mix(high, mix(Math.floor(operand.hash / 0x100000000), operand.hash | 0));
  }
  return (high & 0xfffff) * 0x100000000 + (low >>> 0);
}

const HASHES = 2 ** 52;

/** Of a conjunction: the order of its members is that of their making, and does not count. */
function conjunctionHash(operands: readonly Term[]): number {
  const parts = operands.map(({ operator, hash }) =>
    operator === "and" ? hash : (mix(hash | 0, 0x2545f491) >>> 0) * 2 ** 20 + (hash % 2 ** 20),
  );
  return parts.reduce((sum, part) => (sum + part) % HASHES, 0);
}

/** Makes or finds a node, without simplification. For constructors only. */
export function node(
  operator: Operator,
  width: number,
  operands: readonly Term[],
  value = 0n,
  name = "",
): Term {
  const shape = `${operator} ${width} ${value} ${name}`;
  let key = shape;
  for (const operand of operands) key += `,${operand.id}`;
  const known = table.get(key);
  if (known !== undefined) return known;
  const hash = operator === "and" ? conjunctionHash(operands) : structuralHash(shape, operands);
  let newest = name === "" ? -1 : Number(/!(\d+)$/.exec(name)?.[1] ?? -1);
  for (const operand of operands) newest = Math.max(newest, operand.newest);
  const made: Term = { operator, width, operands, value, name, newest, hash, id: nextId++ };
  table.set(key, made);
  return made;
}

/** True and false, as terms. */
export const TRUE: Term = node("constant", 0, [], 1n);
export const FALSE: Term = node("constant", 0, [], 0n);

export function booleanConstant(value: boolean): Term {
  return value ? TRUE : FALSE;
}

/** All ones of a width. */
export function mask(width: number): bigint {
  return (1n << BigInt(width)) - 1n;
}

function checkWidth(width: number): void {
  if (!Number.isInteger(width) || width < 1 || width > LIMIT_WIDTH_BITS) {
    throw new TermError(`a bit-vector has 1 to ${LIMIT_WIDTH_BITS} bits, not ${width}`);
  }
}

const constants = new Map<number, Map<bigint, Term>>();

/** A bit-vector constant; the value is taken modulo 2^width. */
export function constant(width: number, value: bigint | number): Term {
  const reduced = BigInt.asUintN(width, BigInt(value));
  let ofWidth = constants.get(width);
  if (ofWidth === undefined) {
    checkWidth(width);
    ofWidth = new Map();
    constants.set(width, ofWidth);
  }
  let made = ofWidth.get(reduced);
  if (made === undefined) {
    made = node("constant", width, [], reduced);
    ofWidth.set(reduced, made);
  }
  return made;
}

function checkName(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_!.@$-]*$/.test(name)) throw new TermError(`bad symbol name "${name}"`);
}

/** A free variable; width 0 makes a boolean. In one query a name has one width. */
export function variable(name: string, width: number): Term {
  if (width !== 0) checkWidth(width);
  checkName(name);
  return node("variable", width, [], 0n, name);
}

/** An uninterpreted function applied to bit-vectors. In one query a name has one signature. */
export function apply(name: string, operands: readonly Term[], width: number): Term {
  if (operands.length === 0) throw new TermError(`${name} is applied to nothing; use variable()`);
  if (width !== 0) checkWidth(width);
  checkName(name);
  return node("apply", width, operands, 0n, name);
}

export function isConstant(term: Term): boolean {
  return term.operator === "constant";
}

export function isBoolean(term: Term): boolean {
  return term.width === 0;
}

export function requireBoolean(term: Term, where: string): void {
  if (term.width !== 0) throw new TermError(`${where} wants a boolean, got ${term.width} bits`);
}

/** Both are bit-vectors of one width. */
export function requireSameWidth(left: Term, right: Term, where: string): void {
  if (left.width !== right.width || left.width === 0) {
    throw new TermError(`${where} wants equal widths, got ${left.width} and ${right.width}`);
  }
}

/** Orders by structure, constants last; ties (which the hash makes rare) by age. */
export function ordered(left: Term, right: Term): readonly [Term, Term] {
  if (isConstant(left) !== isConstant(right))
    return isConstant(left) ? [right, left] : [left, right];
  if (left.hash !== right.hash) return left.hash < right.hash ? [left, right] : [right, left];
  return left.id <= right.id ? [left, right] : [right, left];
}

/**
 * All terms below the roots, operands before users, each once; only those with names "...!n"
 * for an n of at least `since`, if given. Does not recurse.
 */
export function postorder(roots: readonly Term[], since = -1): Term[] {
  const done = new Set<Term>();
  const order: Term[] = [];
  for (const root of roots) {
    if (root.newest < since) continue;
    const stack: Term[] = [root];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      if (done.has(top)) {
        stack.pop();
        continue;
      }
      let ready = true;
      for (let at = top.operands.length - 1; at >= 0; at--) {
        const operand = top.operands[at]!;
        if (!done.has(operand) && operand.newest >= since) {
          stack.push(operand);
          ready = false;
        }
      }
      if (ready) {
        done.add(top);
        order.push(top);
        stack.pop();
      }
    }
  }
  return order;
}
