// fuzz.speed: hypercalls a second with all oracles on.

import { measureFuzz } from "../../../scripts/bench/fuzz.ts";
import type { Check, Outcome } from "../check.ts";

const CALLS_EACH_SECOND = 100_000;
const CALLS_EACH_PROGRAM = 16;

export const fuzzSpeed: Check = {
  name: "fuzz.speed",
  claim: "at least 100,000 hypercalls a second on one core with all oracles on",
  short: false,
  async run(): Promise<Outcome> {
    const rows = measureFuzz();
    const all = rows.at(-1)!;
    const passed =
      all.callsEachSecond >= CALLS_EACH_SECOND && all.callsEachProgram >= CALLS_EACH_PROGRAM;
    const rate = all.callsEachSecond.toLocaleString("en-US");
    const summary = `${rate} calls/s with all oracles, ${all.callsEachProgram} calls a program`;
    return { passed, figures: { rows }, summary };
  },
};
