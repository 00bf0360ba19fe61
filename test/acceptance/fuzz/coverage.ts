// fuzz.coverage: what ten CPU-minutes reach from an empty corpus.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check, Outcome } from "../check.ts";
import { root, runProgram } from "../cli.ts";

const SECONDS = 600;
const BRANCHES_PERCENT = 95;
const XENOLITH = join(root, "bin/xenolith");

/** The percentage in the line of `xenolith fuzz coverage` that begins so. */
function percentOf(text: string, name: string): number {
  const match = new RegExp(`^${name} .*\\(([0-9.]+) %\\)`, "m").exec(text);
  return Number(match?.[1] ?? 0);
}

async function cover(corpus: string): Promise<Outcome> {
  const places = ["--corpus", corpus];
  const seconds = ["--seconds", String(SECONDS)];
  await runProgram(XENOLITH, ["fuzz", "run", ...seconds, ...places], 2 * SECONDS);
  const { stdout } = await runProgram(XENOLITH, ["fuzz", "coverage", ...places], SECONDS);
  const branches = percentOf(stdout, "branches of the core");
  const clauses = percentOf(stdout, "clauses");
  const missing = [...stdout.matchAll(/not reached: (\S+)/g)].map(([, id]) => id);
  const passed = branches >= BRANCHES_PERCENT && clauses === 100;
  const summary = `${branches} % of branches, ${clauses} % of clauses after ${SECONDS} s`;
  return { passed, figures: { branches, clauses, missing }, summary };
}

export const fuzzCoverage: Check = {
  name: "fuzz.coverage",
  claim: "ten minutes from nothing reach 95 % of the core's branches and every clause",
  short: false,
  async run(): Promise<Outcome> {
    const folder = mkdtempSync(join(tmpdir(), "xenolith-coverage-"));
    try {
      return await cover(join(folder, "corpus"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
