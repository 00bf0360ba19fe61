// How far the judge can be trusted.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CachedSolver,
  createSolver,
  type Solver,
  VerdictCache,
} from "../../../proofs/solver/index.ts";
import { runConformance } from "../../../proofs/validate/conformance.ts";
import { judgeMutants } from "../../proofs/mutants/judge.ts";
import { plantedBugs } from "../../proofs/planted/bugs.ts";
import { type Caught, judge } from "../../proofs/planted/plant.ts";
import type { Check } from "../check.ts";
import { root } from "../cli.ts";

const CASES = 1_000_000;
const MUTANTS = Number(process.env.PROOFS_MUTANTS ?? 2_000);
const LIMIT_OPEN_SHARE = 0.01;
const SEED = 1;

export const opcodes: Check = {
  name: "proofs.opcodes",
  claim: "the executor agrees with V8 on a million generated programs and operands",
  short: false,
  run: async () => {
    const result = runConformance({ cases: CASES, seed: SEED });
    const { mismatches, ...counts } = await result;
    const figures = { ...counts, mismatches: mismatches.map(({ what }) => what) };
    const summary = `${counts.cases} cases, ${mismatches.length} mismatches`;
    return { passed: mismatches.length === 0 && counts.cases >= CASES, figures, summary };
  },
};

/** What the solver proved before is not asked again: most queries of a mutant are the core's. */
async function withSolver<Result>(work: (solver: Solver) => Promise<Result>): Promise<Result> {
  const verdicts = new VerdictCache(join(root, "build/proofs/unsat.txt"));
  const solver = new CachedSolver(createSolver("z3-wasm", { workers: 2 }), verdicts);
  try {
    return await work(solver);
  } finally {
    await solver.close();
  }
}

/** Each planted bug in turn. */
async function planted(solver: Solver): Promise<Caught[]> {
  const found: Caught[] = [];
  for (const bug of plantedBugs) found.push(await judge(bug, solver));
  return found;
}

export const mutants: Check = {
  name: "proofs.mutants",
  claim: "2,000 binary mutants and 25 planted bugs are caught, or are shown to be equivalent",
  short: false,
  run: async () => {
    const bytes = new Uint8Array(readFileSync(join(root, "build/core.wasm")));
    const bugs = await withSolver(planted);
    const missed = bugs.filter((bug) => bug.differences.length === 0).map(({ name }) => name);
    const options = { count: MUTANTS, seed: SEED };
    const judged = await withSolver((solver) => judgeMutants(bytes, { ...options, solver }));
    const open = judged.filter(({ verdict }) => verdict === "uncovered");
    const count = (verdict: string): number =>
      judged.filter((mutant) => mutant.verdict === verdict).length;
    const figures = {
      bugs,
      missed,
      mutants: judged.length,
      killed: count("killed"),
      equivalent: count("equivalent"),
      neither: open.map(({ description }) => description),
    };
    const enough = judged.length >= 2_000 && open.length <= judged.length * LIMIT_OPEN_SHARE;
    const summary =
      `${bugs.length - missed.length} of ${bugs.length} bugs; of ${judged.length} mutants ` +
      `${figures.killed} killed, ${figures.equivalent} equivalent, ${open.length} neither`;
    return { passed: enough && missed.length === 0 && bugs.length >= 25, figures, summary };
  },
};
