// [metal.size]: what runs with full privilege stays small.

import { trustedLines } from "../../../audit/evidence/code-lines.ts";
import type { Check } from "../check.ts";
import { runProgram } from "../cli.ts";

const CORE_LINES = 6000;
const MACHINE_LINES = 500;
const TEXT_BYTES = 96 * 1024;

/** Bytes of the executable sections of the image. */
async function textBytes(): Promise<number> {
  const { stdout } = await runProgram("size", ["-A", "build/xenolith.elf"], 20);
  return Number(/^\.text\s+(\d+)/m.exec(stdout)?.[1] ?? Number.NaN);
}

export const size: Check = {
  name: "metal.size",
  claim: "core <= 6,000 code lines, machine layer <= 500, native text <= 96 KiB",
  short: true,
  async run() {
    const [core, machine] = [trustedLines("core"), trustedLines("machine")];
    const text = await textBytes();
    const passed = core <= CORE_LINES && machine <= MACHINE_LINES && text <= TEXT_BYTES;
    const figures = { core_code_lines: core, machine_code_lines: machine, native_text_bytes: text };
    return {
      passed,
      figures,
      summary: `core ${core}, machine ${machine} lines, text ${text} bytes`,
    };
  },
};
