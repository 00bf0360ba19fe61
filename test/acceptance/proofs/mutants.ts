// proofs.mutants: changes of single instructions of the shipped core, and mistakes of the kind that
// real hypervisors have made. A mutant is run against the specification first: a state in which the
// two differ is one in which its proof is false, and is found in a second. What runs do not find is
// the proofs' to judge: first by a quick look, then by all that the proofs can do; what that leaves
// open is run for longer. Some of what runs did find is put before the proofs as well: not one of
// these mutants may be shown to be equivalent.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sampleMutants } from "../../../proofs/mutate/index.ts";
import type { Thoroughness } from "../../../proofs/mutate/judge.ts";
import { type MutantRecord, mutantRecords, mutantsFile } from "../../../proofs/mutate/records.ts";
import { digestOfProver } from "../../../proofs/runner/case-cache.ts";
import {
  CachedSolver,
  createSolver,
  type Solver,
  VerdictCache,
} from "../../../proofs/solver/index.ts";
import { type PlantedBug, plantedBugs } from "../../proofs/planted/bugs.ts";
import { type Caught, judge } from "../../proofs/planted/plant.ts";
import type { Check } from "../check.ts";
import { root, runProgram } from "../cli.ts";
import { FIRST_SECONDS, huntFor, type Row } from "../fuzz/mutants.ts";

const COUNT = Number(process.env.PROOFS_MUTANTS ?? 2_000);
const SEED = 1;
const PARTS = 2;
const LIMIT_OPEN_SHARE = 0.01;
const LEAST_BUGS = 25;
const LIMIT_SECONDS = 12 * 3600;
/** How the judge's process says that there is more to do (proofs/mutate/main.ts). */
const EXIT_AGAIN = 75;
/** CPU time for runs of a mutant of which the proofs cannot tell. */
const LAST_SECONDS = 60;
/** Of the mutants that runs find, so many are judged all the same. */
const CONTROLS = 40;

const coreFile = join(root, "build/core.wasm");

/** The file of the verdicts on this core. */
function verdictsFile(): string {
  const sha256 = createHash("sha256").update(readFileSync(coreFile)).digest("hex");
  return mutantsFile(root, sha256, digestOfProver());
}

/** Judges every so manieth of the mutants in a file, in processes that live for some of them. */
async function judgePart(part: number, only: string, thoroughness: Thoroughness): Promise<void> {
  const words = ["--count", String(COUNT), "--seed", String(SEED), "--part", `${part}/${PARTS}`];
  if (thoroughness === "quick") words.push("--quick");
  const program = ["--import", "tsx", "proofs/mutate/main.ts", ...words, "--only", only];
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

/** Verdicts of the proofs on mutants, by description. */
async function judgeAll(
  descriptions: readonly string[],
  thoroughness: Thoroughness,
): Promise<Map<string, MutantRecord>> {
  const file = verdictsFile();
  const only = file.replace(/jsonl$/, "asked.txt");
  mkdirSync(dirname(only), { recursive: true });
  writeFileSync(only, descriptions.join("\n"));
  await Promise.all(
    Array.from({ length: PARTS }, (_, part) => judgePart(part, only, thoroughness)),
  );
  const known = new Map(mutantRecords(file).map((record) => [record.mutant, record]));
  return new Map(descriptions.map((mutant) => [mutant, known.get(mutant)!]));
}

/** Some, from one end of the list to the other. */
function spread<T>(list: readonly T[], count: number): T[] {
  const step = Math.max(list.length / count, 1);
  return Array.from({ length: Math.min(count, list.length) }, (_, index) => {
    return list[Math.floor(index * step)]!;
  });
}

const isFound = ({ seconds }: Row): boolean => seconds !== null;
const nameOf = ({ mutant }: Row): string => mutant;

/** What became of the sample. */
async function judged() {
  const sample = sampleMutants(new Uint8Array(readFileSync(coreFile)), {
    count: COUNT,
    seed: SEED,
  });
  const first = await huntFor(sample, FIRST_SECONDS);
  const controls = spread(first.filter(isFound), CONTROLS).map(nameOf);
  const left = first.filter((row) => !isFound(row)).map(nameOf);
  const quick = await judgeAll([...controls, ...left], "quick");
  const unclear = left.filter((mutant) => quick.get(mutant)?.verdict === "neither");
  const whole = await judgeAll(unclear, "whole");
  const verdictOf = (mutant: string) => whole.get(mutant) ?? quick.get(mutant);
  const verdictIs = (verdict: string) => (mutant: string) => verdictOf(mutant)?.verdict === verdict;
  const open = new Set(left.filter(verdictIs("neither")));
  const hunted = sample.filter(({ description }) => open.has(description));
  const last = await huntFor(hunted, LAST_SECONDS);
  const neither = last
    .filter((row) => !isFound(row))
    .map(({ mutant }) => {
      const { by = "", why = "" } = verdictOf(mutant) ?? {};
      return `${mutant}: ${by} ${why}`;
    });
  return {
    mutants: first.length,
    killedByRuns: first.length - left.length + last.filter(isFound).length,
    killedByProof: left.filter(verdictIs("killed")).length,
    equivalent: left.filter(verdictIs("equivalent")).length,
    neither,
    controls: {
      count: controls.length,
      killed: controls.filter(verdictIs("killed")).length,
      proved: controls.filter(verdictIs("equivalent")),
    },
  };
}

/** Where bugs are kept that were caught on this core, by these proofs. */
const caughtFile = (): string => verdictsFile().replace(/jsonl$/, "bugs.json");

/** What was caught before, by the bug as text. */
function caughtBefore(): Map<string, Caught> {
  const file = caughtFile();
  return new Map(existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : []);
}

/** Each planted bug, two at a time. What was proved or caught before is not asked again. */
async function plantedCaught(): Promise<Caught[]> {
  const verdicts = new VerdictCache(join(root, "build/proofs/unsat.txt"));
  const solver: Solver = new CachedSolver(createSolver("z3-wasm", { workers: PARTS }), verdicts);
  const caught = caughtBefore();
  const keyOf = (bug: PlantedBug): string => JSON.stringify(bug);
  const left = plantedBugs.filter((bug) => !caught.has(keyOf(bug)));
  const judgeLeft = async (): Promise<void> => {
    for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
      const found = await judge(bug, solver);
      process.stderr.write(`${bug.name}: ${found.failed ?? "not caught"}\n`);
      caught.set(keyOf(bug), found);
      const kept = [...caught].filter(([, { differences }]) => differences.length > 0);
      mkdirSync(dirname(caughtFile()), { recursive: true });
      writeFileSync(caughtFile(), JSON.stringify(kept));
    }
  };
  try {
    await Promise.all(Array.from({ length: PARTS }, judgeLeft));
  } finally {
    await solver.close();
  }
  return plantedBugs.map((bug) => caught.get(keyOf(bug))!);
}

export const mutants: Check = {
  name: "proofs.mutants",
  claim: "2,000 binary mutants and 25 planted bugs are caught, or are shown to be equivalent",
  short: false,
  run: async () => {
    const bugs = await plantedCaught();
    const missed = bugs.filter((bug) => bug.differences.length === 0).map(({ name }) => name);
    const sample = await judged();
    const { killedByRuns, killedByProof, equivalent, neither, controls } = sample;
    const isEnough = sample.mutants >= 2_000 && neither.length <= sample.mutants * LIMIT_OPEN_SHARE;
    const areCaught = missed.length === 0 && bugs.length >= LEAST_BUGS;
    const summary =
      `${bugs.length - missed.length} of ${bugs.length} bugs; of ${sample.mutants} mutants ` +
      `${killedByRuns} killed by runs, ${killedByProof} by proofs, ${equivalent} equivalent, ` +
      `${neither.length} neither; of ${controls.count} killed by runs the proofs kill ` +
      `${controls.killed} and show ${controls.proved.length} to be equivalent`;
    const passed = isEnough && areCaught && controls.proved.length === 0;
    return { passed, figures: { bugs, missed, ...sample }, summary };
  },
};
