// Which functions of the core each case executes: by executing it, so that what its arguments rule
// out, and what its blocks and lemmas stand for, does not count. And which functions run in
// operations that no case is about.

import type { Case } from "../obligations/case.ts";
import { cases, operationsOf } from "../obligations/index.ts";
import { execute } from "../obligations/refine.ts";
import { Code } from "../obligations/runner.ts";
import { constant, FALSE, variable } from "../term/index.ts";
import type { Column, Instruction, WasmModule } from "../wasm/index.ts";
import { withEntries } from "./probe.ts";

/** What proofs cover of each function, by the function's name. */
export interface Coverage {
  /** Places in the list of cases. */
  readonly cases: ReadonlyMap<string, readonly number[]>;
  /** Operations that no case is about, and that may come to the function. */
  readonly outside: ReadonlyMap<string, readonly string[]>;
}

/** Names of the functions that a case executes. */
function executedBy(module: WasmModule, columns: readonly Column[], one: Case): string[] {
  const { module: probed, reached } = withEntries(module);
  const { run } = execute(probed, columns, one);
  const found = reached(run.obligations);
  const { functions } = module;
  return functions
    .filter(({ index }) => found.get(index) !== undefined && found.get(index) !== FALSE)
    .map(({ name }) => name);
}

function calleesIn(body: readonly Instruction[]): number[] {
  return body.flatMap((one) => [
    ...(one.name === "call" ? [one.index!] : []),
    ...calleesIn(one.body ?? []),
    ...calleesIn(one.otherwise ?? []),
  ]);
}

/** The functions of these names, and all that they may call. */
export function closure(module: WasmModule, names: readonly string[]): Set<string> {
  const byIndex = new Map(module.functions.map((one) => [one.index, one]));
  const found = new Set<string>();
  const open = module.functions.filter(({ name }) => names.includes(name));
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at.name)) continue;
    found.add(at.name);
    for (const index of calleesIn(at.body)) {
      const callee = byIndex.get(index);
      if (callee !== undefined) open.push(callee);
    }
  }
  return found;
}

const PERFORM = "control_op/perform";
/** Rounds of a loop that are looked at to see what a command calls. */
const ROUNDS = 2;

/** The functions that a command calls from its dispatcher on, and all that they may call. */
function ofCommand(module: WasmModule, columns: readonly Column[], number: bigint): Set<string> {
  const { module: probed, reached } = withEntries(module);
  const code = new Code(probed, columns, ROUNDS);
  const start = code.unknownState();
  start.write("commandOperation", constant(1, 0), constant(32, number));
  const run = code.run(PERFORM, [variable("caller", 32), variable("source", 64)], start);
  const called = reached(run.obligations);
  const own = module.functions.filter(({ index }) => called.has(index)).map(({ name }) => name);
  const dispatcher = own.filter((name) => name.endsWith(`/${PERFORM}`));
  const others = own.filter((name) => !dispatcher.includes(name));
  return new Set([...dispatcher, ...closure(module, others)]);
}

/** The functions that an operation without a case may execute. */
function ofOperation(module: WasmModule, columns: readonly Column[], name: string): Set<string> {
  const [kind, what] = name.split(" ") as [string, string];
  if (kind === "command") return ofCommand(module, columns, BigInt(what));
  const exported = module.exports.find((one) => one.kind === "function" && one.name === what);
  const door = module.functions.find(({ index }) => index === exported?.index);
  // Of anything else that is not specified, nothing is known: it may come to any function.
  const names = door === undefined ? module.functions.map((one) => one.name) : [door.name];
  return closure(module, names);
}

/** Finds out which cases execute which functions of a build. */
export function coverageOf(module: WasmModule, columns: readonly Column[]): Coverage {
  const own = new Map<string, number[]>();
  for (const [at, one] of cases.entries()) {
    for (const name of executedBy(module, columns, one)) {
      own.set(name, [...(own.get(name) ?? []), at]);
    }
  }
  const outside = new Map<string, string[]>();
  for (const { name, of } of operationsOf(module, columns)) {
    if (of !== undefined) continue;
    for (const one of ofOperation(module, columns, name)) {
      outside.set(one, [...(outside.get(one) ?? []), name]);
    }
  }
  return { cases: own, outside };
}

/** Coverage as text. */
export function coverageText({ cases: own, outside }: Coverage): string {
  return `${JSON.stringify({ cases: [...own], outside: [...outside] })}\n`;
}

/** What `coverageText` has written. */
export function coverageFromText(text: string): Coverage {
  const { cases: own, outside } = JSON.parse(text) as {
    readonly cases: readonly (readonly [string, readonly number[]])[];
    readonly outside: readonly (readonly [string, readonly string[]])[];
  };
  return { cases: new Map(own), outside: new Map(outside) };
}
