// Results of whole cases: a case whose code, specification and prover have not changed by a byte
// is not even executed again. Only what was proved is remembered.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ObligationResult } from "./index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What a result depends on besides the module: all text that states or proves it. */
const SOURCES = [
  "spec",
  "proofs/bounds",
  "proofs/obligations",
  "proofs/runner",
  "proofs/solver",
  "proofs/term",
  "proofs/wasm",
  "tcb/core/layout.ts",
  "tcb/core/limits.ts",
  "package-lock.json",
];

function filesIn(path: string): string[] {
  if (path.endsWith(".ts") || path.endsWith(".json")) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(path, name))
    .sort();
}

/** sha256 over everything that a proof is made of, but the module. */
export function digestOfProver(): string {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap(filesIn)) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

export class CaseCache {
  readonly #folder: string;
  readonly #stem: string;

  /** `stem` is the digest of what all cases depend on. */
  constructor(folder: string, stem: string) {
    this.#folder = folder;
    this.#stem = stem;
  }

  #file(family: string, operation: string): string {
    const key = [this.#stem, family, operation].join("\n");
    return join(this.#folder, `${createHash("sha256").update(key).digest("hex")}.json`);
  }

  /** What is computed from the same things alone, as plain data. */
  computed<Data>(name: string, compute: () => Data): Data {
    const file = this.#file("computed", name);
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Data;
    const data = compute();
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(file, JSON.stringify(data));
    return data;
  }

  get(family: string, operation: string): readonly ObligationResult[] | undefined {
    const file = this.#file(family, operation);
    if (!existsSync(file)) return undefined;
    const results = JSON.parse(readFileSync(file, "utf8")) as ObligationResult[];
    return results.every(({ ok }) => ok) ? results : undefined;
  }

  add(family: string, operation: string, results: readonly ObligationResult[]): void {
    if (!results.every(({ ok }) => ok)) return;
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(this.#file(family, operation), JSON.stringify(results));
  }
}
