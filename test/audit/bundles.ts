// Bundles for tests: with the prover's last verdicts, or with none where it has not run.

import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBundle } from "../../audit/bundle/build.ts";
import { writeSite } from "../../audit/site/write.ts";
import { readLinks } from "../../audit/trace/links.ts";
import { root } from "../../audit/trace/source.ts";
import { type ProofRun, readProofRun } from "../../audit/trace/verdicts.ts";

/** The prover's last run, or one that proved nothing. */
export function lastRun(): ProofRun {
  const file = join(root, "build/proofs.json");
  if (existsSync(file)) return readProofRun(file);
  const { provedCore } = readLinks();
  return { core_sha256: provedCore, operations: 0, unspecified: [], obligations: [] };
}

/** A folder for bundles, and a file with the prover's last run. */
export function workFolder(): { folder: string; proofs: string } {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-bundle-"));
  const proofs = join(folder, "proofs.json");
  writeFileSync(proofs, JSON.stringify(lastRun()));
  return { folder, proofs };
}

/** Writes a bundle of this tree; gives its folder. */
export async function makeBundle(folder: string, name: string, before?: string): Promise<string> {
  const bundle = join(folder, name);
  mkdirSync(bundle);
  const key = join(folder, "key.pem");
  const site = (to: string, evidence: Parameters<typeof writeSite>[1]) =>
    writeSite(to, evidence, before);
  await buildBundle({ folder: bundle, run: lastRun(), key, site });
  return bundle;
}
