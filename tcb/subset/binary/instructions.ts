// The instructions of a function, in the order of the bytes.

import type { FunctionBody, Module } from "./module.ts";
import { type Opcode, opcodeOf } from "./opcodes.ts";
import { Cursor } from "./reader.ts";

export interface Instruction {
  /** Of its first byte, and of the byte after its last. */
  readonly offset: number;
  readonly end: number;
  readonly opcode: Opcode;
  /** Index, or constant; 0 where there is none. Of br_table the number of targets. */
  readonly operand: bigint;
}

function operandOf(cursor: Cursor, { immediate }: Opcode): bigint {
  switch (immediate) {
    case "none":
      return 0n;
    case "block":
    case "i32":
    case "i64":
      return cursor.signed();
    case "index":
      return BigInt(cursor.u32());
    case "table": {
      const targets = cursor.list(() => cursor.u32());
      cursor.u32();
      return BigInt(targets.length + 1);
    }
    case "memory":
    case "indirect":
      cursor.u32();
      return BigInt(cursor.u32());
    case "f32":
      cursor.skip(4);
      return 0n;
    case "f64":
      cursor.skip(8);
      return 0n;
    case "zero":
      return BigInt(cursor.byte());
    case "zeroes":
      return BigInt(cursor.byte() | cursor.byte());
  }
}

export interface Decoded {
  readonly instructions: readonly Instruction[];
  /** Where an opcode stands that binary/opcodes.ts does not know, and its number. */
  readonly unknown: { readonly offset: number; readonly code: number } | undefined;
}

/** Decodes a function; it ends early at an opcode that is not known. */
export function decode(module: Module, body: FunctionBody): Decoded {
  const cursor = new Cursor(module.bytes, body.code.start, body.code.end);
  const instructions: Instruction[] = [];
  while (!cursor.done) {
    const offset = cursor.at;
    const first = cursor.byte();
    const code = first === 0xfc ? 0xfc00 + cursor.u32() : first;
    const opcode = opcodeOf(code);
    if (opcode === undefined) return { instructions, unknown: { offset, code } };
    const operand = operandOf(cursor, opcode);
    instructions.push({ offset, end: cursor.at, opcode, operand });
  }
  return { instructions, unknown: undefined };
}
