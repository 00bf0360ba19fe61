// fuzz.speed: hypercalls a second with all oracles on, with programs by chance and under libFuzzer.

import { measureFuzz, measureJazzer } from "../../../scripts/bench/fuzz.ts";
import type { Check, Outcome } from "../check.ts";

const CALLS_EACH_SECOND = 100_000;
const JAZZER_CALLS_EACH_SECOND = 60_000;
const CALLS_EACH_PROGRAM = 16;

export const fuzzSpeed: Check = {
  name: "fuzz.speed",
  claim: "100,000 hypercalls a second on one core with all oracles on, 60,000 under jazzer.js",
  short: false,
  async run(): Promise<Outcome> {
    const rows = measureFuzz();
    const all = rows.at(-1)!;
    const jazzer = await measureJazzer();
    const isLong = [all, jazzer].every((row) => row.callsEachProgram >= CALLS_EACH_PROGRAM);
    const isFast =
      all.callsEachSecond >= CALLS_EACH_SECOND &&
      jazzer.callsEachSecond >= JAZZER_CALLS_EACH_SECOND;
    const shown = ({ callsEachSecond, callsEachProgram }: typeof all): string =>
      `${callsEachSecond.toLocaleString("en-US")} calls/s (${callsEachProgram} a program)`;
    const summary = `${shown(all)} with all oracles, ${shown(jazzer)} under jazzer.js`;
    return { passed: isFast && isLong, figures: { rows: [...rows, jazzer] }, summary };
  },
};
