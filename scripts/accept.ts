// `npm run accept -- NAME`: runs one acceptance check; without a name it lists them all.

import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Check, Outcome } from "../test/acceptance/check.ts";
import { checks } from "../test/acceptance/index.ts";

const folder = fileURLToPath(new URL("../build/accept/", import.meta.url));

/** A check that breaks off does not hold, and says why. */
async function outcomeOf(check: Check): Promise<Outcome> {
  try {
    return await check.run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { passed: false, figures: { error: reason }, summary: `broke off: ${reason}` };
  }
}

/** Runs a check and writes its figures to build/accept/NAME.json. */
export async function accept(check: Check): Promise<Outcome> {
  const outcome = await outcomeOf(check);
  mkdirSync(folder, { recursive: true });
  const record = { name: check.name, passed: outcome.passed, figures: outcome.figures };
  writeFileSync(`${folder}${check.name}.json`, `${JSON.stringify(record, null, 2)}\n`);
  return outcome;
}

function list(): void {
  for (const { name, claim, short } of checks) {
    process.stdout.write(`${name.padEnd(22)}${short ? "short" : "long "}  ${claim}\n`);
  }
}

async function main(names: readonly string[]): Promise<number> {
  if (names.length === 0 || names.includes("--help")) {
    list();
    return 0;
  }
  let failed = 0;
  for (const name of names) {
    const check = checks.find((candidate) => candidate.name === name);
    if (check === undefined) {
      process.stderr.write(`accept: no check is named '${name}'; without a name all are listed\n`);
      return 2;
    }
    const outcome = await accept(check);
    process.stdout.write(`${JSON.stringify(outcome.figures, null, 2)}\n`);
    process.stderr.write(
      `${name}: ${outcome.passed ? "holds" : "DOES NOT HOLD"}: ${outcome.summary}\n`,
    );
    if (!outcome.passed) failed++;
  }
  return failed === 0 ? 0 : 1;
}

if (process.argv[1]?.endsWith("accept.ts")) process.exitCode = await main(process.argv.slice(2));
