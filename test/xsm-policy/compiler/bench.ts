/**
 * Compile speed beside checkpolicy, on the same generated files, each in a fresh process:
 * `tsx test/xsm-policy/compiler/bench.ts [--rounds 3]`. Prints JSON; times are the least of the
 * rounds, in seconds.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { writeOutput } from "../../../xsm-policy/compiler/output.ts";
import { generatePolicy, type SyntheticShape } from "../generate.ts";

export interface BenchRow {
  readonly name: string;
  readonly ours: number;
  readonly checkpolicy: number;
  readonly ratio: number;
  /** Peak memory of our process. */
  readonly mebibytes: number;
}

const SHAPES: readonly (readonly [string, SyntheticShape])[] = [
  ["100k rules", { types: 5000, rules: 100_000 }],
  ["100k rules, 1000 neverallow", { types: 5000, rules: 100_000, neverallows: 1000 }],
  ["500k rules", { types: 5000, rules: 500_000 }],
];

/** Reads, compiles and writes a policydb, once, in this process; gives seconds and memory. */
function compileOnce(file: string): { seconds: number; mebibytes: number } {
  const begin = performance.now();
  const { relation, ok } = compile({ name: file, text: readFileSync(file, "utf8") });
  if (!ok || relation === undefined) throw new Error(`${file} does not compile`);
  writeFileSync(`${file}.ours`, writeOutput(relation, "policydb-30"));
  const seconds = (performance.now() - begin) / 1000;
  return { seconds, mebibytes: process.resourceUsage().maxRSS / 1024 };
}

function checkpolicySeconds(file: string): number {
  const args = ["-t", "Xen", "-c", "30", file, "-o", `${file}.theirs`];
  const begin = performance.now();
  if (spawnSync("checkpolicy", args).status !== 0) throw new Error(`checkpolicy refuses ${file}`);
  return (performance.now() - begin) / 1000;
}

function least(rounds: number, measure: () => number): number {
  return Math.min(...Array.from({ length: rounds }, measure));
}

/** All shapes, one after the other. */
export function runCompileBench(rounds: number): BenchRow[] {
  const folder = mkdtempSync(path.join(tmpdir(), "xsm-bench-"));
  try {
    return SHAPES.map(([name, shape]) => {
      const file = path.join(folder, "policy.conf");
      writeFileSync(file, generatePolicy(shape));
      let mebibytes = 0;
      const ours = least(rounds, () => {
        const script = ["--import", "tsx", import.meta.filename, "--file", file];
        const run = JSON.parse(spawnSync(process.execPath, script).stdout.toString());
        mebibytes = Math.max(mebibytes, run.mebibytes);
        return run.seconds;
      });
      const checkpolicy = least(rounds, () => checkpolicySeconds(file));
      return { name, ours, checkpolicy, ratio: ours / checkpolicy, mebibytes };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1]?.endsWith("bench.ts")) {
  const { values } = parseArgs({
    options: { rounds: { type: "string", default: "3" }, file: { type: "string" } },
  });
  const result =
    values.file === undefined ? runCompileBench(Number(values.rounds)) : compileOnce(values.file);
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
}
