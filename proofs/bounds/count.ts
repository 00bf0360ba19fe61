// A copy of a module that counts the instructions that it executes, as the bounds count them: each
// one that is decoded is 1, bulk operations weigh their bytes / 8 besides. What the machine's
// primitives weigh is counted by whoever carries them out (Meter).

import { joined } from "../mutate/rewrite.ts";
import { constantCode, signed, unsigned } from "../validate/assemble.ts";
import { decodeModule, type Instruction, type WasmModule } from "../wasm/index.ts";
import { Reader } from "../wasm/reader.ts";
import { primitiveOf, weightOf } from "./weights.ts";

/** Name of the exported global that counts. */
const COUNTER = "instructions executed";

const HEADER_BYTES = 8;
const SECTION = { global: 6, export: 7, code: 10 } as const;
const CODE = { else: 0x05, end: 0x0b, globalGet: 0x23, globalSet: 0x24 } as const;
const ADD_I64 = 0x7c;
const MUTABLE = 1;
const EXPORT_GLOBAL = 3;
const TYPE = { i32: 0x7f, i64: 0x7e } as const;

const transfers: ReadonlySet<string> = new Set([
  ..."block loop if br br_if br_table return call unreachable".split(" "),
]);
const bulk: ReadonlySet<string> = new Set(["memory.fill", "memory.copy"]);

/** Numbers of the two new globals: the count, and a length that is looked at. */
interface Globals {
  readonly count: number;
  readonly length: number;
}

const get = (index: number): number[] => [CODE.globalGet, ...unsigned(index)];
const set = (index: number): number[] => [CODE.globalSet, ...unsigned(index)];

/** Adds a constant to the count. */
const counted = (globals: Globals, instructions: number): number[] =>
  instructions === 0
    ? []
    : [
        ...get(globals.count),
        ...constantCode("i64", BigInt(instructions)),
        ADD_I64,
        ...set(globals.count),
      ];

/** Adds (bytes + 7) / 8 for the length on top of the stack, which stays there. */
const countedBytes = (globals: Globals): number[] => [
  ...set(globals.length),
  ...get(globals.length),
  ...get(globals.count),
  ...get(globals.length),
  0xad, // i64.extend_i32_u
  ...constantCode("i64", 7n),
  ADD_I64,
  ...constantCode("i64", 3n),
  0x88, // i64.shr_u
  ADD_I64,
  ...set(globals.count),
];

/** The instructions of a body, counted up to each transfer of control before it happens. */
function rewritten(
  bytes: Uint8Array,
  body: readonly Instruction[],
  globals: Globals,
): ArrayLike<number>[] {
  const parts: ArrayLike<number>[] = [];
  let pending = 0;
  for (const one of body) {
    pending++;
    if (bulk.has(one.name)) parts.push(countedBytes(globals));
    if (transfers.has(one.name)) {
      parts.push(counted(globals, pending));
      pending = 0;
    }
    if (one.body === undefined) {
      parts.push(bytes.subarray(one.offset, one.end));
      continue;
    }
    // Opcode and type of the block.
    parts.push(bytes.subarray(one.offset, one.offset + 2), ...rewritten(bytes, one.body, globals));
    const otherwise = one.otherwise ?? [];
    if (otherwise.length > 0) parts.push([CODE.else], ...rewritten(bytes, otherwise, globals));
    parts.push([CODE.end]);
  }
  parts.push(counted(globals, pending));
  return parts;
}

/** Where the instructions of a function begin: behind its locals. */
function localsEnd(bytes: Uint8Array, start: number): number {
  const reader = new Reader(bytes, start);
  reader.vector(() => [reader.u32(), reader.byte()]);
  return reader.position;
}

function codeSection(bytes: Uint8Array, module: WasmModule, globals: Globals): Uint8Array {
  const bodies = module.functions.map((one) => {
    const locals = bytes.subarray(one.start, localsEnd(bytes, one.start));
    const body = joined([locals, ...rewritten(bytes, one.body, globals), [CODE.end]]);
    return joined([unsigned(body.length), body]);
  });
  return joined([unsigned(bodies.length), ...bodies]);
}

const newGlobals = [
  [TYPE.i64, MUTABLE, 0x42, ...signed(0n, 64), CODE.end],
  [TYPE.i32, MUTABLE, 0x41, ...signed(0n, 32), CODE.end],
];

/** A section that is a vector, with more items. */
function longer(content: Reader | undefined, items: readonly (readonly number[])[]): Uint8Array {
  const old = content?.u32() ?? 0;
  const rest = content === undefined ? [] : content.bytes.subarray(content.position, content.end);
  return joined([unsigned(old + items.length), rest, ...items]);
}

const section = (id: number, content: Uint8Array): ArrayLike<number>[] => [
  [id, ...unsigned(content.length)],
  content,
];

/** The counting copy of a module; its global "counted" grows with each instruction. */
export function countingCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const module = decodeModule(bytes);
  const first = module.globals.length;
  const globals = { count: first, length: first + 1 };
  const name = [...new TextEncoder().encode(COUNTER)];
  const exported = [...unsigned(name.length), ...name, EXPORT_GLOBAL, ...unsigned(globals.count)];
  const parts: ArrayLike<number>[] = [bytes.subarray(0, HEADER_BYTES)];
  const reader = new Reader(bytes, HEADER_BYTES);
  let hasGlobals = false;
  while (!reader.done) {
    const start = reader.position;
    const id = reader.byte();
    const content = reader.part(reader.u32());
    if (id === SECTION.export && !hasGlobals) {
      parts.push(...section(SECTION.global, longer(undefined, newGlobals)));
    }
    if (id === SECTION.global) {
      hasGlobals = true;
      parts.push(...section(id, longer(content, newGlobals)));
    } else if (id === SECTION.export) parts.push(...section(id, longer(content, [exported])));
    else if (id === SECTION.code) parts.push(...section(id, codeSection(bytes, module, globals)));
    else parts.push(bytes.subarray(start, reader.position));
  }
  return new Uint8Array(joined(parts));
}

type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
type Primitive = (...given: (number | bigint)[]) => unknown;

/** Counts what primitives weigh, beside the copy's own count. */
export class Meter {
  #weight = 0n;
  #counter: { value: bigint } = { value: 0n };

  /** The imports, with what each call of them weighs. */
  imports({ machine }: Imports): Imports {
    const weighed = Object.entries(machine!).map(([name, primitive]) => {
      const { bytes, most } = primitiveOf(name);
      const call = (...given: (number | bigint)[]) => {
        const moved =
          bytes === undefined ? BigInt(most) : BigInt.asUintN(32, BigInt(given[bytes]!));
        this.#weight += weightOf(moved > 0n ? moved : 1n);
        return (primitive as Primitive)(...given);
      };
      return [name, call];
    });
    return { machine: Object.fromEntries(weighed) };
  }

  /** Begins to read the counter of an instance of the copy, given its exports. */
  attach(exports: unknown): void {
    this.#counter = (exports as Record<string, { value: bigint }>)[COUNTER]!;
  }

  /** Everything executed so far. */
  get total(): bigint {
    return this.#counter.value + this.#weight;
  }
}
