import type { Term } from "../term/index.ts";
import * as t from "../term/index.ts";
import type { State } from "./state.ts";

type Unary = (operand: Term) => Term;
type Binary = (left: Term, right: Term) => Term;

function typed<Operation>(
  width: 32 | 64,
  table: Readonly<Record<string, Operation>>,
): [string, Operation][] {
  return Object.entries(table).map(([name, operation]) => [`i${width}.${name}`, operation]);
}

/** WebAssembly's shifts count modulo the width. */
function shift(operation: Binary): Binary {
  return (word, amount) =>
    operation(word, t.bitAnd(amount, t.constant(word.width, word.width - 1)));
}

/** A comparison as a 32-bit word. */
function relation(operation: Binary): Binary {
  return (left, right) => t.wordOf(operation(left, right), 32);
}

const extension =
  (bits: number): Unary =>
  (word) =>
    t.signExtend(t.truncate(word, bits), word.width);

const bothUnary: Readonly<Record<string, Unary>> = {
  clz: t.countLeadingZeros,
  ctz: t.countTrailingZeros,
  popcnt: t.countOnes,
  eqz: (word) => t.wordOf(t.not(t.isNonZero(word)), 32),
  extend8_s: extension(8),
  extend16_s: extension(16),
};

const bothBinary: Readonly<Record<string, Binary>> = {
  add: t.add,
  sub: t.sub,
  mul: t.mul,
  div_s: t.sdiv,
  div_u: t.udiv,
  rem_s: t.srem,
  rem_u: t.urem,
  and: t.bitAnd,
  or: t.bitOr,
  xor: t.bitXor,
  shl: shift(t.shiftLeft),
  shr_s: shift(t.shiftRightSigned),
  shr_u: shift(t.shiftRight),
  rotl: t.rotateLeft,
  rotr: t.rotateRight,
  eq: relation(t.equal),
  ne: relation(t.notEqual),
  lt_s: relation(t.slt),
  lt_u: relation(t.ult),
  gt_s: relation((left, right) => t.slt(right, left)),
  gt_u: relation((left, right) => t.ult(right, left)),
  le_s: relation(t.sle),
  le_u: relation(t.ule),
  ge_s: relation((left, right) => t.sle(right, left)),
  ge_u: relation((left, right) => t.ule(right, left)),
};

/** One-operand instructions by name. */
export const unary: ReadonlyMap<string, Unary> = new Map([
  ...typed(32, bothUnary),
  ...typed(64, bothUnary),
  ["i64.extend32_s", extension(32)],
  ["i32.wrap_i64", (word: Term) => t.truncate(word, 32)],
  ["i64.extend_i32_s", (word: Term) => t.signExtend(word, 64)],
  ["i64.extend_i32_u", (word: Term) => t.zeroExtend(word, 64)],
]);

/** Two-operand instructions by name; `requireDivision` guards those that can trap. */
export const binary: ReadonlyMap<string, Binary> = new Map([
  ...typed(32, bothBinary),
  ...typed(64, bothBinary),
]);

/** Demands that a division does not trap. False if the state dies. */
export function requireDivision(state: State, name: string, left: Term, right: Term): boolean {
  const operation = name.slice(4);
  if (!/^(div|rem)_[su]$/.test(operation)) return true;
  if (!state.require(t.isNonZero(right), "division", "division by zero")) return false;
  if (operation !== "div_s") return true;
  const width = left.width;
  const overflow = t.and(
    t.equal(left, t.constant(width, 1n << BigInt(width - 1))),
    t.equal(right, t.constant(width, -1n)),
  );
  return state.require(t.not(overflow), "division", "overflow of the quotient");
}

/** Bytes of memory that a load or store moves, and the type it works on. */
export interface MemoryAccess {
  readonly bytes: number;
  readonly width: 32 | 64;
  readonly signed: boolean;
}

/** Reads an access's shape from its name, such as i64.load16_s. */
export function memoryAccess(name: string): MemoryAccess {
  const match = /^i(32|64)\.(?:load|store)(8|16|32)?(_s|_u)?$/.exec(name);
  if (match === null) throw new Error(`${name} is not a memory access`);
  const width = Number(match[1]) as 32 | 64;
  const bits = match[2] === undefined ? width : Number(match[2]);
  return { bytes: bits / 8, width, signed: match[3] === "_s" };
}
