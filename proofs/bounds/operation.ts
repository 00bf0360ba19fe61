// One operation, as what is known when its code runs: the exit code, the number of the hypercall
// and its operation, the number of the command. The names are those of obligations/operations.ts.

import type { Bits, Word } from "./word.ts";
import { mostOf, word } from "./word.ts";

interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

/** An operation of the core and what selects it. */
export interface Selection {
  readonly name: string;
  /** The exported function that it comes through. */
  readonly entry: string;
  /** Columns that hold the number that selects it whenever they are read. */
  readonly columns: ReadonlyMap<string, Range>;
  /** Arguments of inner functions, by the end of their name and the argument's place. */
  readonly arguments: ReadonlyMap<string, readonly (Word | undefined)[]>;
}

const DISPATCH = "hypercall/dispatch";
const EXIT_CODE = "vmcbExitCode";
const COMMAND = "commandOperation";
const VMMCALL = 0x81n;
/** memory_op: the low bits of its first argument are the operation, the rest is progress. */
const MEMORY_OP = 12n;
const MEMORY_MASK = 63n;
const CONTROL = 60n;

function rangeOf(text: string): Range {
  const [first, last] = text.split(" to ");
  return { min: BigInt(first!), max: BigInt(last ?? first!) };
}

const wordIn = (bits: Bits, { min, max }: Range): Word => word(bits, { min, max });

/** memory_op's first argument for an operation: anything above the operation's bits. */
function memoryFirst({ min, max }: Range): Word {
  if (min !== max) return word(64);
  return word(64, { ones: min, zeros: ~min & MEMORY_MASK & mostOf(64) });
}

function hypercall(name: string, number: Range, first: Range | undefined): Selection {
  const isMemory = number.min === MEMORY_OP && number.max === MEMORY_OP;
  const argument = first && (isMemory ? memoryFirst(first) : wordIn(64, first));
  return {
    name,
    entry: "handleExit",
    columns: new Map([[EXIT_CODE, { min: VMMCALL, max: VMMCALL }]]),
    arguments: new Map([[DISPATCH, [undefined, wordIn(64, number), argument]]]),
  };
}

/** The selection that a name of obligations/operations.ts stands for, as "hypercall 32: 4". */
export function selectionOf(name: string): Selection {
  const [, kind, rest] = /^(\w+) (.+)$/.exec(name) ?? [];
  const none = { columns: new Map(), arguments: new Map() };
  if (kind === "door") return { name, entry: rest!, ...none };
  if (kind === "exit") {
    const columns = new Map([[EXIT_CODE, rangeOf(rest!)]]);
    return { ...none, name, entry: "handleExit", columns };
  }
  if (kind === "hypercall") {
    const [number, first] = rest!.split(": ");
    return hypercall(name, rangeOf(number!), first === undefined ? undefined : rangeOf(first));
  }
  if (kind === "command") {
    const call = hypercall(name, { min: CONTROL, max: CONTROL }, undefined);
    return { ...call, columns: new Map([...call.columns, [COMMAND, rangeOf(rest!)]]) };
  }
  throw new Error(`no operation is called ${name}`);
}
