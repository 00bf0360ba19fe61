// fuzz.mutants: mechanically planted mistakes in core.wasm, each given a minute.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CampaignJob } from "../../../fuzz/campaign/jobs.ts";
import type { JobResult } from "../../../fuzz/campaign/perform.ts";
import { ThreadBackend } from "../../../fuzz/campaign/threads.ts";
import { compileForSpeed } from "../../../fuzz/compile.ts";
import { sampleMutants } from "../../../proofs/mutate/index.ts";
import type { Check, Outcome } from "../check.ts";
import { root } from "../cli.ts";

const COUNT = 300;
const SEED = 1;
const SECONDS = 60;
const SHARE = 0.95;
/** What a boot may take on a busy machine. */
const BOOT_SECONDS = 60;

interface Row {
  readonly mutant: string;
  /** Seconds until it was found; null: it was not. */
  readonly seconds: number | null;
}

/** Runs one mutant until it is found or its time is over. A core that does not boot, hangs there,
 *  or breaks the world's preparation, is found at once. */
async function hunt(core: Uint8Array, folder: string, seconds: number): Promise<number | null> {
  mkdirSync(folder);
  const wasm = join(folder, "core.wasm");
  writeFileSync(wasm, core);
  const job: CampaignJob = {
    kind: "campaign",
    root,
    target: "hypercall",
    engine: "fast-check",
    seconds,
    ofCpu: true,
    seed: SEED,
    corpus: join(folder, "corpus"),
    wasm,
    untilFound: true,
    guided: true,
  };
  const nothing = { progress: () => {}, finding: () => {} };
  const backend = new ThreadBackend(compileForSpeed(root));
  const watchdog = setTimeout(() => void backend.abandon(), (10 * seconds + BOOT_SECONDS) * 1000);
  try {
    const [result] = (await backend.run([job], nothing)) as readonly (JobResult | undefined)[];
    if (result === undefined) return 0;
    return result.findings.length === 0 ? null : result.progress.seconds;
  } catch {
    return 0;
  } finally {
    clearTimeout(watchdog);
  }
}

/** Hunts `count` mutants of the built core. */
export async function huntMutants(count: number, seconds: number): Promise<Row[]> {
  const core = new Uint8Array(readFileSync(join(root, "build/core.wasm")));
  const folder = mkdtempSync(join(tmpdir(), "xenolith-mutants-"));
  const rows: Row[] = [];
  try {
    for (const [index, mutant] of sampleMutants(core, { count, seed: SEED }).entries()) {
      const found = await hunt(mutant.bytes, join(folder, String(index)), seconds);
      rows.push({ mutant: mutant.description, seconds: found });
      process.stderr.write(`${mutant.description}: ${found ?? "not found"}\n`);
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const fuzzMutants: Check = {
  name: "fuzz.mutants",
  claim: "95 % of 300 mutants of core.wasm are found within a minute each",
  short: false,
  async run(): Promise<Outcome> {
    const rows = await huntMutants(COUNT, SECONDS);
    const missed = rows.filter(({ seconds }) => seconds === null);
    const found = rows.length - missed.length;
    const passed = found >= SHARE * rows.length;
    const summary = `${found} of ${rows.length} found; equivalent ones are among the rest`;
    return { passed, figures: { found, rows }, summary };
  },
};
