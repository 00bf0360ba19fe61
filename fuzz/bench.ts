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
const ROUNDS = 3;

/** Runs the same programs a few times; the last round counts. */
function measure(core: Uint8Array<ArrayBuffer>, names: readonly OracleName[]): SpeedRow {
  const target = new HypercallTarget(core, names);
  target.setThorough(false);
  const { executor } = target.world;
  const chance = new Chance(1);
  const programs = Array.from({ length: PROGRAMS }, () => decode(generate(chance)));
  let row: SpeedRow | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const { calls, steps } = executor;
    const { user, system } = process.cpuUsage();
    for (const program of programs) target.runProgram(program);
    const used = process.cpuUsage({ user, system });
    const seconds = (used.user + used.system) / 1e6;
    row = {
      oracles: names.join(" ") || "none",
      callsEachSecond: Math.round((executor.calls - calls) / seconds),
      stepsEachSecond: Math.round((executor.steps - steps) / seconds),
      callsEachProgram: Math.round(((executor.calls - calls) / PROGRAMS) * 10) / 10,
    };
  }
  return row!;
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
