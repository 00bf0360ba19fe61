// The instructions that the core may hold, and those that are known only to be refused by name.

/** What follows an opcode in the code. */
export type Immediate =
  | "none"
  | "block"
  | "index"
  | "table"
  | "memory"
  | "i32"
  | "i64"
  | "f32"
  | "f64"
  | "indirect"
  | "zero"
  | "zeroes";

export interface Opcode {
  readonly name: string;
  readonly immediate: Immediate;
  /** Rule that refuses it; 0: allowed. */
  readonly rule: number;
}

const opcodes = new Map<number, Opcode>();

function allow(first: number, names: string, immediate: Immediate = "none"): void {
  for (const [index, name] of names.trim().split(/\s+/).entries()) {
    opcodes.set(first + index, { name, immediate, rule: 0 });
  }
}

function refuse(rule: number, first: number, names: string, immediate: Immediate = "none"): void {
  for (const [index, name] of names.trim().split(/\s+/).entries()) {
    opcodes.set(first + index, { name, immediate, rule });
  }
}

const INTEGER_COMPARE = "eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
const INTEGER_ARITHMETIC =
  "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr";
const FLOAT_COMPARE = "eq ne lt gt le ge";
const FLOAT_ARITHMETIC = "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign";
const prefix = (type: string, names: string): string =>
  names
    .split(" ")
    .map((name) => `${type}.${name}`)
    .join(" ");

// WebAssembly core specification 2.0, section 5.4.
allow(0x00, "unreachable nop");
allow(0x02, "block loop if", "block");
allow(0x05, "else");
allow(0x0b, "end");
allow(0x0c, "br br_if", "index");
allow(0x0e, "br_table", "table");
allow(0x0f, "return");
allow(0x10, "call", "index");
refuse(17, 0x11, "call_indirect", "indirect");
allow(0x1a, "drop select");
allow(0x20, "local.get local.set local.tee global.get", "index");
refuse(22, 0x24, "global.set", "index");
allow(0x28, "i32.load i64.load", "memory");
refuse(19, 0x2a, "f32.load f64.load", "memory");
allow(0x2c, prefix("i32", "load8_s load8_u load16_s load16_u"), "memory");
allow(0x30, prefix("i64", "load8_s load8_u load16_s load16_u load32_s load32_u"), "memory");
allow(0x36, "i32.store i64.store", "memory");
refuse(19, 0x38, "f32.store f64.store", "memory");
allow(0x3a, "i32.store8 i32.store16 i64.store8 i64.store16 i64.store32", "memory");
refuse(18, 0x3f, "memory.size memory.grow", "zero");
allow(0x41, "i32.const", "i32");
allow(0x42, "i64.const", "i64");
refuse(19, 0x43, "f32.const", "f32");
refuse(19, 0x44, "f64.const", "f64");
allow(0x45, prefix("i32", INTEGER_COMPARE));
allow(0x50, prefix("i64", INTEGER_COMPARE));
refuse(19, 0x5b, prefix("f32", FLOAT_COMPARE));
refuse(19, 0x61, prefix("f64", FLOAT_COMPARE));
allow(0x67, prefix("i32", INTEGER_ARITHMETIC));
allow(0x79, prefix("i64", INTEGER_ARITHMETIC));
refuse(19, 0x8b, prefix("f32", FLOAT_ARITHMETIC));
refuse(19, 0x99, prefix("f64", FLOAT_ARITHMETIC));
allow(0xa7, "i32.wrap_i64");
refuse(19, 0xa8, prefix("i32", "trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u"));
allow(0xac, "i64.extend_i32_s i64.extend_i32_u");
refuse(19, 0xae, prefix("i64", "trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u"));
refuse(19, 0xb2, prefix("f32", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u"));
refuse(19, 0xb6, "f32.demote_f64");
refuse(19, 0xb7, prefix("f64", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u"));
refuse(19, 0xbb, "f64.promote_f32 i32.reinterpret_f32 i64.reinterpret_f64");
refuse(19, 0xbe, "f32.reinterpret_i32 f64.reinterpret_i64");
allow(0xc0, "i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s");
// Two-byte opcodes: 0xfc and a number.
allow(0xfc0a, "memory.copy", "zeroes");
allow(0xfc0b, "memory.fill", "zero");

/** What is known of an opcode; undefined: nothing, not even its length. */
export const opcodeOf = (code: number): Opcode | undefined => opcodes.get(code);
