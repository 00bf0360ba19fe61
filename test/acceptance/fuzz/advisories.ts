// fuzz.advisories: each regression passes on our core, and fails on one with its mistake planted.

import { parseProgram } from "../../../fuzz/program/text.ts";
import { HypercallTarget } from "../../../fuzz/targets/hypercall.ts";
import { BuildError } from "../../../scripts/command.ts";
import type { Advisory } from "../../fuzz/advisories/advisory.ts";
import { advisories } from "../../fuzz/advisories/index.ts";
import { type Judged, realTarget, runOn } from "../../fuzz/judged.ts";
import { compileVariant, PlantError } from "../../fuzz/variant.ts";
import type { Check, Outcome } from "../check.ts";

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

/** What is found with the mistake planted; undefined if nothing is, or it cannot be planted. */
function withMistake(advisory: Advisory): string | undefined {
  try {
    const core = compileVariant([advisory.mistake]);
    const target = new HypercallTarget(core);
    return wrong(advisory, runOn(target, parseProgram(advisory.program)));
  } catch (error) {
    if (!(error instanceof BuildError) && !(error instanceof PlantError)) throw error;
    process.stderr.write(`XSA ${advisory.xsa}: ${error.message}\n`);
    return undefined;
  }
}

/** Runs these regressions both ways. */
export function runAdvisories(wanted: readonly Advisory[]): Row[] {
  return wanted.map((advisory) => {
    const program = parseProgram(advisory.program);
    const passes = wrong(advisory, runOn(realTarget(), program)) === undefined;
    return { xsa: advisory.xsa, passes, found: withMistake(advisory) };
  });
}

export const fuzzAdvisories: Check = {
  name: "fuzz.advisories",
  claim: "each advisory regression passes on our core and fails with its mistake planted",
  short: false,
  async run(): Promise<Outcome> {
    const rows = runAdvisories(advisories);
    const bad = rows.filter(({ passes, found }) => !passes || found === undefined);
    const summary = `${rows.length - bad.length} of ${rows.length}: ${
      bad.length === 0 ? "all found" : `not ${bad.map(({ xsa }) => xsa).join("; ")}`
    }`;
    return { passed: bad.length === 0, figures: { rows }, summary };
  },
};
