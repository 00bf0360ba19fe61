// fuzz.advisories: each regression passes on our core or store, and fails on one with its mistake
// planted.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { parseProgram } from "../../../fuzz/program/text.ts";
import { HypercallTarget } from "../../../fuzz/targets/hypercall.ts";
import { BuildError } from "../../../scripts/command.ts";
import { plantedVariable } from "../../disaggregation/domains/support/compiled.ts";
import type { Advisory } from "../../fuzz/advisories/advisory.ts";
import { advisories } from "../../fuzz/advisories/index.ts";
import { type StoreAdvisory, storeAdvisories } from "../../fuzz/advisories/store.ts";
import { type Judged, realTarget, runOn } from "../../fuzz/judged.ts";
import { compileStoreVariant, compileVariant, PlantError } from "../../fuzz/variant.ts";
import type { Check, Outcome } from "../check.ts";
import { root, runProgram } from "../cli.ts";

interface Row {
  readonly xsa: string;
  /** On our core: nothing is found. */
  readonly passes: boolean;
  /** With the mistake: what was found. */
  readonly found: string | undefined;
}

/** What is wrong with a run, by an oracle or by its answer. */
function wrong({ answer }: Advisory, judged: Judged): string | undefined {
  if (judged.says !== undefined) return judged.says;
  if (answer === undefined || judged.answer === answer) return undefined;
  return `the answer is ${judged.answer}, not ${answer}`;
}

/** A core with the mistake; undefined: it cannot be planted. */
function planted({ mistake, xsa }: Advisory): Uint8Array<ArrayBuffer> | undefined {
  try {
    return compileVariant([mistake]);
  } catch (error) {
    if (!(error instanceof BuildError) && !(error instanceof PlantError)) throw error;
    process.stderr.write(`XSA ${xsa}: ${error.message}\n`);
    return undefined;
  }
}

/** What is found with the mistake planted; undefined if nothing is, or it cannot be planted. */
function withMistake(advisory: Advisory): string | undefined {
  const core = planted(advisory);
  if (core === undefined) return undefined;
  let target: HypercallTarget;
  try {
    target = new HypercallTarget(core);
  } catch (error) {
    // Calls of the world's own come upon it before the program does.
    return error instanceof Error ? error.message : String(error);
  }
  return wrong(advisory, runOn(target, parseProgram(advisory.program)));
}

/** Runs these regressions both ways. */
export function runAdvisories(wanted: readonly Advisory[]): Row[] {
  return wanted.map((advisory) => {
    const program = parseProgram(advisory.program);
    const passes = wrong(advisory, runOn(realTarget(), program)) === undefined;
    return { xsa: advisory.xsa, passes, found: withMistake(advisory) };
  });
}

const STORE_TESTS = "test/disaggregation/domains/xenstore/advisories.test.ts";
const STORE_SECONDS = 600;

/** What a run of the store's tests says; undefined: they passed. */
async function storeTests(more: readonly string[]): Promise<string | undefined> {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const words = [vitest, "run", STORE_TESTS, ...more];
  const { code, stdout, stderr } = await runProgram(process.execPath, words, STORE_SECONDS);
  if (code === 0) return undefined;
  const why = /(?:Assertion|Runtime|Range|Type)?Error: .*/.exec(stripVTControlCharacters(stderr));
  return why?.[0] ?? `the tests end with code ${code}: ${stdout.slice(-200)}`;
}

/** Runs these regressions of the store both ways. */
export async function runStoreAdvisories(wanted: readonly StoreAdvisory[]): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-advisories-"));
  const variable = plantedVariable("xenstore");
  const passes = (await storeTests([])) === undefined;
  const rows: Row[] = [];
  try {
    for (const { xsa, test, mistake } of wanted) {
      const wasm = join(folder, "store.wasm");
      compileStoreVariant(mistake, wasm);
      process.env[variable] = wasm;
      const name = test.replace(/[().+]/g, "\\$&");
      const found = await storeTests(["-t", name]);
      process.stderr.write(`xenstore XSA ${xsa}: ${found ?? "not found"}\n`);
      rows.push({ xsa: `xenstore ${xsa}`, passes, found });
    }
    return rows;
  } finally {
    delete process.env[variable];
    rmSync(folder, { recursive: true });
  }
}

export const fuzzAdvisories: Check = {
  name: "fuzz.advisories",
  claim: "each advisory regression passes on our core and store and fails with its mistake planted",
  short: false,
  async run(): Promise<Outcome> {
    const rows = [...runAdvisories(advisories), ...(await runStoreAdvisories(storeAdvisories))];
    const bad = rows.filter(({ passes, found }) => !passes || found === undefined);
    const summary = `${rows.length - bad.length} of ${rows.length}: ${
      bad.length === 0 ? "all found" : `not ${bad.map(({ xsa }) => xsa).join("; ")}`
    }`;
    return { passed: bad.length === 0, figures: { rows }, summary };
  },
};
