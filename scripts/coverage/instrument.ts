// The Binaryen pass: a copy of a core that calls `coverage.hit(counter)` at each place where
// control goes one way or another, and `coverage.compare(...)` at each comparison when asked to.
// The code is otherwise the same; align.ts proves it, instruction by instruction, and says what
// each counter counts in the original.

import binaryen from "binaryen";
import { type Aligned, align, type Site } from "./align.ts";
import { childrenOf, expressions, isExit, type Kind, kindOf } from "./expressions.ts";
import { addHelpers, HELPER } from "./helpers.ts";

export type { Block, Branch, Comparison, Site } from "./align.ts";

type Expression = number;

/** BulkMemoryOpt is missing in the package's types. */
const features = binaryen.Features as unknown as Record<
  "BulkMemory" | "BulkMemoryOpt" | "MutableGlobals" | "SignExt",
  number
>;

export interface Wanted {
  /** Counters of blocks and of the outcomes of branches. */
  readonly edges: boolean;
  /** Also the operands of comparisons. */
  readonly comparisons?: boolean;
}

export interface Instrumented {
  readonly wasm: Uint8Array;
  /** Numbers that `coverage.hit` is called with are below this, those of `compare` as well. */
  readonly counters: number;
  readonly sites: readonly Site[];
}

/** Width of what each comparison compares; unary and binary operations are numbered apart. */
const COMPARE = {
  Binary: new Map(
    ["Eq", "Ne", "LtS", "LtU", "GtS", "GtU", "LeS", "LeU", "GeS", "GeU"].flatMap((name) =>
      ([32, 64] as const).map((width) => [operation(`${name}Int${width}`), width] as const),
    ),
  ),
  Unary: new Map(([32, 64] as const).map((width) => [operation(`EqZInt${width}`), width] as const)),
};

function operation(name: string): number {
  const value = (binaryen as unknown as Record<string, number | undefined>)[name];
  if (value === undefined) throw new Error(`this Binaryen has no operation ${name}`);
  return value;
}

class Pass {
  counters = 0;
  readonly #module: binaryen.Module;
  readonly #wanted: Wanted;

  constructor(module: binaryen.Module, wanted: Wanted) {
    this.#module = module;
    this.#wanted = wanted;
  }

  #take(count: number): number {
    this.counters += count;
    return this.counters - count;
  }

  #constant(value: number): Expression {
    return this.#module.i32.const(value);
  }

  #hit(): Expression {
    return this.#module.call(HELPER.hit, [this.#constant(this.#take(1))], binaryen.none);
  }

  /** `expression` with a counter before it. */
  #counted(expression: Expression): Expression {
    const type = binaryen.getExpressionType(expression);
    return this.#module.block(null, [this.#hit(), expression], type);
  }

  /** A condition that counts which way it goes: two counters, false first. */
  #branch(condition: Expression): Expression {
    const counter = this.#constant(this.#take(2));
    return this.#module.call(HELPER.branch, [condition, counter], binaryen.i32);
  }

  #case(index: Expression, outcomes: number): Expression {
    const counter = this.#constant(this.#take(outcomes));
    const last = this.#constant(outcomes - 1);
    return this.#module.call(HELPER.case, [index, counter, last], binaryen.i32);
  }

  #operand(helper: string, value: Expression, counter: number): Expression {
    const type = binaryen.getExpressionType(value);
    return this.#module.call(helper, [value, this.#constant(counter)], type);
  }

  /** Operands of a comparison pass through helpers that remember them. */
  #compare(expression: Expression, kind: "Binary" | "Unary"): void {
    const info = binaryen.getExpressionInfo(expression) as binaryen.BinaryInfo;
    const width = COMPARE[kind].get(info.op as number);
    if (width === undefined) return;
    const counter = this.#take(1);
    const through = (child: string, helper: string) =>
      this.#wrap(expression, kind, child, (value) => this.#operand(helper, value, counter));
    if (kind === "Unary") through("Value", HELPER.zero[width]);
    else {
      through("Left", HELPER.left[width]);
      through("Right", HELPER.right[width]);
    }
  }

  /** Replaces one child of an expression by `with(child)`, if it has one that can be reached. */
  #wrap(
    expression: Expression,
    kind: Kind,
    child: string,
    change: (child: Expression) => Expression,
  ): void {
    const old = expressions.get(kind, child, expression);
    if (old === 0 || binaryen.getExpressionType(old) === binaryen.unreachable) return;
    expressions.set(kind, child, expression, change(old));
  }

  #arms(expression: Expression): void {
    const counted = (child: string, absent: boolean) => {
      const old = expressions.get("If", child, expression);
      if (old !== 0) expressions.set("If", child, expression, this.#counted(old));
      else if (absent) expressions.set("If", child, expression, this.#hit());
    };
    counted("IfTrue", false);
    counted("IfFalse", true);
  }

  /** Counters behind each statement that may not come to its end. */
  #statements(block: Expression): void {
    const children = childrenOf(block, "Block");
    for (let index = children.length - 2; index >= 0; index--) {
      const child = children[index]!;
      const direct = kindOf(child) === "Break";
      if (!direct && isExit(child)) expressions.insert(block, index + 1, this.#hit());
    }
  }

  /** Instruments an expression and all below it. */
  visit(expression: Expression): void {
    const kind = kindOf(expression);
    const exits = kind === "Block" ? childrenOf(expression, kind) : [];
    if (this.#wanted.edges && exits.length > 0) this.#statements(expression);
    for (const child of exits.length > 0 ? exits : childrenOf(expression, kind)) this.visit(child);
    if (this.#wanted.comparisons && (kind === "Binary" || kind === "Unary")) {
      this.#compare(expression, kind);
    }
    if (!this.#wanted.edges) return;
    if (kind === "If") this.#arms(expression);
    if (kind === "Loop") {
      const body = expressions.get("Loop", "Body", expression);
      expressions.set("Loop", "Body", expression, this.#counted(body));
    }
    if (kind === "Break" || kind === "Select") {
      this.#wrap(expression, kind, "Condition", (condition) => this.#branch(condition));
    }
    if (kind === "Switch") {
      const { names } = binaryen.getExpressionInfo(expression) as binaryen.SwitchInfo;
      this.#wrap(expression, kind, "Condition", (index) => this.#case(index, names.length + 1));
    }
  }

  /** Instruments a function. */
  enter(name: string): void {
    const reference = this.#module.getFunction(name);
    const { body } = binaryen.getFunctionInfo(reference);
    if (body === 0) return;
    this.visit(body);
    if (this.#wanted.edges) expressions.setBody(reference, this.#counted(body));
  }
}

function functionNames(module: binaryen.Module): string[] {
  const names: string[] = [];
  for (let index = 0; index < module.getNumFunctions(); index++) {
    names.push(binaryen.getFunctionInfo(module.getFunctionByIndex(index)).name);
  }
  return names;
}

/**
 * Puts counters into a copy of a core (which must have its name section).
 * @returns the copy, which imports `coverage.hit(counter: i32)` and, with comparisons,
 *   `coverage.compare(counter, aLow, aHigh, bLow, bHigh: i32)`; and what each counter means.
 * @throws Error when the copy's code is not the original's with counters in it.
 */
export function instrument(bytes: Uint8Array, wanted: Wanted): Instrumented {
  binaryen.setDebugInfo(true);
  const module = binaryen.readBinary(bytes);
  const { BulkMemory, BulkMemoryOpt, MutableGlobals, SignExt } = features;
  module.setFeatures(module.getFeatures() | BulkMemory | BulkMemoryOpt | MutableGlobals | SignExt);
  try {
    const names = functionNames(module);
    addHelpers(module, wanted.comparisons === true);
    const pass = new Pass(module, wanted);
    for (const name of names) pass.enter(name);
    if (module.validate() === 0) throw new Error("the instrumented core is not valid");
    const wasm = module.emitBinary();
    const sites: Aligned = align(bytes, wasm);
    return { wasm, counters: pass.counters, sites };
  } finally {
    module.dispose();
  }
}
