/**
 * Compiles random policies here and with checkpolicy, and compares verdicts and meanings.
 *
 * Run as a program: `tsx test/xsm-policy/compiler/differential.ts --count 20000 [--seed 1]`.
 * Exit code 1 when a difference has no explanation.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import type { Policy } from "../../../xsm-policy/compiler/policy.ts";
import { readPolicydb } from "../../../xsm-policy/compiler/policydb-read.ts";
import { PolicydbError, writePolicydb } from "../../../xsm-policy/compiler/policydb-write.ts";
import { buildRelation } from "../../../xsm-policy/compiler/relation.ts";
import { canonicalLines } from "./canonical.ts";
import { DecisionMenu } from "./decision-menu.ts";
import { explain } from "./explained.ts";
import { randomPolicy } from "./random-policy.ts";

export interface Difference {
  readonly seed: number;
  readonly what: string;
  readonly text: string;
  /** Why this is no defect of ours; undefined where nothing explains it. */
  readonly explanation: string | undefined;
}

export interface DifferentialResult {
  readonly policies: number;
  readonly accepted: number;
  readonly differences: readonly Difference[];
}

/** Whether checkpolicy is installed. */
export function hasCheckpolicy(): boolean {
  return spawnSync("checkpolicy", ["--version"]).status === 0;
}

/** Compares `count` policies from seed `first` on. */
export function runDifferential(
  count: number,
  first = 1,
  report: (difference: Difference) => void = () => {},
): DifferentialResult {
  const folder = mkdtempSync(path.join(tmpdir(), "xsm-differential-"));
  const differences: Difference[] = [];
  let accepted = 0;
  try {
    for (let seed = first; seed < first + count; seed++) {
      const run = new Comparison(folder, seed);
      const what = run.difference();
      if (run.accepted) accepted++;
      if (what === undefined) continue;
      const { text, policy } = run;
      const difference = { seed, what, text, explanation: explain({ text, what, policy }) };
      differences.push(difference);
      report(difference);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { policies: count, accepted, differences };
}

/** One policy through both compilers. */
class Comparison {
  readonly #folder: string;
  readonly text: string;
  readonly #mls: boolean;
  readonly #seed: number;
  accepted = false;
  policy: Policy | undefined;

  constructor(folder: string, seed: number) {
    const { text, mls } = randomPolicy(seed);
    this.#folder = folder;
    this.#seed = seed;
    this.text = text;
    this.#mls = mls;
  }

  #file(name: string): string {
    return path.join(this.#folder, name);
  }

  /** What differs; undefined when nothing does. */
  difference(): string | undefined {
    writeFileSync(this.#file("policy.conf"), this.text);
    const flags = this.#mls ? ["-M"] : [];
    const source = [...flags, "-t", "Xen", "-c", "30", this.#file("policy.conf")];
    const theirs = spawnSync("checkpolicy", [...source, "-o", this.#file("theirs")]);
    const ours = compile({ name: "policy.conf", text: this.text });
    const verdict = theirs.status === 0;
    this.policy = ours.policy;
    const binary = ours.ok && ours.policy !== undefined ? written(ours.policy) : undefined;
    if (typeof binary === "string" || (binary !== undefined) !== verdict) {
      const reason = typeof binary === "string" ? binary : ours.diagnostics[0]?.message;
      const message = reason ?? "accepted";
      const word = theirs.stderr.toString().trim().split("\n").slice(-4).join(" | ");
      return `checkpolicy ${verdict ? "accepts" : `refuses (${word})`}; here: ${message}`;
    }
    if (binary === undefined || ours.policy === undefined) return undefined;
    this.accepted = true;
    return this.#compareMeaning(ours.policy, binary, flags);
  }

  #compareMeaning(policy: Policy, binary: Uint8Array, flags: string[]): string | undefined {
    const mine = canonicalLines(policy);
    const theirs = canonical(readFileSync(this.#file("theirs")));
    const direct = firstDifference(mine, theirs);
    if (direct !== undefined) return `checkpolicy's binary differs: ${direct}`;
    writeFileSync(this.#file("ours"), binary);
    const back = firstDifference(mine, canonical(binary));
    if (back !== undefined) return `our binary read back differs: ${back}`;
    const menu = new DecisionMenu(buildRelation(policy), this.#seed);
    const load = [...flags, "-d", "-b", "-t", "Xen", "-c", "30", this.#file("ours")];
    const input = menu.script;
    const loaded = spawnSync("checkpolicy", [...load, "-o", this.#file("again")], { input });
    if (loaded.status !== 0) return `checkpolicy does not load our binary: ${loaded.stderr}`;
    const again = firstDifference(mine, canonical(readFileSync(this.#file("again"))));
    if (again !== undefined) return `our binary through checkpolicy differs: ${again}`;
    const decided = menu.difference(loaded.stdout.toString());
    return decided === undefined ? undefined : `checkpolicy decides otherwise: ${decided}`;
  }
}

/** Our binary, or why there is none. */
function written(policy: Policy): Uint8Array | string {
  try {
    return writePolicydb(policy, 30);
  } catch (failure) {
    if (!(failure instanceof PolicydbError)) throw failure;
    return failure.message;
  }
}

function canonical(bytes: Uint8Array): string[] {
  const { policy, diagnostics } = readPolicydb(bytes);
  return policy === undefined ? [diagnostics[0].message] : canonicalLines(policy);
}

/** The first line that only one side has. */
function firstDifference(mine: readonly string[], theirs: readonly string[]): string | undefined {
  const ours = new Set(mine);
  const other = new Set(theirs);
  const extra = mine.find((line) => !other.has(line));
  if (extra !== undefined) return `only here: ${extra}`;
  const missing = theirs.find((line) => !ours.has(line));
  return missing === undefined ? undefined : `only there: ${missing}`;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      show: { type: "boolean", default: false },
    },
  });
  const result = runDifferential(Number(values.count), Number(values.seed), (difference) => {
    if (difference.explanation !== undefined) return;
    process.stdout.write(`seed ${difference.seed}: ${difference.what}\n`);
    if (values.show) process.stdout.write(`${difference.text}\n`);
  });
  const unexplained = result.differences.filter(({ explanation }) => explanation === undefined);
  const explained = new Map<string, number>();
  for (const { explanation } of result.differences) {
    if (explanation === undefined) continue;
    explained.set(explanation, (explained.get(explanation) ?? 0) + 1);
  }
  process.stdout.write(
    `${result.policies} policies, ${result.accepted} accepted by both and equal or compared, ` +
      `${unexplained.length} differences without an explanation\n`,
  );
  for (const [reason, count] of explained)
    process.stdout.write(`  ${count} explained: checkpolicy 3.4: ${reason}\n`);
  if (unexplained.length > 0) process.exitCode = 1;
}

if (process.argv[1]?.endsWith("differential.ts")) main();
