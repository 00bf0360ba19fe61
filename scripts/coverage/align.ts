// What the counters of an instrumented core count. Both binaries are decoded; with the counters
// taken out, the copy must be the original, instruction by instruction (Binaryen may move values
// between the stack and locals, so that local.* instructions are not compared).

import { decode, type Instruction } from "../../tcb/subset/binary/instructions.ts";
import {
  type FunctionBody,
  type Module,
  nameOf,
  readModule,
} from "../../tcb/subset/binary/module.ts";
import { HELPER } from "./helpers.ts";

/** Code that runs when its counter says so. */
export interface Block {
  readonly kind: "block";
  readonly function: string;
  readonly counter: number;
  /** Offsets of its instructions in the original. */
  readonly offsets: readonly number[];
}

/** An instruction that goes one of several ways. */
export interface Branch {
  readonly kind: "branch";
  readonly function: string;
  readonly opcode: string;
  /** In the original. */
  readonly offset: number;
  /** One for each outcome: false and true, or the cases in order. */
  readonly counters: readonly number[];
}

export interface Comparison {
  readonly kind: "comparison";
  readonly function: string;
  readonly opcode: string;
  readonly offset: number;
  readonly counter: number;
}

export type Site = Block | Branch | Comparison;
export type Aligned = readonly Site[];

interface Open {
  /** Counter of the code around. */
  readonly around: number;
  /** Counters of an `if` so far: false, true. */
  readonly arms: { counters: number[]; site: number } | undefined;
}

const isLocal = ({ opcode }: Instruction): boolean => opcode.name.startsWith("local.");

/** One function's walk over both versions. */
class Walk {
  readonly sites: Site[] = [];
  readonly #blocks = new Map<number, number[]>();
  readonly #open: Open[] = [];
  readonly #name: string;
  #current = -1;
  /** Counters told by a helper for the instruction that follows. */
  #outcomes: number[] | undefined;
  #comparison: number | undefined;
  /** Side of an `if` whose counter comes next. */
  #arm: 0 | 1 | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  hit(counter: number): void {
    this.#current = counter;
    this.#blocks.set(counter, []);
    const arms = this.#open.at(-1)?.arms;
    if (this.#arm !== undefined && arms !== undefined) arms.counters[this.#arm] = counter;
    this.#arm = undefined;
  }

  helper(name: string, first: number, second: number): void {
    if (name === HELPER.branch) this.#outcomes = [first, first + 1];
    else if (name === HELPER.case) {
      this.#outcomes = Array.from({ length: second + 1 }, (_, index) => first + index);
    } else this.#comparison = first;
  }

  /** An `else` that only the copy has, to hold a counter. */
  addedElse(): void {
    this.#current = this.#open.at(-1)?.around ?? -1;
    this.#arm = 0;
  }

  #branch(instruction: Instruction): void {
    if (this.#outcomes === undefined) return;
    const { offset, opcode } = instruction;
    const counters = this.#outcomes;
    const common = { kind: "branch", function: this.#name, opcode: opcode.name } as const;
    this.sites.push({ ...common, offset, counters });
    this.#outcomes = undefined;
    if (opcode.name !== "br_if") return;
    this.#current = counters[0]!;
    this.#blocks.set(counters[0]!, []);
  }

  #structure({ opcode, offset }: Instruction): void {
    if (["block", "loop", "if"].includes(opcode.name)) {
      const isIf = opcode.name === "if";
      const arms = isIf ? { counters: [], site: offset } : undefined;
      this.#open.push({ around: this.#current, arms });
      this.#arm = isIf ? 1 : undefined;
    }
    if (opcode.name === "else") this.addedElse();
    if (opcode.name === "end") this.#close();
  }

  #close(): void {
    const open = this.#open.pop();
    if (open === undefined) return;
    this.#current = open.around;
    if (open.arms === undefined || open.arms.counters.length < 2) return;
    const { counters, site } = open.arms;
    const common = { kind: "branch", function: this.#name, opcode: "if" } as const;
    this.sites.push({ ...common, offset: site, counters });
  }

  /** An instruction of the original. */
  original(instruction: Instruction): void {
    this.#blocks.get(this.#current)?.push(instruction.offset);
    if (isLocal(instruction)) return;
    this.#branch(instruction);
    this.#structure(instruction);
    if (
      this.#comparison === undefined ||
      !/\.(eqz?|ne|[lg][te]_[su])$/.test(instruction.opcode.name)
    ) {
      return;
    }
    const { offset, opcode } = instruction;
    const counter = this.#comparison;
    const common = { kind: "comparison", function: this.#name, opcode: opcode.name } as const;
    this.sites.push({ ...common, offset, counter });
    this.#comparison = undefined;
  }

  finish(): Site[] {
    const blocks = [...this.#blocks].map(
      ([counter, offsets]): Block => ({ kind: "block", function: this.#name, counter, offsets }),
    );
    return [...blocks, ...this.sites];
  }
}

/** Constants and the helper's name, when the copy's instructions at `at` are a call of a helper. */
function helperAt(copy: Module, code: readonly Instruction[], at: number) {
  for (const constants of [1, 2]) {
    const call = code[at + constants];
    const before = code.slice(at, at + constants);
    if (call?.opcode.name !== "call") continue;
    if (!before.every(({ opcode }) => opcode.name === "i32.const")) continue;
    const target = nameOf(copy, Number(call.operand));
    const name = target === "coverage.hit" ? HELPER.hit : target;
    if (!name.startsWith("coverage/")) continue;
    if ((name === HELPER.case) !== (constants === 2)) continue;
    const [first, second] = before.map(({ operand }) => Number(operand));
    return { name, first: first!, second: second ?? 0, length: constants + 1 };
  }
  return undefined;
}

function mismatch(name: string, offset: number, found: string, wanted: string): Error {
  const place = `in ${name}, at byte ${offset} of the original`;
  return new Error(`the instrumented core is another program: ${found}, not ${wanted}, ${place}`);
}

function alignFunction(
  original: Module,
  body: FunctionBody,
  copy: Module,
  other: FunctionBody,
): Site[] {
  const name = nameOf(original, body.index);
  const wanted = decode(original, body).instructions;
  const code = decode(copy, other).instructions;
  const walk = new Walk(name);
  let next = 0;
  const skipLocals = () => {
    for (let one = wanted[next]; one !== undefined && isLocal(one); one = wanted[next]) {
      walk.original(one);
      next++;
    }
  };
  for (let at = 0; at < code.length; at++) {
    const helper = helperAt(copy, code, at);
    if (helper?.name === HELPER.hit) walk.hit(helper.first);
    else if (helper !== undefined) walk.helper(helper.name, helper.first, helper.second);
    if (helper !== undefined) at += helper.length - 1;
    const instruction = code[at]!;
    if (helper !== undefined || isLocal(instruction)) continue;
    skipLocals();
    const found = instruction.opcode.name;
    const expected = wanted[next];
    if (found === "else" && expected?.opcode.name !== "else") walk.addedElse();
    else if (found !== expected?.opcode.name) {
      throw mismatch(
        name,
        expected?.offset ?? body.code.end,
        found,
        expected?.opcode.name ?? "end",
      );
    } else {
      walk.original(expected);
      next++;
    }
  }
  if (next !== wanted.length) throw mismatch(name, wanted[next]!.offset, "nothing", "more code");
  return walk.finish();
}

/** The sites of an instrumented copy, functions in the order of the original. */
export function align(original: Uint8Array, copy: Uint8Array): Site[] {
  const first = readModule(original);
  const second = readModule(copy);
  const byName = new Map(second.functions.map((body) => [nameOf(second, body.index), body]));
  return first.functions.flatMap((body) => {
    const name = nameOf(first, body.index);
    const other = byName.get(name);
    if (other === undefined) throw new Error(`the instrumented core has no function ${name}`);
    return alignFunction(first, body, second, other);
  });
}
