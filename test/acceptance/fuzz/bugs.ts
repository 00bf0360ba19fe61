// fuzz.bugs: how long it takes to find each of 20 realistic mistakes, with coverage to guide the
// inputs, with the grammar's chance alone, and with any bytes. From an empty corpus.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Hunted, Way } from "../../../fuzz/hunt.ts";
import { advisories } from "../../fuzz/advisories/index.ts";
import { compileVariant, type Mistake } from "../../fuzz/variant.ts";
import { plantedBugs } from "../../proofs/planted/bugs.ts";
import type { Check, Outcome } from "../check.ts";
import { root } from "../cli.ts";
import { Hunters } from "./hunters.ts";

const WAYS: readonly Way[] = ["guided", "unguided", "random"];
const SECONDS = 60;
const SEED = 1;
const COUNT = 20;
const FOLDER = join(root, "build/fuzz/bugs");
const NAME_DIGITS = 16;

interface Bug {
  readonly name: string;
  readonly mistake: Mistake;
}

/** Every third mistake that the proofs are tried with, every third of the advisories. */
function bugs(): Bug[] {
  const third = <One>(all: readonly One[]): One[] => all.filter((_, index) => index % 3 === 0);
  const proofs = third(plantedBugs).map(({ name, file, from, to }) => {
    return { name, mistake: { file, right: from, wrong: to } };
  });
  const known = third(advisories).map(({ xsa, says, mistake }) => {
    return { name: `${says.replace(/\.$/, "")} (XSA ${xsa})`, mistake };
  });
  return [...proofs, ...known].slice(0, COUNT);
}

/** Seconds by way; null: not within the time. What was measured before of the same core is kept. */
async function timesOf(bug: Bug, hunters: Hunters): Promise<Record<Way, number | null>> {
  const core = compileVariant([bug.mistake]);
  const name = createHash("sha256").update(core).digest("hex").slice(0, NAME_DIGITS);
  const wasm = join(FOLDER, `${name}.wasm`);
  writeFileSync(wasm, core);
  const times: [Way, number | null][] = [];
  for (const way of WAYS) {
    const file = join(FOLDER, `${name}.${way}.json`);
    const hunted = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as Hunted)
      : await hunters.hunt({ wasm, seconds: SECONDS, seed: SEED, way });
    writeFileSync(file, JSON.stringify(hunted));
    times.push([way, hunted.seconds]);
  }
  return Object.fromEntries(times) as Record<Way, number | null>;
}

const shown = (seconds: number | null): string =>
  seconds === null ? `> ${SECONDS}` : seconds.toFixed(1);

export const fuzzBugs: Check = {
  name: "fuzz.bugs",
  claim: "the time to each of 20 realistic mistakes, three ways; guided finds no fewer than others",
  short: false,
  async run(): Promise<Outcome> {
    mkdirSync(FOLDER, { recursive: true });
    const hunters = new Hunters();
    const rows: ({ readonly name: string } & Record<Way, number | null>)[] = [];
    for (const bug of bugs()) {
      const times = await timesOf(bug, hunters);
      rows.push({ name: bug.name, ...times });
      process.stderr.write(
        `| ${bug.name} | ${WAYS.map((way) => shown(times[way])).join(" | ")} |\n`,
      );
    }
    hunters.close();
    const found = (way: Way) => rows.filter((row) => row[way] !== null).length;
    const summary = `of ${rows.length}: ${WAYS.map((way) => `${found(way)} ${way}`).join(", ")}`;
    return {
      passed: rows.length === COUNT && WAYS.every((way) => found(way) <= found("guided")),
      figures: { rows },
      summary,
    };
  },
};
