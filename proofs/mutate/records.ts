// Verdicts on mutants as they are kept: a line of JSON each.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Judgement, Thoroughness } from "./judge.ts";

export interface MutantRecord extends Judgement {
  /** The mutant's description. */
  readonly mutant: string;
  readonly ms: number;
  /** Nothing: with all that the proofs can do. */
  readonly thoroughness?: Thoroughness;
}

/** Where verdicts are kept that hold for this core, specification and prover. */
export function mutantsFile(root: string, coreSha256: string, proverDigest: string): string {
  const key = createHash("sha256").update(`${coreSha256}\n${proverDigest}`).digest("hex");
  return join(root, "build/proofs/mutants", `${key.slice(0, 16)}.jsonl`);
}

/** Is there nothing more to ask, at this thoroughness? */
export const isFinal = (record: MutantRecord, wanted: Thoroughness): boolean =>
  record.verdict !== "neither" || wanted === "quick" || record.thoroughness !== "quick";

/** What stands in such a file, oldest first; nothing if there is none. */
export function mutantRecords(file: string): MutantRecord[] {
  if (!existsSync(file)) return [];
  // The last line of a run that was killed may be cut.
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.filter((line) => line.endsWith("}")).map((line) => JSON.parse(line));
}
