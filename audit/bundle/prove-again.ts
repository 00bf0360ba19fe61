// Proves the whole core once more, from nothing, as a bundle says that it was proved.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../trace/source.ts";
import { type ProofRun, readProofRun } from "../trace/verdicts.ts";

interface StoredProofs {
  readonly obligations: readonly {
    readonly opinions: readonly (readonly [solver: string, version: string, verdict: string])[];
  }[];
}

/** The solvers whose verdicts a bundle has, the one that was asked first in front. */
function solversOf(folder: string): string[] {
  const text = readFileSync(join(folder, "evidence/proofs.json"), "utf8");
  const { obligations } = JSON.parse(text) as StoredProofs;
  return [...new Set(obligations.flatMap(({ opinions }) => opinions.map(([solver]) => solver)))];
}

/** Runs the prover without anything that it remembers. Throws Error if it breaks off. */
export function proveAgain(folder: string): ProofRun {
  const work = mkdtempSync(join(tmpdir(), "xenolith-prove-"));
  try {
    const [first, second] = solversOf(folder);
    const output = join(work, "proofs.json");
    const words = ["--import", "tsx", join(root, "proofs/prove.ts"), "--json", output];
    const judges = [
      ...(first === undefined ? [] : ["--solver", first]),
      ...(second === undefined ? [] : ["--second", second]),
    ];
    const all = [...words, "--cache", join(work, "cache"), ...judges];
    spawnSync(process.execPath, all, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
    if (!existsSync(output)) throw new Error("the prover broke off; npm run prove says why");
    return readProofRun(output);
  } finally {
    rmSync(work, { recursive: true });
  }
}
