// fuzz.coverage: what ten CPU-minutes reach from an empty corpus. Branches are those of core.wasm;
// the solver is asked which of the outcomes that were not reached cannot be, where that matters.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CoverageSummary, Outcome } from "../../../fuzz/campaign/coverage.ts";
import { type Reachability, reachability } from "../../../proofs/reach/index.ts";
import { createSolver } from "../../../proofs/solver/index.ts";
import { decodeModule } from "../../../proofs/wasm/index.ts";
import { columns } from "../../../tcb/core/layout.ts";
import type { Check, Outcome as Result } from "../check.ts";
import { root, runProgram } from "../cli.ts";

/** CPU time for programs of calls, and for boots. */
const SECONDS = 510;
const BOOT_SECONDS = 90;
const SHARE = 0.95;
/** A busy machine takes so many times longer. */
const PATIENCE = 40;
const XENOLITH = join(root, "bin/xenolith");

async function campaigns(corpus: string, boots: string): Promise<CoverageSummary> {
  const run = (target: string, folder: string, seconds: number) => {
    const options = ["--cpu", "--seconds", String(seconds), "--corpus", folder];
    return runProgram(XENOLITH, ["fuzz", "run", target, ...options], PATIENCE * seconds);
  };
  await run("hypercall", corpus, SECONDS);
  await run("boot", boots, BOOT_SECONDS);
  const places = ["--corpus", corpus, "--with", boots, "--json"];
  const { stdout } = await runProgram(XENOLITH, ["fuzz", "coverage", ...places], PATIENCE * 60);
  return JSON.parse(stdout) as CoverageSummary;
}

/** Those of the outcomes that no state which satisfies the invariants comes to. */
async function unreachableOf(open: readonly Outcome[]): Promise<Reachability[]> {
  const module = decodeModule(new Uint8Array(readFileSync(join(root, "build/core.wasm"))));
  const solver = createSolver("z3-wasm", { workers: 1 });
  try {
    const answers = await reachability(module, columns, open, solver);
    return answers.filter(({ verdict }) => verdict === "unreachable");
  } finally {
    await solver.close();
  }
}

const shown = ({ function: owner, offset, outcome }: Outcome): string =>
  `${owner}+0x${offset.toString(16)}: ${outcome}`;

async function cover(folder: string): Promise<Result> {
  const summary = await campaigns(join(folder, "corpus"), join(folder, "boots"));
  const { outcomes, open, clauses, missing } = summary;
  const reached = outcomes - open.length;
  const unreachable = reached >= SHARE * outcomes ? [] : await unreachableOf(open);
  const counted = outcomes - unreachable.length;
  const passed = reached >= SHARE * counted && missing.length === 0;
  const percent = Math.floor((reached / counted) * 1000) / 10;
  const figures = {
    ...{ reached, counted, outcomes, percent, clauses, missing },
    unreachable: unreachable.map(shown),
    open: open.map(shown),
  };
  const text =
    `${percent} % of branches (${reached} of ${counted}), ${clauses - missing.length} of ` +
    `${clauses} clauses after ${SECONDS + BOOT_SECONDS} s of CPU`;
  return { passed, figures, summary: text };
}

export const fuzzCoverage: Check = {
  name: "fuzz.coverage",
  claim: "ten minutes from nothing reach 95 % of the core's branches and every clause",
  short: false,
  async run(): Promise<Result> {
    const folder = mkdtempSync(join(tmpdir(), "xenolith-coverage-"));
    try {
      return await cover(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
