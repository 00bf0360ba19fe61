// [metal.size]: what runs with full privilege stays small.

import { readdirSync, readFileSync } from "node:fs";
import type { Check } from "../check.ts";
import { root, runProgram } from "../cli.ts";

const CORE_LINES = 6000;
const MACHINE_LINES = 500;
const TEXT_BYTES = 96 * 1024;

/** Lines with code, by cloc's method: neither blank nor comment alone; in assembly, a line that
 *  begins with # is a comment to cloc. */
export function codeLines(source: string, assembly = false): number {
  const bare = source.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""));
  return bare
    .split("\n")
    .filter((line) => line.trim() !== "" && !(assembly ? /^\s*#/ : /^\s*\/\//).test(line)).length;
}

function linesOf(folder: string, wanted: RegExp, except: readonly string[] = []): number {
  const files = readdirSync(`${root}${folder}`).filter(
    (name) => wanted.test(name) && !except.includes(name),
  );
  return files.reduce(
    (sum, name) =>
      sum + codeLines(readFileSync(`${root}${folder}/${name}`, "utf8"), name.endsWith(".S")),
    0,
  );
}

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
    // layout.ts and hooks.ts are data for TypeScript: they are counted as what is written from
    // them.
    const core = linesOf("tcb/core", /\.ts$/, ["layout.ts", "hooks.ts", "portable.d.ts"]);
    const machine = linesOf("tcb/machine/svm", /\.(c|h|S|ld)$/);
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
