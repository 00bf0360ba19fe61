import type { FunctionType, Instruction, ValueType } from "./module.ts";
import { OPCODE_ELSE, OPCODE_END, OPCODE_PREFIX, opcodes, prefixedOpcodes } from "./opcodes.ts";
import type { Reader } from "./reader.ts";

/** What instructions may refer to. */
export interface IndexSpace {
  readonly functions: readonly FunctionType[];
  readonly globals: number;
  readonly locals: number;
  readonly hasMemory: boolean;
}

const LIMIT_NESTING = 1000;

export function valueType(reader: Reader): ValueType {
  const at = reader.position;
  const code = reader.byte();
  if (code === 0x7f) return "i32";
  if (code === 0x7e) return "i64";
  return reader.fail(`value type 0x${code.toString(16)} is not i32 or i64`, at);
}

function blockResult(reader: Reader): ValueType | undefined {
  if (reader.bytes[reader.position] === 0x40) {
    reader.position++;
    return undefined;
  }
  return valueType(reader);
}

/** The instructions of an expression up to its `end`; the reader must then be at its own end. */
export function expression(reader: Reader, space: IndexSpace): readonly Instruction[] {
  const { instructions, ending } = sequence(reader, space, 1);
  if (ending !== OPCODE_END) reader.fail("else without if");
  if (!reader.done) reader.fail("bytes follow the end of the function");
  return instructions;
}

function sequence(
  reader: Reader,
  space: IndexSpace,
  labels: number,
): { instructions: Instruction[]; ending: number } {
  if (labels > LIMIT_NESTING) reader.fail(`blocks nest deeper than ${LIMIT_NESTING}`);
  const instructions: Instruction[] = [];
  for (;;) {
    const next = reader.bytes[reader.position];
    if (next === OPCODE_END || next === OPCODE_ELSE) {
      return { instructions, ending: reader.byte() };
    }
    const found = instruction(reader, space, labels);
    instructions.push({ ...found, end: reader.position });
  }
}

/** An instruction before it is known where it ends. */
type Found = Omit<Instruction, "end">;

function instruction(reader: Reader, space: IndexSpace, labels: number): Found {
  const offset = reader.position;
  const code = reader.byte();
  if (code === OPCODE_PREFIX) return prefixed(reader, space, offset);
  const opcode = opcodes.get(code);
  if (opcode === undefined) return reader.fail(`unknown opcode 0x${code.toString(16)}`, offset);
  const { name } = opcode;
  switch (opcode.immediate) {
    case "none":
      return { name, offset };
    case "block":
      return block(reader, space, labels, name, offset);
    case "depth":
      return { name, offset, index: below(reader, labels, "label") };
    case "table": {
      const depths = reader.vector(() => below(reader, labels, "label"));
      return { name, offset, depths: [...depths, below(reader, labels, "label")] };
    }
    case "function":
      return { name, offset, index: below(reader, space.functions.length, "function") };
    case "local":
      return { name, offset, index: below(reader, space.locals, "local") };
    case "global":
      return { name, offset, index: below(reader, space.globals, "global") };
    case "memory":
      return memoryAccess(reader, space, name, offset);
    case "zero":
      zeroIndex(reader, space);
      return { name, offset };
    case "i32":
      return { name, offset, value: reader.signed(32) };
    case "i64":
      return { name, offset, value: reader.signed(64) };
  }
}

function below(reader: Reader, limit: number, what: string): number {
  const at = reader.position;
  const index = reader.u32();
  if (index >= limit) reader.fail(`${what} ${index} does not exist`, at);
  return index;
}

function block(
  reader: Reader,
  space: IndexSpace,
  labels: number,
  name: string,
  offset: number,
): Found {
  const result = blockResult(reader);
  const first = sequence(reader, space, labels + 1);
  if (first.ending === OPCODE_END) {
    const body = first.instructions;
    return name === "if"
      ? { name, offset, result, body, otherwise: [] }
      : { name, offset, result, body };
  }
  if (name !== "if") reader.fail(`else inside ${name}`);
  const second = sequence(reader, space, labels + 1);
  if (second.ending !== OPCODE_END) reader.fail("two else parts");
  return { name, offset, result, body: first.instructions, otherwise: second.instructions };
}

function memoryAccess(reader: Reader, space: IndexSpace, name: string, offset: number): Found {
  if (!space.hasMemory) reader.fail("there is no memory", offset);
  const align = reader.u32();
  if (align > 3) reader.fail(`alignment 2^${align}`, offset);
  return { name, offset, memory: { align, offset: reader.u32() } };
}

function zeroIndex(reader: Reader, space: IndexSpace): void {
  const at = reader.position;
  if (!space.hasMemory) reader.fail("there is no memory", at);
  if (reader.byte() !== 0) reader.fail("only memory 0 is known", at);
}

function prefixed(reader: Reader, space: IndexSpace, offset: number): Found {
  const code = reader.u32();
  const opcode = prefixedOpcodes.get(code);
  if (opcode === undefined) return reader.fail(`unknown opcode 0xfc ${code}`, offset);
  for (let count = 0; count < opcode.zeros; count++) zeroIndex(reader, space);
  return { name: opcode.name, offset };
}
