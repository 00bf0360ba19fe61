// `npm run bench -- --only fuzz`: hypercalls a second in the fuzzer, CPU time of one thread, with
// no oracle, each oracle, and all of them.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SpeedRow } from "../../fuzz/bench.ts";
import { compileForSpeed } from "../../fuzz/compile.ts";
import { artefacts } from "../artefacts.ts";
import { run } from "../command.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Measures in a process of its own, so that nothing else runs in it. Throws BuildError. */
export function measureFuzz(): SpeedRow[] {
  const script = join(compileForSpeed(root), "fuzz/bench.js");
  return JSON.parse(run(process.execPath, [script, artefacts.core], root)) as SpeedRow[];
}

/** The whole row group: prints it, and writes it to a file if asked to. */
export function benchFuzz(json: string | undefined): number {
  const rows = measureFuzz();
  const line = (name: string, ...cells: readonly string[]) =>
    [name.padEnd(44), ...cells.map((cell) => cell.padStart(12))].join("");
  const lines = rows.map(({ oracles, callsEachSecond, stepsEachSecond, callsEachProgram }) => {
    const figures = [callsEachSecond, stepsEachSecond, callsEachProgram];
    return line(oracles, ...figures.map((figure) => figure.toLocaleString("en-US")));
  });
  const head = line("oracles", "calls/s", "steps/s", "calls");
  process.stdout.write(`${head}\n${lines.join("\n")}\n\n`);
  process.stdout.write(
    "CPU time of one thread, resets included; calls: mean of a program. A call that is resumed\n" +
      "counts once, its steps each.\n",
  );
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ fuzz: rows }, null, 2)}\n`);
  return 0;
}
