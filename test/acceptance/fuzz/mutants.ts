// fuzz.mutants: mechanically planted mistakes in core.wasm, each given a minute. A campaign goes on
// from its corpus, as `xenolith fuzz run` does: the one that the core itself has after some minutes.
// What was found is kept beside the mutant's hash, so that a run that is cut goes on.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Mutant, sampleMutants } from "../../../proofs/mutate/index.ts";
import { Judge, type Judgement } from "../../../proofs/mutate/judge.ts";
import { createSolver } from "../../../proofs/solver/index.ts";
import { columns } from "../../../tcb/core/layout.ts";
import type { Check, Outcome } from "../check.ts";
import { root, runProgram } from "../cli.ts";
import { Hunters } from "./hunters.ts";

const COUNT = 300;
const SEED = 1;
const SECONDS = 60;
const SHARE = 0.95;
/** CPU seconds of the campaign on the core itself. */
const CORPUS_SECONDS = 90;
/** All are tried so long before those that are left are given their whole time. */
export const FIRST_SECONDS = 6;
const HUNTERS = 2;
const FOLDER = join(root, "build/fuzz/mutants");
const XENOLITH = join(root, "bin/xenolith");
const NAME_DIGITS = 16;

export interface Row {
  readonly mutant: string;
  readonly function: string;
  /** Seconds until it was found; null: it was not. */
  readonly seconds: number | null;
  readonly says: string;
  /** CPU seconds that it was given. */
  readonly tried: number;
  /** What the proofs say of one that was not found. */
  readonly judgement?: Judgement;
}

const hashOf = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex").slice(0, NAME_DIGITS);

/** The least inputs of a campaign on the core that reach as much as all of them. */
async function corpusOf(core: Uint8Array): Promise<string> {
  const corpus = join(FOLDER, `corpus-${hashOf(core)}`);
  const done = join(corpus, "done");
  if (existsSync(done)) return corpus;
  const time = ["--cpu", "--seconds", String(CORPUS_SECONDS)];
  await runProgram(
    XENOLITH,
    ["fuzz", "run", "hypercall", ...time, "--corpus", corpus],
    20 * CORPUS_SECONDS,
  );
  await runProgram(XENOLITH, ["fuzz", "merge", "--corpus", corpus], 20 * CORPUS_SECONDS);
  writeFileSync(done, "");
  return corpus;
}

const rowFile = ({ bytes }: Mutant): string => join(FOLDER, `${hashOf(bytes)}.json`);

function known(mutant: Mutant): Row | undefined {
  const file = rowFile(mutant);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Row) : undefined;
}

function keep(mutant: Mutant, row: Row): Row {
  writeFileSync(rowFile(mutant), `${JSON.stringify(row)}\n`);
  return row;
}

async function huntOne(
  mutant: Mutant,
  hunters: Hunters,
  { corpus, tried }: { readonly corpus: string; readonly tried: number },
): Promise<void> {
  const wasm = join(FOLDER, `${hashOf(mutant.bytes)}.wasm`);
  writeFileSync(wasm, mutant.bytes);
  // Boots take seconds: they are looked at where there is a minute.
  const boots = tried === SECONDS;
  const way = "guided";
  const hunted = await hunters.hunt({ wasm, seconds: tried, seed: SEED, way, corpus, boots });
  const { seconds, says } = hunted;
  const { description, function: owner } = mutant;
  keep(mutant, { ...known(mutant), mutant: description, function: owner, seconds, says, tried });
  const told = seconds === null ? "not found" : `${seconds.toFixed(1)} s, ${says}`;
  process.stderr.write(`${mutant.description}: ${told}\n`);
}

/** Hunts those that were not found, nor given so much time yet, nor shown to be the core. */
async function huntAll(mutants: readonly Mutant[], corpus: string, tried: number): Promise<void> {
  const left = mutants.filter((mutant) => {
    const row = known(mutant);
    if (row === undefined) return true;
    const isEqual = row.judgement?.verdict === "equivalent";
    return row.seconds === null && row.tried < tried && !isEqual;
  });
  const one = async (): Promise<void> => {
    const hunters = new Hunters();
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      await huntOne(mutant, hunters, { corpus, tried });
    }
    hunters.close();
  };
  await Promise.all(Array.from({ length: HUNTERS }, one));
}

/** Asks the proofs of those that were not found whether they are the core by another name. */
async function judgeAll(core: Uint8Array, mutants: readonly Mutant[]): Promise<void> {
  const open = mutants.filter((mutant) => {
    const row = known(mutant);
    return row?.seconds === null && row.judgement === undefined;
  });
  if (open.length === 0) return;
  const solver = createSolver("z3-wasm", { workers: 1 });
  const judge = new Judge(core, columns, solver);
  for (const mutant of open) {
    const judgement = await judge.judge(mutant.bytes, mutant.function);
    keep(mutant, { ...known(mutant)!, judgement });
    process.stderr.write(`${mutant.description}: ${JSON.stringify(judgement)}\n`);
  }
  await solver.close();
}

/** Hunts mutants of the built core, each for some seconds of CPU time; those that were found before
 *  are not hunted again. */
export async function huntFor(mutants: readonly Mutant[], seconds: number): Promise<Row[]> {
  mkdirSync(FOLDER, { recursive: true });
  const core = new Uint8Array(readFileSync(join(root, "build/core.wasm")));
  await huntAll(mutants, await corpusOf(core), seconds);
  return mutants.map((mutant) => known(mutant)!);
}

/** Hunts `count` mutants of the built core, and has those that were not found judged. */
export async function huntMutants(count: number): Promise<Row[]> {
  const core = new Uint8Array(readFileSync(join(root, "build/core.wasm")));
  const mutants = sampleMutants(core, { count, seed: SEED });
  await huntFor(mutants, FIRST_SECONDS);
  await judgeAll(core, mutants);
  return await huntFor(mutants, SECONDS);
}

export const fuzzMutants: Check = {
  name: "fuzz.mutants",
  claim: "95 % of 300 mutants of core.wasm are found within a minute each",
  short: false,
  async run(): Promise<Outcome> {
    const rows = await huntMutants(COUNT);
    const missed = rows.filter(({ seconds }) => seconds === null);
    const equal = missed.filter(({ judgement }) => judgement?.verdict === "equivalent");
    const others = missed.filter((row) => !equal.includes(row));
    const found = rows.length - missed.length;
    const counted = rows.length - equal.length;
    const summary = `${found} of ${counted} found, ${equal.length} more are equivalent; not found: ${
      others.map(({ mutant }) => mutant).join("; ") || "none"
    }`;
    const times = rows.flatMap(({ seconds }) => seconds ?? []).sort((a, b) => a - b);
    const median = times[times.length >> 1];
    const figures = { found, counted, equivalent: equal.length, median, others, rows };
    return { passed: rows.length === COUNT && found >= SHARE * counted, figures, summary };
  },
};
