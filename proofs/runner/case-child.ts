// A child process that proves whole cases, one at a time: it executes both sides, builds the
// goals, and asks a solver of its own. Terms are never freed, so a child lives for some cases only.

import { readFileSync } from "node:fs";
import { columns } from "../../tcb/core/layout.ts";
import { cases, goalsOf } from "../obligations/index.ts";
import type { SolverName } from "../solver/index.ts";
import { CachedSolver, createSolver, VerdictCache } from "../solver/index.ts";
import type { Term } from "../term/index.ts";
import { decodeModule } from "../wasm/index.ts";
import { impossible, solveGoals } from "./goals.ts";
import type { ObligationResult } from "./index.ts";
import { type Hint, Record } from "./recorded.ts";

/** What a child is told when it starts. */
export interface ChildSettings {
  readonly wasm: string;
  readonly solvers: readonly SolverName[];
  readonly cache: string;
  readonly dump?: string;
  /** File of what earlier proofs took. */
  readonly record: string;
}

export interface CaseAnswer {
  readonly at: number;
  readonly results: readonly ObligationResult[];
  /** Executing both sides and building the goals, in milliseconds. */
  readonly buildMs: number;
  /** Processor time of this process and its solver's, in milliseconds. */
  readonly ms: number;
  /** What the proofs took, by the marks of their claims. */
  readonly notes: readonly (readonly [string, Hint])[];
}

const settings = JSON.parse(process.argv[2]!) as ChildSettings;
const module = decodeModule(readFileSync(settings.wasm));
const known = new VerdictCache(settings.cache);
const earlier = Record.from(settings.record);
const solvers = settings.solvers.map(
  (name) => new CachedSolver(createSolver(name, { workers: 1 }), known),
);

/** The record of earlier proofs, which takes down those of one case. */
class Notes extends Record {
  readonly taken = new Map<string, Hint>();

  override hintOf(claim: Term): Hint | undefined {
    return earlier.hintOf(claim);
  }

  override note(claim: string, hint: Hint): void {
    this.taken.set(claim, hint);
  }
}

async function answer(at: number): Promise<CaseAnswer> {
  const one = cases[at]!;
  const started = performance.now();
  const before = process.cpuUsage();
  const record = new Notes();
  const spent = (results: readonly ObligationResult[]): number => {
    const { user, system } = process.cpuUsage(before);
    const solving = results.reduce((sum, { ms, totalMs = ms }) => sum + totalMs, 0);
    return Math.round((user + system) / 1000 + solving);
  };
  try {
    const goals = goalsOf(module, columns, one);
    const buildMs = performance.now() - started;
    const dump = settings.dump === undefined ? {} : { dump: settings.dump };
    const results = await solveGoals(goals, { solvers, parallel: 2, record, ...dump });
    return { at, results, buildMs, ms: spent(results), notes: [...record.taken] };
  } catch (error) {
    const buildMs = performance.now() - started;
    return { at, results: [impossible(one, error)], buildMs, ms: spent([]), notes: [] };
  }
}

process.on("message", (at: number) => {
  void answer(at).then((found) => process.send?.(found));
});
process.on("disconnect", () => {
  void Promise.all(solvers.map((solver) => solver.close())).then(() => process.exit(0));
});
