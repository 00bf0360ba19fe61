// [metal.fair]: how guests share a CPU, counted in work done and in ticks under -icount.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "../check.ts";
import { xenolith } from "../cli.ts";
import { guest } from "../guests.ts";
import { MOST_LATE, measureFrames } from "./frames.ts";
import { measureStretch } from "./stretch.ts";

/** Rounds of work that two guests of these weights got done in the same second of system time. */
async function share(weights: readonly [number, number]): Promise<[number, number]> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-fair-"));
  const kernel = await guest("spin");
  try {
    for (const [index, weight] of weights.entries()) {
      const lines = [
        `name="spin${index}"`,
        'type="pvh"',
        `kernel="${kernel}"`,
        "memory=16",
        `cpu_weight=${weight}`,
        'cmdline="start=200 end=2200 step=2000 stop=2400"',
      ];
      writeFileSync(join(folder, `spin${index}.cfg`), `${lines.join("\n")}\n`);
    }
    const { stdout } = await xenolith(["run", folder, "--icount", "--timeout", "200"], 240);
    const done = (index: number) =>
      Number(new RegExp(`^spin${index}: spin total (\\d+)`, "m").exec(stdout)?.[1] ?? Number.NaN);
    return [done(0), done(1)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The most instructions with interrupts off. */
const LONGEST_STRETCH = 200_000;

export const fair: Check = {
  name: "metal.fair",
  claim:
    "CPU-bound guests of equal weight share a CPU within 2 %, of weights 1:3 within 5 %; over 1,000 " +
    `major frames no slot starts or ends more than ${MOST_LATE} ticks late beside a neighbour that ` +
    `floods; interrupts are off for at most ${LONGEST_STRETCH} instructions`,
  short: true,
  async run() {
    const equal = await share([256, 256]);
    const weighted = await share([256, 768]);
    const equalRatio = equal[1] / equal[0];
    const weightedRatio = weighted[1] / weighted[0];
    const frames = await measureFrames();
    const stretch = await measureStretch();
    const passed =
      Math.abs(equalRatio - 1) <= 0.02 &&
      Math.abs(weightedRatio / 3 - 1) <= 0.05 &&
      frames.frames >= 1000 &&
      frames.latestStart <= MOST_LATE &&
      frames.latestEnd <= MOST_LATE &&
      stretch.longest <= LONGEST_STRETCH;
    const summary =
      `equal 1:${equalRatio.toFixed(4)}, weights 1:3 gave 1:${weightedRatio.toFixed(4)}; ` +
      `${frames.frames} frames, latest start ${frames.latestStart} ticks; ` +
      `longest stretch with interrupts off ${stretch.longest} instructions`;
    const figures = { equal, weighted, equalRatio, weightedRatio, frames, stretch };
    return { passed, figures, summary };
  },
};
