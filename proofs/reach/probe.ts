// Probes: instructions put into a decoded module that demand of an unknown word not to be zero.
// They change nothing, and assume nothing; but the executor notes the demand with the condition
// under which the code comes there, and so tells which places a run reaches, and when.

import { constant, not, or, substitute, type Term, variable } from "../term/index.ts";
import { globalSymbol } from "../wasm/executor.ts";
import type { Instruction, TrapObligation, WasmFunction, WasmModule } from "../wasm/index.ts";

/** One way out of a conditional instruction. */
export interface Outcome {
  /** Name of the function. */
  readonly function: string;
  /** Position of the instruction in the file: if, br_if, select or br_table. */
  readonly offset: number;
  /** 0 if the condition is zero, 1 if not; for br_table the case, the default last. */
  readonly outcome: number;
}

/** A module with probes, which are numbered. */
export interface Probed {
  readonly module: WasmModule;
  /** The condition under which a run comes to each probe that it can come to at all. */
  readonly reached: (obligations: readonly TrapObligation[]) => ReadonlyMap<number, Term>;
}

const MARKER = "reach/marker";
/** Probes stand behind all bytes that a file could have. */
const FIRST_OFFSET = 2 ** 40;

/** Instructions in front of another; `local` is one of the function's that nothing else uses. */
type Insert = (instruction: Instruction, marker: number, local: number) => readonly Instruction[];

/** Divides by the unknown word, or by its bits and a test's: zero only if the test is. */
function demand(probe: number, marker: number, test: readonly Instruction[]): Instruction[] {
  const offset = FIRST_OFFSET + probe;
  const plain = (name: string, more: Partial<Instruction> = {}): Instruction => {
    return { name, offset, end: offset, ...more };
  };
  const both = test.length === 0 ? [] : [...test, plain("i32.or")];
  return [
    plain("i32.const", { value: 1n }),
    plain("global.get", { index: marker }),
    ...both,
    plain("i32.div_u"),
    plain("drop"),
  ];
}

/** A word on the stack that is zero exactly if the instruction takes the outcome. */
function testOf(name: string, outcome: number, cases: number, local: number): Instruction[] {
  const plain = (one: string, more: Partial<Instruction> = {}): Instruction => {
    return { name: one, offset: FIRST_OFFSET, end: FIRST_OFFSET, ...more };
  };
  const word = plain("local.get", { index: local });
  const number = plain("i32.const", { value: BigInt(outcome) });
  if (name !== "br_table") return outcome === 0 ? [word] : [word, plain("i32.eqz")];
  return [word, number, plain(outcome === cases - 1 ? "i32.lt_u" : "i32.ne")];
}

function inserted(
  body: readonly Instruction[],
  insert: Insert,
  marker: number,
  local: number,
): readonly Instruction[] {
  return body.flatMap((one) => {
    const inner = one.body && { body: inserted(one.body, insert, marker, local) };
    const other = one.otherwise && { otherwise: inserted(one.otherwise, insert, marker, local) };
    return [...insert(one, marker, local), { ...one, ...inner, ...other }];
  });
}

function withMarker(
  module: WasmModule,
  change: (one: WasmFunction, marker: number) => WasmFunction,
): Probed {
  const marker = module.globals.length;
  const global = { name: MARKER, type: "i32", mutable: true, initial: 0n } as const;
  const functions = module.functions.map((one) => change(one, marker));
  const word = variable(globalSymbol(MARKER), 32);
  const reached = (obligations: readonly TrapObligation[]) => {
    const found = new Map<number, Term>();
    for (const { offset, condition } of obligations) {
      if (offset < FIRST_OFFSET) continue;
      const [missed] = substitute([condition], new Map([[word, constant(32, 0n)]]));
      const before = found.get(offset - FIRST_OFFSET);
      const here = not(missed!);
      found.set(offset - FIRST_OFFSET, before === undefined ? here : or(before, here));
    }
    return found;
  };
  return { module: { ...module, functions, globals: [...module.globals, global] }, reached };
}

/** A probe at the begin of each function, numbered as the functions are. */
export function withEntries(module: WasmModule): Probed {
  return withMarker(module, (one, marker) => {
    return { ...one, body: [...demand(one.index, marker, []), ...one.body] };
  });
}

/**
 * A probe for each outcome, by its place in the list.
 * @throws Error if there is no such function, instruction or outcome
 */
export function withOutcomes(module: WasmModule, outcomes: readonly Outcome[]): Probed {
  const placed = new Set<number>();
  const probed = withMarker(module, (one, marker) => {
    const own = [...outcomes.entries()].filter(([, each]) => each.function === one.name);
    if (own.length === 0) return one;
    const local = one.locals.length;
    const insert: Insert = (instruction) => {
      const here = own.filter(([, { offset }]) => offset === instruction.offset);
      const cases = casesOf(instruction);
      const probes = here.flatMap(([at, { outcome }]) => {
        if (outcome < 0 || outcome >= cases) return [];
        placed.add(at);
        const test = testOf(instruction.name, outcome, cases, local);
        return demand(at, marker, test);
      });
      if (probes.length === 0) return [];
      const { offset } = instruction;
      return [{ name: "local.tee", offset, end: offset, index: local }, ...probes];
    };
    const body = inserted(one.body, insert, marker, local);
    return { ...one, locals: [...one.locals, "i32"], body };
  });
  const missing = [...outcomes.keys()].find((at) => !placed.has(at));
  if (missing !== undefined) {
    const { function: name, offset, outcome } = outcomes[missing]!;
    throw new Error(`${name}+0x${offset.toString(16)} has no outcome ${outcome}`);
  }
  return probed;
}

/** Ways out of an instruction; none if it is not conditional. */
export function casesOf({ name, depths }: Instruction): number {
  if (name === "br_table") return depths!.length;
  return ["if", "br_if", "select"].includes(name) ? 2 : 0;
}
