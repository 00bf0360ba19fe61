// Puts a bundle together: evidence/, runs/, the site, and a signature over all of it.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { arch, cpus, platform, release } from "node:os";
import { dirname, join } from "node:path";
import { proofTimes } from "../evidence/proofs.ts";
import { jsonText } from "../evidence/text.ts";
import { root } from "../trace/source.ts";
import type { ProofRun } from "../trace/verdicts.ts";
import { type Evidence, evidenceFiles, evidenceOf } from "./evidence.ts";
import { ATTESTATION, PUBLIC_KEY, type Subject, subjectsOf, writeFiles } from "./files.ts";
import { privateKey, publicPem, seal } from "./sign.ts";

const PREDICATE = "https://slsa.dev/provenance/v1";
const STATEMENT = "https://in-toto.io/Statement/v1";

/** First line that a program prints of itself; empty where it is not installed. */
function versionOf(program: string): string {
  try {
    const text = execFileSync(program, ["--version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return text.split("\n")[0] ?? "";
  } catch {
    return "";
  }
}

/** Where and with what the bundle was made. */
function machine() {
  return {
    system: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model ?? "",
    processors: cpus().length,
    node: process.version,
    gcc: versionOf("gcc"),
    wasm2c: versionOf("wasm2c"),
    qemu: versionOf("qemu-system-x86_64"),
  };
}

/** Figures of acceptance checks that were run here. */
function acceptance(): [string, string][] {
  const folder = join(root, "build/accept");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => [`runs/accept/${name}`, join(folder, name)]);
}

function statementOf(subject: readonly Subject[], core: string, started: string): string {
  const materials = subject.filter(({ name }) => name === "evidence/sbom.cdx.json");
  return jsonText({
    _type: STATEMENT,
    subject,
    predicateType: PREDICATE,
    predicate: {
      buildDefinition: {
        buildType: "urn:xenolith:audit-bundle:1",
        externalParameters: {},
        resolvedDependencies: [{ name: "core.wasm", digest: { sha256: core } }, ...materials],
      },
      runDetails: {
        builder: { id: "urn:xenolith:local" },
        metadata: { startedOn: started, finishedOn: new Date().toISOString() },
      },
    },
  });
}

export interface BuildOptions {
  readonly folder: string;
  readonly run: ProofRun;
  /** PEM file of the private key; made where there is none. */
  readonly key: string;
  /** Writes the site of the evidence into the folder. */
  readonly site?: (folder: string, evidence: Evidence) => Promise<void>;
}

/** Writes a bundle into an empty or missing folder. */
export async function buildBundle({ folder, run, key, site }: BuildOptions): Promise<void> {
  const started = new Date().toISOString();
  const evidence = evidenceOf(run);
  writeFiles(folder, evidenceFiles(evidence));
  const runs = new Map([
    ["runs/machine.json", jsonText(machine())],
    ["runs/proof-times.json", jsonText(proofTimes(run))],
  ]);
  writeFiles(folder, runs);
  for (const [path, from] of acceptance()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(from, join(folder, path));
  }
  cpSync(join(root, "audit/checker/check.mjs"), join(folder, "check.mjs"));
  await site?.(folder, evidence);
  signFolder(folder, key, evidence.core, started);
}

/** Signs all files of a folder. `started` is a time in ISO form. */
export function signFolder(folder: string, file: string, core: string, started: string): void {
  const key = privateKey(file);
  const statement = statementOf(subjectsOf(folder), core, started);
  writeFileSync(join(folder, PUBLIC_KEY), publicPem(key));
  writeFileSync(join(folder, ATTESTATION), jsonText(seal(statement, key)));
}
