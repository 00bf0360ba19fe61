// `npm run bench -- --only fuzz`: hypercalls a second in the fuzzer, CPU time of one thread, with
// no oracle, each oracle, and all of them; then with all of them under libFuzzer.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SpeedRow } from "../../fuzz/bench.ts";
import { ProcessBackend } from "../../fuzz/campaign/processes.ts";
import { compileForSpeed } from "../../fuzz/compile.ts";
import { artefacts } from "../artefacts.ts";
import { BuildError, run } from "../command.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Measures in a process of its own, so that nothing else runs in it. Throws BuildError. */
export function measureFuzz(): SpeedRow[] {
  const script = join(compileForSpeed(root), "fuzz/bench.js");
  return JSON.parse(run(process.execPath, [script, artefacts.core], root)) as SpeedRow[];
}

/** CPU seconds of a campaign under libFuzzer, of which the last ones count: what is hot is compiled
 *  by then. */
const JAZZER_SECONDS = 60;
const JAZZER_WARM_UP = 30;

interface Told {
  readonly seconds: number;
  readonly calls: number;
  readonly executions: number;
}

/** Calls a second between two moments of a campaign. */
function rateBetween(first: Told, last: Told): SpeedRow {
  const calls = last.calls - first.calls;
  return {
    oracles: "all, under jazzer.js",
    callsEachSecond: Math.round(calls / (last.seconds - first.seconds)),
    stepsEachSecond: 0,
    callsEachProgram: Math.round((calls / (last.executions - first.executions)) * 10) / 10,
  };
}

/** The same under libFuzzer: its mutations, coverage and comparisons handed to it, inputs kept on
 *  disk. Throws BuildError. */
export async function measureJazzer(): Promise<SpeedRow> {
  const backend = new ProcessBackend(compileForSpeed(root));
  const corpus = mkdtempSync(join(tmpdir(), "xenolith-bench-"));
  const told: Told[] = [];
  const job = {
    ...{ kind: "campaign" as const, root, target: "hypercall", engine: "jazzer", corpus, seed: 1 },
    ...{ seconds: JAZZER_SECONDS, ofCpu: true, wasm: artefacts.core },
    ...{ untilFound: false, guided: true },
  };
  try {
    const progress = (_job: number, figures: unknown) => told.push(figures as Told);
    await backend.run([job], { progress, finding: () => {} });
  } finally {
    rmSync(corpus, { recursive: true });
  }
  const first = told.find(({ seconds }) => seconds >= JAZZER_WARM_UP);
  const last = told.at(-1);
  if (first === undefined || last === undefined || last.seconds <= first.seconds) {
    throw new BuildError("libFuzzer's campaign ended before it was measured");
  }
  return rateBetween(first, last);
}

/** The whole row group: prints it, and writes it to a file if asked to. */
export async function benchFuzz(json: string | undefined): Promise<number> {
  const rows = [...measureFuzz(), await measureJazzer()];
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
      "counts once, its steps each (not counted under jazzer.js).\n",
  );
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ fuzz: rows }, null, 2)}\n`);
  return 0;
}
