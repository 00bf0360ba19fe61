// The folder evidence/: what follows from the sources, the core and the prover's verdicts alone.
// Two clean clones give equal bytes.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { boundsOf } from "../../proofs/bounds/bounds.ts";
import { advisories, advisoryClasses, openVex } from "../evidence/advisories.ts";
import { policyEvidence, SHIPPED } from "../evidence/policy.ts";
import { proofEvidence } from "../evidence/proofs.ts";
import { bill } from "../evidence/sbom.ts";
import { tcbAccount } from "../evidence/tcb.ts";
import { jsonText } from "../evidence/text.ts";
import { isProved, traceCsv, traceEvidence, traceSarif } from "../evidence/trace.ts";
import { root, sha256 } from "../trace/source.ts";
import type { ProofRun } from "../trace/verdicts.ts";

/** Sources that an auditor reads in the bundle. */
const SOURCES = ["spec", "spec/invariants", "spec/lang", "tcb/core", "tcb/machine/svm", SHIPPED];

/** The binary as text, as the build writes it. */
const WAT = "build/core.wat";

function sources(): [string, string][] {
  const own = SOURCES.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => `${folder}/${name}`)
      .sort()
      .map((path): [string, string] => [path, readFileSync(join(root, path), "utf8")]),
  );
  return [...own, ["core.wat", readFileSync(join(root, WAT), "utf8")]];
}

/** All files of evidence/ as objects and texts, by their path below it. */
export function evidenceOf(run: ProofRun) {
  const wasm = readFileSync(join(root, "build/core.wasm"));
  const core = sha256(wasm);
  const trace = traceEvidence();
  const tcb = tcbAccount();
  const matrix = advisories(isProved(trace));
  return {
    trace,
    tcb,
    advisories: matrix,
    advisoryClasses: advisoryClasses(matrix),
    proofs: proofEvidence(run),
    bounds: boundsOf(new Uint8Array(wasm)),
    policy: policyEvidence(),
    sources: sources(),
    core,
    wasm,
  };
}

export type Evidence = ReturnType<typeof evidenceOf>;

/** The files, by path within the bundle. */
export function evidenceFiles(evidence: Evidence): Map<string, string | Uint8Array> {
  const { trace, tcb, proofs, bounds, policy, core } = evidence;
  const files = new Map<string, string | Uint8Array>([
    ["trace.json", jsonText(trace)],
    ["trace.csv", traceCsv(trace)],
    ["trace.sarif", jsonText(traceSarif(trace))],
    ["tcb.json", jsonText(tcb)],
    ["proofs.json", jsonText(proofs)],
    ["bounds.json", jsonText(bounds)],
    ["policy.json", jsonText(policy)],
    ["advisories.json", jsonText({ classes: evidence.advisoryClasses, all: evidence.advisories })],
    ["openvex.json", jsonText(openVex(evidence.advisories, core))],
    ["sbom.cdx.json", jsonText(bill(core, tcb.files))],
    ["core.wasm", evidence.wasm],
    ...evidence.sources.map(([path, text]): [string, string] => [`sources/${path}`, text]),
  ]);
  const index = [...files]
    .map(([path, content]) => ({ path, sha256: sha256(content) }))
    .sort((one, two) => (one.path < two.path ? -1 : 1));
  files.set("index.json", jsonText({ core, files: index }));
  return new Map([...files].map(([path, content]) => [`evidence/${path}`, content]));
}
