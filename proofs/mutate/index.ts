import { constantCode, unsigned } from "../validate/assemble.ts";
import { Random } from "../validate/random.ts";
import {
  decodeModule,
  type Instruction,
  type WasmFunction,
  type WasmModule,
} from "../wasm/index.ts";
import { opcodes } from "../wasm/opcodes.ts";
import { applyEdit, type Edit } from "./rewrite.ts";

export type MutationKind = "opcode" | "constant" | "offset" | "store" | "local" | "condition";

/** A change of one instruction. */
export interface Mutation {
  readonly kind: MutationKind;
  /** Name of the function. */
  readonly function: string;
  /** Position of the instruction in the file. */
  readonly offset: number;
  /** What changed, such as "i32.lt_u -> i32.le_u". */
  readonly change: string;
  readonly edit: Edit;
}

export interface Mutant extends Mutation {
  /** "function+0x1234: change", for reports. */
  readonly description: string;
  readonly bytes: Uint8Array;
}

/** Operations that programmers (and compilers) confuse. */
const swaps: Readonly<Record<string, readonly string[]>> = {
  add: ["sub"],
  sub: ["add"],
  mul: ["add"],
  div_u: ["rem_u"],
  rem_u: ["div_u"],
  and: ["or"],
  or: ["and", "xor"],
  xor: ["or"],
  shl: ["shr_u"],
  shr_u: ["shl", "shr_s"],
  shr_s: ["shr_u"],
  rotl: ["rotr"],
  eq: ["ne"],
  ne: ["eq"],
  lt_u: ["le_u", "lt_s", "ge_u"],
  le_u: ["lt_u", "le_s", "gt_u"],
  gt_u: ["ge_u", "gt_s", "le_u"],
  ge_u: ["gt_u", "ge_s", "lt_u"],
  lt_s: ["le_s", "lt_u", "ge_s"],
  le_s: ["lt_s", "le_u", "gt_s"],
  gt_s: ["ge_s", "gt_u", "le_s"],
  ge_s: ["gt_s", "ge_u", "lt_s"],
  ctz: ["clz"],
  clz: ["ctz"],
  load8_u: ["load8_s"],
  load8_s: ["load8_u"],
  load16_u: ["load16_s", "load8_u"],
  load16_s: ["load16_u"],
  load32_u: ["load32_s", "load16_u"],
  load32_s: ["load32_u"],
  store16: ["store8"],
  store32: ["store16"],
  extend_i32_u: ["extend_i32_s"],
  extend_i32_s: ["extend_i32_u"],
};

const codeOf = new Map([...opcodes].map(([code, { name }]) => [name, code]));

/** All mutations of all functions, in the order of the bytes. */
export function* mutationsOf(module: WasmModule): Generator<Mutation> {
  for (const one of module.functions) yield* inBody(one.body, one);
}

function* inBody(body: readonly Instruction[], owner: WasmFunction): Generator<Mutation> {
  for (const instruction of body) {
    yield* ofInstruction(instruction, owner);
    if (instruction.body !== undefined) yield* inBody(instruction.body, owner);
    if (instruction.otherwise !== undefined) yield* inBody(instruction.otherwise, owner);
  }
}

function* ofInstruction(instruction: Instruction, owner: WasmFunction): Generator<Mutation> {
  const { name, offset, end } = instruction;
  const mutation = (kind: MutationKind, change: string, edit: Edit): Mutation => ({
    kind,
    function: owner.name,
    offset,
    change,
    edit,
  });
  const whole = (bytes: readonly number[]): Edit => ({ from: offset, to: end, bytes });
  const [type, operation = ""] = name.split(".");
  for (const other of swaps[operation] ?? []) {
    const swapped = `${type}.${other}`;
    const code = codeOf.get(swapped);
    if (code === undefined) continue;
    // A narrower access must not keep the alignment of the wider one.
    const place =
      instruction.memory === undefined ? [] : [0, ...unsigned(instruction.memory.offset)];
    yield mutation("opcode", `${name} -> ${swapped}`, whole([code, ...place]));
  }
  if (name === "i32.const" || name === "i64.const") {
    const width = name === "i32.const" ? 32 : 64;
    for (const by of [1n, -1n]) {
      const value = BigInt.asIntN(width, instruction.value! + by);
      const change = `${name} ${BigInt.asIntN(width, instruction.value!)} -> ${value}`;
      yield mutation("constant", change, whole(constantCode(width === 32 ? "i32" : "i64", value)));
    }
  }
  if (instruction.memory !== undefined) yield* ofAccess(instruction, mutation);
  if (name === "local.get") yield* ofLocal(instruction, owner, mutation);
  if (name === "br_if" || name === "if" || name === "select") {
    const edit = { from: offset, to: offset, bytes: [codeOf.get("i32.eqz")!] };
    yield mutation("condition", `${name} on the negation`, edit);
  }
}

type Make = (kind: MutationKind, change: string, edit: Edit) => Mutation;

function* ofAccess(instruction: Instruction, make: Make): Generator<Mutation> {
  const { name, offset, end, memory } = instruction;
  const code = codeOf.get(name)!;
  const moved = (place: number) => [code, 0, ...unsigned(place)];
  for (const place of [memory!.offset + 1, memory!.offset - 1]) {
    if (place < 0) continue;
    const change = `${name} offset ${memory!.offset} -> ${place}`;
    yield make("offset", change, { from: offset, to: end, bytes: moved(place) });
  }
  if (!name.includes(".store")) return;
  const drop = codeOf.get("drop")!;
  yield make("store", `${name} dropped`, { from: offset, to: end, bytes: [drop, drop] });
}

/** The next local of the same type instead of the one that is read. */
function* ofLocal(instruction: Instruction, owner: WasmFunction, make: Make): Generator<Mutation> {
  const { index = 0, offset, end } = instruction;
  const { locals } = owner;
  for (let step = 1; step < locals.length; step++) {
    const other = (index + step) % locals.length;
    if (locals[other] !== locals[index]) continue;
    const bytes = [codeOf.get("local.get")!, ...unsigned(other)];
    yield make("local", `local.get ${index} -> ${other}`, { from: offset, to: end, bytes });
    return;
  }
}

/** The mutated module. */
export function mutate(bytes: Uint8Array, mutation: Mutation): Mutant {
  const { function: name, offset, change } = mutation;
  const description = `${name}+0x${offset.toString(16)}: ${change}`;
  return { ...mutation, description, bytes: applyEdit(bytes, mutation.edit) };
}

export interface SampleOptions {
  readonly count: number;
  readonly seed: number;
  /** Functions to mutate; all if not given. */
  readonly functions?: (name: string) => boolean;
}

/** So many different mutants, chosen by the seed, in the order of the bytes; fewer if there are. */
export function sampleMutants(bytes: Uint8Array, options: SampleOptions): readonly Mutant[] {
  const wanted = options.functions ?? (() => true);
  const all = [...mutationsOf(decodeModule(bytes))].filter((one) => wanted(one.function));
  const random = new Random(options.seed);
  const places = all.map((_, at) => at);
  const chosen: number[] = [];
  while (chosen.length < options.count && places.length > 0) {
    const at = random.below(places.length);
    chosen.push(places[at]!);
    places[at] = places[places.length - 1]!;
    places.pop();
  }
  return chosen.sort((a, b) => a - b).map((at) => mutate(bytes, all[at]!));
}
