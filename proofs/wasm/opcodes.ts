/** The opcodes that are known, by what follows them. A byte that is in no table is refused. */
export type Immediate =
  | "none"
  | "block"
  | "depth"
  | "table"
  | "function"
  | "local"
  | "global"
  | "memory"
  | "zero"
  | "i32"
  | "i64";

export interface Opcode {
  readonly name: string;
  readonly immediate: Immediate;
}

export const OPCODE_ELSE = 0x05;
export const OPCODE_END = 0x0b;
export const OPCODE_PREFIX = 0xfc;

function range(first: number, names: string, immediate: Immediate = "none"): [number, Opcode][] {
  return names
    .trim()
    .split(/\s+/)
    .map((name, at) => [first + at, { name, immediate }]);
}

const integer = (type: string) =>
  "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr"
    .split(" ")
    .map((name) => `${type}.${name}`)
    .join(" ");

const relations = (type: string) =>
  "eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"
    .split(" ")
    .map((name) => `${type}.${name}`)
    .join(" ");

/** One-byte opcodes: the integer part of the first version, and sign extension. */
export const opcodes: ReadonlyMap<number, Opcode> = new Map([
  ...range(0x00, "unreachable nop"),
  ...range(0x02, "block loop if", "block"),
  ...range(0x0c, "br br_if", "depth"),
  ...range(0x0e, "br_table", "table"),
  ...range(0x0f, "return"),
  ...range(0x10, "call", "function"),
  ...range(0x1a, "drop select"),
  ...range(0x20, "local.get local.set local.tee", "local"),
  ...range(0x23, "global.get global.set", "global"),
  ...range(0x28, "i32.load i64.load", "memory"),
  ...range(0x2c, "i32.load8_s i32.load8_u i32.load16_s i32.load16_u", "memory"),
  ...range(
    0x30,
    "i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u",
    "memory",
  ),
  ...range(0x36, "i32.store i64.store", "memory"),
  ...range(0x3a, "i32.store8 i32.store16 i64.store8 i64.store16 i64.store32", "memory"),
  ...range(0x3f, "memory.size", "zero"),
  ...range(0x41, "i32.const", "i32"),
  ...range(0x42, "i64.const", "i64"),
  ...range(0x45, relations("i32")),
  ...range(0x50, relations("i64")),
  ...range(0x67, integer("i32")),
  ...range(0x79, integer("i64")),
  ...range(0xa7, "i32.wrap_i64"),
  ...range(0xac, "i64.extend_i32_s i64.extend_i32_u"),
  ...range(0xc0, "i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s"),
]);

/** Opcodes after the prefix 0xFC, with the number of memory indices that follow (all zero). */
export const prefixedOpcodes: ReadonlyMap<number, { name: string; zeros: number }> = new Map([
  [10, { name: "memory.copy", zeros: 2 }],
  [11, { name: "memory.fill", zeros: 1 }],
]);
