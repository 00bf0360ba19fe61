// Runs `npm run prove` and reads its result.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Ran, root, runProgram } from "../cli.ts";

export interface ProvedObligation {
  readonly family: string;
  readonly operation: string;
  readonly property: string;
  readonly verdict: string;
  readonly ok: boolean;
  readonly ms: number;
  /** Of the longest query that was asked for it, those without success included. */
  readonly longest_query_ms: number;
}

export interface Proof {
  readonly core_sha256: string;
  readonly operations: number;
  readonly unspecified: readonly string[];
  readonly largest_process_megabytes: number;
  readonly obligations: readonly ProvedObligation[];
}

const LIMIT_SECONDS = 3 * 3600;

/** The command's end, what it printed, and its result; run in this tree or in a copy of it. */
export async function prove(
  parameters: readonly string[],
  tree: string = root,
): Promise<{ ran: Ran; proof: Proof; seconds: number }> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-prove-"));
  const json = join(folder, "proof.json");
  const started = performance.now();
  try {
    const program = ["--import", "tsx", "proofs/prove.ts", "--json", json, ...parameters];
    const ran = await runProgram(process.execPath, program, LIMIT_SECONDS, tree);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    return { ran, proof: JSON.parse(readFileSync(json, "utf8")) as Proof, seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Obligations and proved ones of each family. */
export function byFamily({ obligations }: Proof): Record<string, string> {
  const families = [...new Set(obligations.map(({ family }) => family))];
  return Object.fromEntries(
    families.map((name) => {
      const own = obligations.filter(({ family }) => family === name);
      const proved = own.filter(({ ok }) => ok).length;
      const ms = own.reduce((sum, one) => sum + one.ms, 0);
      return [name, `${proved}/${own.length}, ${(ms / 1000).toFixed(1)} s`];
    }),
  );
}

/** Obligations that do not hold, by name. */
export function openOf({ obligations }: Proof): string[] {
  const open = obligations.filter(({ ok }) => !ok);
  return open.map((one) => `${one.family}: ${one.operation}: ${one.property} (${one.verdict})`);
}
