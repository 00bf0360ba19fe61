// fuzz.coverage: what ten CPU-minutes reach from an empty corpus.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check, Outcome } from "../check.ts";
import { root, runProgram } from "../cli.ts";

/** CPU time for programs of calls, and for boots. */
const SECONDS = 510;
const BOOT_SECONDS = 90;
const BRANCHES_PERCENT = 95;
const XENOLITH = join(root, "bin/xenolith");

/** The percentage in the line of `xenolith fuzz coverage` that begins so. */
function percentOf(text: string, name: string): number {
  const match = new RegExp(`^${name} .*\\(([0-9.]+) %\\)`, "m").exec(text);
  return Number(match?.[1] ?? 0);
}

async function cover(corpus: string): Promise<Outcome> {
  const run = (target: string, folder: string, seconds: number) => {
    const options = ["--cpu", "--seconds", String(seconds), "--corpus", folder];
    return runProgram(XENOLITH, ["fuzz", "run", target, ...options], 10 * seconds);
  };
  const boots = `${corpus}-boot`;
  await run("hypercall", corpus, SECONDS);
  await run("boot", boots, BOOT_SECONDS);
  const places = ["--corpus", corpus, "--with", boots];
  const { stdout } = await runProgram(XENOLITH, ["fuzz", "coverage", ...places], SECONDS);
  const branches = percentOf(stdout, "branches of the core");
  const clauses = percentOf(stdout, "clauses");
  const missing = [...stdout.matchAll(/not reached: (\S+)/g)].map(([, id]) => id);
  const passed = branches >= BRANCHES_PERCENT && clauses === 100;
  const summary = `${branches} % of branches, ${clauses} % of clauses after ${SECONDS + BOOT_SECONDS} s`;
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
