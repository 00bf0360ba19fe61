// Proofs of other builds of the same source: at other levels of optimisation, and with larger
// tables.

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import binaryen from "binaryen";
import { boundaries } from "../../../proofs/obligations/boundaries.ts";
import { linearBytes } from "../../../tcb/core/layout.ts";
import {
  DIRECTORY_ENTRIES,
  DOMAINS,
  FRAMES,
  SUPERFRAMES,
  TIMER_GROUP,
  VCPUS,
} from "../../../tcb/core/limits.ts";
import type { Check } from "../check.ts";
import { root, runProgram } from "../cli.ts";
import { openOf, type Proof, prove } from "./command.ts";

const LEVELS = ["-O0", "-O3", "-Oz"] as const;
type Level = (typeof LEVELS)[number];
const WASM_PAGE_BYTES = 65_536;
const LIMIT_COMPILE_SECONDS = 600;
const SHOWN = 40;
/** Families to prove, for a part of the check; all if not given. */
const ONLY = process.env.PROOFS_ONLY?.split(",") ?? [];

/** Optimises as far as Binaryen does at its third level. The functions that proofs speak of stay
 *  functions; what they call, and what calls them, is theirs to take apart. */
function optimise(module: binaryen.Module): void {
  const { BulkMemory, BulkMemoryOpt } = binaryen.Features;
  module.setFeatures(module.getFeatures() | BulkMemory | BulkMemoryOpt);
  for (const name of boundaries()) {
    binaryen.setPassArgument("no-inline", `*/${name}`);
    module.runPasses(["no-inline"]);
  }
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  module.optimize();
}

/** Compiles the core at a level; what it never uses is taken out, as asc leaves a table at -O0.
 *  asc's own -O3 copies functions that proofs speak of into their callers and leaves none
 *  (timer/expire, vcpu/createVcpu): that level is Binaryen's, over what asc gives at -O0. */
async function compile(level: Level, output: string): Promise<void> {
  const compiler = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");
  const pages = String(linearBytes / WASM_PAGE_BYTES);
  const memory = ["--initialMemory", pages, "--maximumMemory", pages, "--memoryBase", "4096"];
  const own = level === "-O3" ? "-O0" : level;
  const form = ["--runtime", "stub", own, "--debug", "--use", "abort=", "-o", output];
  const parameters = [compiler, "tcb/core/core.ts", ...form, ...memory];
  const ran = await runProgram(process.execPath, parameters, LIMIT_COMPILE_SECONDS);
  if (ran.code !== 0) throw new Error(`asc ${level}: ${ran.stderr}`);
  const module = binaryen.readBinary(new Uint8Array(readFileSync(output)));
  binaryen.setDebugInfo(true);
  if (level === "-O3") optimise(module);
  module.runPasses(["remove-unused-module-elements", "memory-packing"]);
  writeFileSync(output, module.emitBinary());
  module.dispose();
}

/** What a copy of the tree needs to build a core and to prove it. */
const TREE = ["tcb", "spec", "proofs", "scripts", "package.json", "package-lock.json"];
const TIMES = 16;

/** Bits of a number that is so many times larger, besides its own. */
const MORE_BITS = Math.log2(TIMES);
/** Groups of timers grow with the vCPUs, in number and in size. */
const GROUP_BITS = Math.log2(TIMER_GROUP) + MORE_BITS / 2;

/** Each table that has rows for every domain, vCPU, machine frame or directory entry, so many times
 *  larger; the columns that name a domain or a directory entry are wider (those that name a vCPU's
 *  row or a frame are wide enough). Nothing else is changed. */
function enlarge(folder: string): void {
  for (const name of TREE) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const change = (file: string, edits: readonly (readonly [RegExp, string])[]): void => {
    const path = join(folder, file);
    const changed = edits.reduce(
      (before, [from, to]) => {
        const after = before.replace(from, to);
        if (after === before) throw new Error(`${file}: nothing to enlarge by ${from}`);
        return after;
      },
      readFileSync(path, "utf8"),
    );
    writeFileSync(path, changed);
  };
  change("tcb/core/limits.ts", [
    [/ DOMAINS: u32 = \d+;/, ` DOMAINS: u32 = ${DOMAINS * TIMES};`],
    [/ VCPUS: u32 = \d+;/, ` VCPUS: u32 = ${VCPUS * TIMES};`],
    [/ SUPERFRAMES: u32 = \d+;/, ` SUPERFRAMES: u32 = ${SUPERFRAMES * TIMES};`],
    [/ FRAMES: u32 = \d+;/, ` FRAMES: u32 = ${FRAMES * TIMES};`],
    [/ DIRECTORY_ENTRIES: u32 = \d+;/, ` DIRECTORY_ENTRIES: u32 = ${DIRECTORY_ENTRIES * TIMES};`],
    [/ TIMER_GROUP_BITS: u32 = \d+;/, ` TIMER_GROUP_BITS: u32 = ${GROUP_BITS};`],
  ]);
  change("tcb/core/layout.ts", [
    [/\b(domain|owner|peerDomain): u8\(\)/g, "$1: u16()"],
    [/\bdirectory: u16\(\)/, "directory: u32()"],
  ]);
}

const BUILD = `
import { compileCore } from "./scripts/core.ts";
import { writeLayout } from "./scripts/columns.ts";
import { linearBytes } from "./tcb/core/layout.ts";
writeLayout();
compileCore({ root: ".", entry: "tcb/core/core.ts", linearBytes, output: "build/core.wasm" });
`;

/** Proves the build with larger tables, by the prover's own text in a tree beside this one. */
async function proveLarge(folder: string): Promise<Proof> {
  enlarge(folder);
  writeFileSync(join(folder, "large.mts"), BUILD);
  const build = ["--import", "tsx", "large.mts"];
  const built = await runProgram(process.execPath, build, LIMIT_COMPILE_SECONDS, folder);
  if (built.code !== 0) throw new Error(`the core with larger tables: ${built.stderr}`);
  const { proof } = await prove(words("large"), folder);
  return proof;
}

/** Verdicts are kept for each build, so that a run that was cut goes on. */
function words(build: string): string[] {
  const cache = join(root, "build/proofs/robust", build);
  return ["--cache", cache, ...(ONLY.length === 0 ? [] : ["--only", ...ONLY])];
}

export const robust: Check = {
  name: "proofs.robust",
  claim: "the proof holds of builds at -O0, -O3 and -Oz, and with tables 16 times larger",
  short: false,
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), "xenolith-robust-"));
    const figures: Record<string, unknown> = {};
    let open = 0;
    const note = (name: string, proof: Proof): void => {
      const failed = openOf(proof);
      open += failed.length;
      figures[name] = { obligations: proof.obligations.length, open: failed.slice(0, SHOWN) };
      process.stderr.write(`${name}: ${failed.length} of ${proof.obligations.length} open\n`);
    };
    try {
      for (const level of LEVELS) {
        const output = join(folder, `core${level}.wasm`);
        await compile(level, output);
        note(level, (await prove(["--wasm", output, ...words(level.slice(1))])).proof);
      }
      note("tables 16 times larger", await proveLarge(join(folder, "large")));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const large = `${DOMAINS * TIMES} domains, ${VCPUS * TIMES} vCPUs, ${FRAMES * TIMES} frames`;
    const part = ONLY.length === 0 ? "" : `; of the families ${ONLY.join(", ")} alone`;
    const summary = `${open} obligations open over ${LEVELS.join(", ")} and ${large}${part}`;
    return { passed: open === 0 && ONLY.length === 0, figures, summary };
  },
};
