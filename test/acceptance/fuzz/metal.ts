// fuzz.metal: half an hour of programs on the metal, and a native build that is not of its core.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MetalFigures, makeMetal, metalCampaign } from "../../../bin/fuzz-metal.ts";
import { linkImage } from "../../../scripts/native.ts";
import { compileVariant } from "../../fuzz/variant.ts";
import type { Check, Outcome } from "../check.ts";
import { root } from "../cli.ts";

const SECONDS = 1800;
const PLANTED_SECONDS = 600;
/** Programs of a session. */
const PROGRAMS = 200;
const PLANTED_PROGRAMS = 40;
const SEED = 1;

/** In the image alone: a vCPU's upcall byte is not set when an event is pending for it. */
const MISTAKE = { file: "event.ts", right: "exchange8(info, 1);", wrong: "exchange8(info, 0);" };

function campaign(
  core: Uint8Array<ArrayBuffer>,
  elf: string,
  seconds: number,
  programs: number,
): Promise<MetalFigures> {
  const tell = ({ sessions, calls, seconds: passed }: MetalFigures): void => {
    process.stderr.write(`${sessions} sessions, ${calls} calls, ${Math.round(passed)} s\n`);
  };
  const options = { seconds, seed: SEED, programs, tell };
  return metalCampaign(makeMetal({ core, elf }), options);
}

async function compareBoth(folder: string): Promise<Outcome> {
  const elf = join(folder, "xenolith.elf");
  copyFileSync(join(root, "build/xenolith.elf"), elf);
  const core = new Uint8Array(readFileSync(join(root, "build/core.wasm")));
  const wasm = join(folder, "planted.wasm");
  const other = join(folder, "planted.elf");
  writeFileSync(wasm, compileVariant([MISTAKE]));
  linkImage(wasm, other, join(folder, "planted"));
  const [own, planted] = await Promise.all([
    campaign(core, elf, SECONDS, PROGRAMS),
    campaign(core, other, PLANTED_SECONDS, PLANTED_PROGRAMS),
  ]);
  const passed = own.finding === undefined && planted.finding !== undefined;
  const summary =
    `${own.calls} calls in ${Math.round(own.seconds)} s: ${own.finding ?? "no disagreement"}; ` +
    `planted: ${planted.finding === undefined ? "not found" : "found"} in ` +
    `${Math.round(planted.seconds)} s`;
  return { passed, figures: { own, planted }, summary };
}

export const fuzzMetal: Check = {
  name: "fuzz.metal",
  claim: "guests under the image agree with the simulated machine for 30 minutes",
  short: false,
  async run(): Promise<Outcome> {
    const folder = mkdtempSync(join(tmpdir(), "xenolith-metal-check-"));
    try {
      return await compareBoth(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
