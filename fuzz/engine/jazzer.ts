// libFuzzer drives, by way of @jazzer.js/core. What an input reached of the core's WebAssembly is
// handed to it as counters of a module of its own: edges, and comparisons by the distance of their
// operands. It runs in a process of its own (campaign/processes.ts), which it does not share.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, Limits, Run } from "./engine.ts";

/** The part of the package's globals that is used. */
interface Fuzzer {
  readonly coverageTracker: { createModuleCounters(size: number): Uint8Array };
  startFuzzing(
    look: (bytes: Uint8Array) => void,
    options: readonly string[],
    onSignal: (signal: number) => void,
  ): Promise<void>;
}

/** Programs that it begins with, by the grammar's chance: of nothing it would make short ones. */
const SEEDS = 1024;
const BYTES_MAX = 1024;
/** Inputs between two looks at the clock. */
const CLOCK_MASK = 31;

/** Thrown to make libFuzzer return. */
class Stop extends Error {}

async function loadFuzzer(): Promise<Fuzzer> {
  const { registerGlobals, OptionsManager, OptionSource } = await import("@jazzer.js/core");
  registerGlobals(new OptionsManager(OptionSource.DefaultCLIOptions));
  return (globalThis as unknown as { Fuzzer: Fuzzer }).Fuzzer;
}

/** Writes inputs to begin with, and gives the option that names them. */
function seedOption(run: Run, seed: number, folder: string): string {
  const files = Array.from({ length: SEEDS }, (_, index) => {
    const file = join(folder, String(index));
    writeFileSync(file, run.generate(seed * SEEDS + index));
    return file;
  });
  const list = join(folder, "list");
  writeFileSync(list, files.join(","));
  return `-seed_inputs=@${list}`;
}

/** What libFuzzer calls with each input. */
function looker(run: Run): (bytes: Uint8Array) => void {
  let inputs = 0;
  return (shared) => {
    if ((inputs++ & CLOCK_MASK) === 0 && run.stopped()) throw new Stop();
    const bytes = new Uint8Array(shared);
    const key = run.input(bytes);
    if (key !== undefined) run.found(bytes, key);
  };
}

export const jazzerEngine: Engine = {
  name: "jazzer",
  comparisons: true,
  async run(run: Run, { seed }: Limits): Promise<void> {
    const fuzzer = await loadFuzzer();
    run.countInto(fuzzer.coverageTracker.createModuleCounters(run.marks()));
    const folder = mkdtempSync(join(tmpdir(), "xenolith-seeds-"));
    const options = [
      "xenolith",
      `-seed=${(seed % 0x7fffffff) + 1}`,
      `-max_len=${BYTES_MAX}`,
      "-len_control=0",
      "-reduce_inputs=0",
      "-rss_limit_mb=0",
      "-handle_int=0",
      "-handle_term=0",
      "-handle_segv=0",
      `-artifact_prefix=${folder}/`,
      "-verbosity=0",
      seedOption(run, seed, folder),
    ];
    try {
      await fuzzer.startFuzzing(looker(run), options, () => run.end());
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
