import type { ValueType } from "../wasm/module.ts";
import { opcodes } from "../wasm/opcodes.ts";
import { assemble, type FunctionText, unsigned } from "./assemble.ts";
import type { Random } from "./random.ts";

/** One function that applies one instruction to its parameters. */
export interface OpcodeFunction extends FunctionText {
  readonly opcode: string;
}

const typeOf = (name: string) => name.slice(0, 3) as ValueType;
const isComparison = (operation: string) => /^(eqz|eq|ne|(lt|gt|le|ge)_[su])$/.test(operation);
const isUnary = (operation: string) => /^(eqz|clz|ctz|popcnt|extend(8|16|32)_s)$/.test(operation);
const getLocals = (count: number) => Array.from({ length: count }, (_, at) => [0x20, at]).flat();

/** Static offsets of loads and stores: small, at the edge of the page, at the edge of the world. */
const OFFSETS = [0, 5, 65_532, 65_536, 0xffffffff];

function numeric(code: number, opcode: string): OpcodeFunction {
  const operation = opcode.slice(4);
  const result = isComparison(operation) ? "i32" : typeOf(opcode);
  const converted: Record<string, ValueType> = {
    "i32.wrap_i64": "i64",
    "i64.extend_i32_s": "i32",
    "i64.extend_i32_u": "i32",
  };
  const operand = converted[opcode] ?? typeOf(opcode);
  const isSingle = isUnary(operation) || converted[opcode] !== undefined;
  const parameters = isSingle ? [operand] : [operand, operand];
  const body = [...getLocals(parameters.length), code];
  return { name: opcode, opcode, parameters, result, body };
}

function memoryFunctions(code: number, opcode: string): OpcodeFunction[] {
  return OFFSETS.map((offset) => {
    const isLoad = opcode.includes(".load");
    const parameters: ValueType[] = isLoad ? ["i32"] : ["i32", typeOf(opcode)];
    return {
      name: `${opcode}+${offset}`,
      opcode,
      parameters,
      result: isLoad ? typeOf(opcode) : undefined,
      body: [...getLocals(parameters.length), code, 0, ...unsigned(offset)],
    };
  });
}

const others: readonly OpcodeFunction[] = [
  {
    name: "memory.fill",
    opcode: "memory.fill",
    parameters: ["i32", "i32", "i32"],
    body: [...getLocals(3), 0xfc, 11, 0],
  },
  {
    name: "memory.copy",
    opcode: "memory.copy",
    parameters: ["i32", "i32", "i32"],
    body: [...getLocals(3), 0xfc, 10, 0, 0],
  },
  { name: "memory.size", opcode: "memory.size", parameters: [], result: "i32", body: [0x3f, 0] },
  {
    name: "select.i32",
    opcode: "select",
    parameters: ["i32", "i32", "i32"],
    result: "i32",
    body: [...getLocals(3), 0x1b],
  },
  {
    name: "select.i64",
    opcode: "select",
    parameters: ["i64", "i64", "i32"],
    result: "i64",
    body: [...getLocals(3), 0x1b],
  },
  { name: "unreachable", opcode: "unreachable", parameters: [], body: [0x00] },
  { name: "nop", opcode: "nop", parameters: [], body: [0x01] },
];

/** A function for each instruction without control flow. */
export function opcodeFunctions(): readonly OpcodeFunction[] {
  const functions = [...others];
  for (const [code, { name, immediate }] of opcodes) {
    if (immediate === "memory") functions.push(...memoryFunctions(code, name));
    else if (immediate === "none" && name.includes(".")) functions.push(numeric(code, name));
  }
  return functions;
}

export function opcodeModule(random: Random): Uint8Array {
  const bytes = Array.from({ length: 512 }, () => random.below(256));
  return assemble({ functions: opcodeFunctions(), globals: [], data: [{ address: 0, bytes }] });
}

const ADDRESS_EDGES = [0, 1, 3, 7, 8, 255, 505, 65_524, 65_528, 65_532, 65_534, 65_535, 65_536];

/** Arguments for a function: edges and random words; addresses near the ends of the memory. */
export function argumentsFor(one: OpcodeFunction, random: Random): bigint[] {
  const touchesMemory = /load|store|memory\./.test(one.opcode);
  return one.parameters.map((type, at) => {
    const width = type === "i32" ? 32 : 64;
    const isAddress = touchesMemory && (at === 0 || one.opcode === "memory.copy");
    if (isAddress && !random.oneIn(4)) {
      const below = random.oneIn(4) ? -1 : 1;
      return BigInt.asUintN(width, BigInt(below * random.pick(ADDRESS_EDGES)));
    }
    // Long fills are slow to compare and say no more than short ones.
    if (touchesMemory && at === 2 && !random.oneIn(8)) return BigInt(random.below(40));
    return random.word(width);
  });
}

/** All pairs (or single values) of some edges for a numeric function. */
export function edgeArguments(one: OpcodeFunction, edges: readonly bigint[]): bigint[][] {
  if (one.parameters.length === 0) return [[]];
  const width = one.parameters[0] === "i32" ? 32 : 64;
  const values = [...new Set(edges.map((edge) => BigInt.asUintN(width, edge)))];
  if (one.parameters.length === 1) return values.map((value) => [value]);
  return values.flatMap((left) => values.map((right) => [left, right]));
}
