// A child process that proves whole cases, one at a time: it executes both sides, builds the
// goals, and asks a solver of its own. Terms are never freed, so a child lives for some cases only.

import { readFileSync } from "node:fs";
import { columns } from "../../tcb/core/layout.ts";
import { cases, goalsOf } from "../obligations/index.ts";
import type { SolverName } from "../solver/index.ts";
import { CachedSolver, createSolver, VerdictCache } from "../solver/index.ts";
import { decodeModule } from "../wasm/index.ts";
import { impossible, solveGoals } from "./goals.ts";
import type { ObligationResult } from "./index.ts";

/** What a child is told when it starts. */
export interface ChildSettings {
  readonly wasm: string;
  readonly solvers: readonly SolverName[];
  readonly cache: string;
  readonly dump?: string;
}

export interface CaseAnswer {
  readonly at: number;
  readonly results: readonly ObligationResult[];
  /** Executing both sides and building the goals, in milliseconds. */
  readonly buildMs: number;
}

const settings = JSON.parse(process.argv[2]!) as ChildSettings;
const module = decodeModule(readFileSync(settings.wasm));
const known = new VerdictCache(settings.cache);
const solvers = settings.solvers.map(
  (name) => new CachedSolver(createSolver(name, { workers: 1 }), known),
);

async function answer(at: number): Promise<CaseAnswer> {
  const one = cases[at]!;
  const started = performance.now();
  try {
    const goals = goalsOf(module, columns, one);
    const buildMs = performance.now() - started;
    const dump = settings.dump === undefined ? {} : { dump: settings.dump };
    const results = await solveGoals(goals, { solvers, parallel: 2, ...dump });
    return { at, results, buildMs };
  } catch (error) {
    return { at, results: [impossible(one, error)], buildMs: performance.now() - started };
  }
}

process.on("message", (at: number) => {
  void answer(at).then((found) => process.send?.(found));
});
process.on("disconnect", () => {
  void Promise.all(solvers.map((solver) => solver.close())).then(() => process.exit(0));
});
