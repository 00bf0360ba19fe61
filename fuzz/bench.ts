// How fast programs run, with all oracles and with each alone: CPU time of one thread, resets
// included. Run by scripts/bench in its compiled form.

import { readFileSync } from "node:fs";
import { type OracleName, oracleNames } from "./oracle/index.ts";
import { Chance, generate } from "./program/generate.ts";
import { decode } from "./program/program.ts";
import { HypercallTarget } from "./targets/hypercall.ts";

export interface SpeedRow {
  readonly oracles: string;
  readonly callsEachSecond: number;
  readonly stepsEachSecond: number;
  readonly callsEachProgram: number;
}

const PROGRAMS = 1500;
/** Rounds until the engine has compiled what is hot, and rounds that count. */
const WARM_UP = 12;
const ROUNDS = 6;

/** Runs the same programs a number of times; the last rounds count. */
function measure(core: Uint8Array<ArrayBuffer>, names: readonly OracleName[]): SpeedRow {
  const target = new HypercallTarget(core, names);
  target.setThorough(false);
  const { executor } = target.world;
  const chance = new Chance(1);
  const programs = Array.from({ length: PROGRAMS }, () => decode(generate(chance)));
  const round = () => {
    for (const program of programs) target.runProgram(program);
  };
  for (let index = 0; index < WARM_UP; index++) round();
  const { calls, steps } = executor;
  const { user, system } = process.cpuUsage();
  for (let index = 0; index < ROUNDS; index++) round();
  const used = process.cpuUsage({ user, system });
  const seconds = (used.user + used.system) / 1e6;
  const ran = executor.calls - calls;
  return {
    oracles: names.join(" ") || "none",
    callsEachSecond: Math.round(ran / seconds),
    stepsEachSecond: Math.round((executor.steps - steps) / seconds),
    callsEachProgram: Math.round((ran / PROGRAMS / ROUNDS) * 10) / 10,
  };
}

/** All rows: no oracle, each one, all of them. */
export function measureSpeed(wasm: string): SpeedRow[] {
  const core = new Uint8Array(readFileSync(wasm));
  const sets: readonly (readonly OracleName[])[] = [
    [],
    ...oracleNames.map((name) => [name]),
    oracleNames,
  ];
  return sets.map((names) => measure(core, names));
}

const [, , wasm] = process.argv;
if (wasm !== undefined && process.argv[1]?.endsWith("/fuzz/bench.js")) {
  process.stdout.write(`${JSON.stringify(measureSpeed(wasm))}\n`);
}
