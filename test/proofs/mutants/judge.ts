// Changes of single instructions of the shipped core, and what the proofs say of each. A mutant
// under which every obligation that can see it still holds does the same as the core in every
// state: it is equivalent. One that no obligation can see is a hole.

import { sampleMutants } from "../../../proofs/mutate/index.ts";
import { cases, goalsOf } from "../../../proofs/obligations/index.ts";
import type { Case } from "../../../proofs/obligations/refine.ts";
import { firstFailure } from "../../../proofs/runner/goals.ts";
import { createSolver, type Solver } from "../../../proofs/solver/index.ts";
import { decodeModule, type Instruction, type WasmModule } from "../../../proofs/wasm/index.ts";
import { columns } from "../../../tcb/core/layout.ts";

export interface JudgedMutant {
  readonly description: string;
  readonly verdict: "killed" | "equivalent" | "uncovered";
  /** What killed it: "family: operation: property", or why it cannot be executed. */
  readonly by?: string;
}

function callees(body: readonly Instruction[]): number[] {
  return body.flatMap((one) => [
    ...(one.name === "call" ? [one.index!] : []),
    ...callees(one.body ?? []),
    ...callees(one.otherwise ?? []),
  ]);
}

/** Functions that a case executes: those that it reaches, but for what its blocks and lemmas do. */
function executed(module: WasmModule, one: Case): Set<string> {
  const cut = [...(one.blocks ?? []).map(({ name }) => name)];
  const contracts = [...cut, ...(one.lemmas ?? []).map((lemma) => lemma.function)];
  const byIndex = new Map(module.functions.map((each) => [each.index, each]));
  const exported = module.exports.find(({ name }) => name === one.function);
  const start = module.functions.find(
    (each) => each.index === exported?.index || each.name.endsWith(`/${one.function}`),
  );
  const found = new Set<string>();
  const open = start === undefined ? [] : [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at.name)) continue;
    found.add(at.name);
    for (const index of callees(at.body)) {
      const callee = byIndex.get(index);
      if (callee === undefined) continue;
      if (contracts.some((name) => callee.name.endsWith(`/${name}`))) continue;
      open.push(callee);
    }
  }
  return found;
}

/** Cases that execute a function, those that execute few functions first. */
function casesOf(module: WasmModule): ReadonlyMap<string, readonly Case[]> {
  const reach = cases.map((one) => ({ one, functions: executed(module, one) }));
  reach.sort((left, right) => left.functions.size - right.functions.size);
  const found = new Map<string, Case[]>();
  for (const { one, functions } of reach) {
    for (const name of functions) found.set(name, [...(found.get(name) ?? []), one]);
  }
  return found;
}

/** Is the case proved of the core as it is? One that is not would kill every mutant. */
class Proved {
  readonly #module: WasmModule;
  readonly #solver: Solver;
  readonly #known = new Map<Case, boolean>();

  constructor(module: WasmModule, solver: Solver) {
    this.#module = module;
    this.#solver = solver;
  }

  async has(one: Case): Promise<boolean> {
    const before = this.#known.get(one);
    if (before !== undefined) return before;
    const holds = await this.#prove(one);
    this.#known.set(one, holds);
    return holds;
  }

  async #prove(one: Case): Promise<boolean> {
    try {
      const goals = goalsOf(this.#module, columns, one);
      const options = { solvers: [this.#solver], parallel: 2 };
      return (await firstFailure(goals, options)) === undefined;
    } catch {
      return false;
    }
  }
}

async function judgeOne(
  bytes: Uint8Array,
  list: readonly Case[],
  proved: Proved,
  solver: Solver,
): Promise<Pick<JudgedMutant, "verdict" | "by">> {
  let isCovered = false;
  for (const one of list) {
    if (!(await proved.has(one))) continue;
    isCovered = true;
    try {
      const goals = goalsOf(decodeModule(bytes), columns, one);
      const failure = await firstFailure(goals, { solvers: [solver], parallel: 2 });
      if (failure === undefined) continue;
      const { family, operation, property } = failure;
      return { verdict: "killed", by: `${family}: ${operation}: ${property}` };
    } catch (error) {
      return { verdict: "killed", by: error instanceof Error ? error.message : String(error) };
    }
  }
  return { verdict: isCovered ? "equivalent" : "uncovered" };
}

/** Judges mutants sampled over the core, or over the functions that are named. */
export async function judgeMutants(
  bytes: Uint8Array,
  options: {
    readonly count: number;
    readonly seed: number;
    readonly functions?: (name: string) => boolean;
    readonly solver?: Solver;
  },
): Promise<JudgedMutant[]> {
  const module = decodeModule(bytes);
  const known = casesOf(module);
  const solver = options.solver ?? createSolver("z3-wasm", { workers: 2 });
  const proved = new Proved(module, solver);
  const judged: JudgedMutant[] = [];
  try {
    for (const mutant of sampleMutants(bytes, options)) {
      const found = await judgeOne(mutant.bytes, known.get(mutant.function) ?? [], proved, solver);
      judged.push({ description: mutant.description, ...found });
    }
  } finally {
    if (options.solver === undefined) await solver.close();
  }
  return judged;
}
