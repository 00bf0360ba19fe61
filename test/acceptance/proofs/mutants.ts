// proofs.mutants: changes of single instructions of the shipped core, and mistakes of the kind that
// real hypervisors have made.

import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Mutant, sampleMutants } from "../../../proofs/mutate/index.ts";
import { type MutantRecord, mutantRecords, mutantsFile } from "../../../proofs/mutate/records.ts";
import { digestOfProver } from "../../../proofs/runner/case-cache.ts";
import {
  CachedSolver,
  createSolver,
  type Solver,
  VerdictCache,
} from "../../../proofs/solver/index.ts";
import { plantedBugs } from "../../proofs/planted/bugs.ts";
import { type Caught, judge } from "../../proofs/planted/plant.ts";
import type { Check } from "../check.ts";
import { root, runProgram } from "../cli.ts";
import { Hunters } from "../fuzz/hunters.ts";

const COUNT = Number(process.env.PROOFS_MUTANTS ?? 2_000);
const SEED = 1;
const PARTS = 2;
const LIMIT_OPEN_SHARE = 0.01;
const LEAST_BUGS = 25;
const LIMIT_SECONDS = 12 * 3600;
/** How the judge's process says that there is more to do (proofs/mutate/main.ts). */
const EXIT_AGAIN = 75;
/** CPU time for random runs of a mutant in a function that no case executes. */
const HUNT_SECONDS = 20;

const coreFile = join(root, "build/core.wasm");

/** The file of the verdicts on this core. */
function verdictsFile(): string {
  const sha256 = createHash("sha256").update(readFileSync(coreFile)).digest("hex");
  return mutantsFile(root, sha256, digestOfProver());
}

/** Judges every so manieth mutant, in processes that live for some of them each. */
async function judgePart(part: number): Promise<void> {
  const words = ["--count", String(COUNT), "--seed", String(SEED), "--part", `${part}/${PARTS}`];
  const program = ["--import", "tsx", "proofs/mutate/main.ts", ...words];
  for (;;) {
    const before = mutantRecords(verdictsFile()).length;
    const ran = await runProgram(process.execPath, program, LIMIT_SECONDS);
    if (ran.code === 0) return;
    // A mutant that takes too long ends its process, with its verdict written.
    const isEnded = ran.code === EXIT_AGAIN || ran.code === -1;
    const isOn = mutantRecords(verdictsFile()).length > before;
    if (!isEnded || !isOn) throw new Error(`judging part ${part}: ${ran.stderr}`);
  }
}

/** What random runs find in a mutant that the proofs can not tell from the core. */
interface Hunted {
  readonly mutant: string;
  /** What differs; nothing if it was not found. */
  readonly says?: string;
}

/** Runs those that are left at random against the specification; what is known is not repeated. */
async function huntLeft(left: readonly Mutant[], file: string): Promise<Hunted[]> {
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  const known = new Map(
    lines
      .filter((line) => line !== "")
      .map((line) => {
        const one = JSON.parse(line) as Hunted;
        return [one.mutant, one] as const;
      }),
  );
  const folder = join(root, "build/proofs/mutants/hunt");
  mkdirSync(folder, { recursive: true });
  const hunters = new Hunters();
  try {
    for (const { description, bytes } of left) {
      if (known.has(description)) continue;
      const wasm = join(folder, "core.wasm");
      writeFileSync(wasm, bytes);
      const task = { wasm, seconds: HUNT_SECONDS, seed: SEED, way: "guided" } as const;
      const { seconds, says } = await hunters.hunt(task);
      const one = seconds === null ? { mutant: description } : { mutant: description, says };
      appendFileSync(file, `${JSON.stringify(one)}\n`);
      known.set(description, one);
    }
  } finally {
    hunters.close();
  }
  return left.map(({ description }) => known.get(description)!);
}

/** The verdicts on the sample. */
async function judged(): Promise<{ records: MutantRecord[]; hunted: Hunted[] }> {
  await Promise.all(Array.from({ length: PARTS }, (_, part) => judgePart(part)));
  const bytes = new Uint8Array(readFileSync(coreFile));
  const file = verdictsFile();
  const records = mutantRecords(file);
  const neither = records.filter(({ verdict }) => verdict === "neither");
  const open = new Set(neither.map(({ mutant }) => mutant));
  const sample = sampleMutants(bytes, { count: COUNT, seed: SEED });
  const left = sample.filter(({ description }) => open.has(description));
  return { records, hunted: await huntLeft(left, file.replace(/\.jsonl$/, ".hunted.jsonl")) };
}

/** Each planted bug in turn. What was proved before is not asked again. */
async function plantedCaught(): Promise<Caught[]> {
  const verdicts = new VerdictCache(join(root, "build/proofs/unsat.txt"));
  const solver: Solver = new CachedSolver(createSolver("z3-wasm", { workers: 2 }), verdicts);
  const found: Caught[] = [];
  try {
    for (const bug of plantedBugs) found.push(await judge(bug, solver));
  } finally {
    await solver.close();
  }
  return found;
}

export const mutants: Check = {
  name: "proofs.mutants",
  claim: "2,000 binary mutants and 25 planted bugs are caught, or are shown to be equivalent",
  short: false,
  run: async () => {
    const bugs = await plantedCaught();
    const missed = bugs.filter((bug) => bug.differences.length === 0).map(({ name }) => name);
    const { records, hunted } = await judged();
    const count = (verdict: string): number =>
      records.filter((mutant) => mutant.verdict === verdict).length;
    const byRuns = hunted.filter(({ says }) => says !== undefined);
    const left = hunted.filter(({ says }) => says === undefined).map(({ mutant }) => mutant);
    const whys = records.filter(({ mutant }) => left.includes(mutant));
    const neither = whys.map(({ mutant, by, why }) => `${mutant}: ${by ?? ""} ${why ?? ""}`);
    const figures = {
      bugs,
      missed,
      mutants: records.length,
      killedByProof: count("killed"),
      killedByRuns: byRuns.length,
      equivalent: count("equivalent"),
      neither,
    };
    const enough = records.length >= 2_000 && left.length <= records.length * LIMIT_OPEN_SHARE;
    const summary =
      `${bugs.length - missed.length} of ${bugs.length} bugs; of ${records.length} mutants ` +
      `${figures.killedByProof} killed by the proofs, ${byRuns.length} by random runs, ` +
      `${figures.equivalent} equivalent, ${left.length} neither`;
    return { passed: enough && missed.length === 0 && bugs.length >= LEAST_BUGS, figures, summary };
  },
};
