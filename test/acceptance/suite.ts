// Checks that are test files: the claim is what the tests of the file say.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check, Outcome } from "./check.ts";
import { root, runProgram } from "./cli.ts";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly success: boolean;
}

async function runSuite(files: readonly string[], seconds: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-suite-"));
  const file = join(folder, "report.json");
  const reporter = ["--reporter=json", `--outputFile=${file}`];
  try {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    await runProgram(process.execPath, [vitest, "run", ...reporter, ...files], seconds);
    const report = JSON.parse(readFileSync(file, "utf8")) as Report;
    const figures = { passed: report.numPassedTests, failed: report.numFailedTests };
    const skipped = report.numPendingTests === 0 ? "" : `, ${report.numPendingTests} skipped`;
    const summary = `${figures.passed} passed, ${figures.failed} failed${skipped}`;
    return { passed: report.success && figures.passed > 0, figures, summary };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A check that runs test files. `npm test` runs the files anyway, so it is not a short one. */
export function suite(name: string, claim: string, files: readonly string[]): Check {
  return { name, claim, short: false, run: () => runSuite(files, 900) };
}
