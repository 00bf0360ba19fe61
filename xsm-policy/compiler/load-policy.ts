/** One door for every kind of policy input: a `policy.conf`, a folder of modules, a binary. */

import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import type { SyntaxTree } from "./ast.ts";
import { type CompileOptions, compile } from "./compile.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { BINARY_LIMIT_BYTES } from "./limits.ts";
import { type LoadOptions, loadPolicySource, type PolicySource } from "./macro/load.ts";
import type { Policy } from "./policy.ts";
import { isPolicydb, readPolicydb } from "./policydb-read.ts";
import { type AccessRelation, buildRelation } from "./relation.ts";

export interface LoadedPolicy {
  /** Absent for a binary. */
  readonly source?: PolicySource;
  readonly tree?: SyntaxTree | undefined;
  readonly policy?: Policy;
  readonly relation?: AccessRelation;
  readonly diagnostics: readonly Diagnostic[];
  readonly ok: boolean;
}

/**
 * Reads and compiles the policy at `path`. Problems of the input are diagnostics.
 * @throws Error with the system's reason when `path` cannot be read
 */
export function loadPolicy(path: string, options: LoadOptions & CompileOptions = {}): LoadedPolicy {
  if (statSync(path).isFile() && isPolicydb(firstBytes(path))) return loadBinary(path);
  const source = loadPolicySource(path, options);
  if (source.diagnostics.some(({ severity }) => severity === "error")) {
    return { source, diagnostics: source.diagnostics, ok: false };
  }
  const result = compile(source, options);
  const diagnostics = [...source.diagnostics, ...result.diagnostics];
  return { ...result, source, diagnostics };
}

function firstBytes(path: string): Uint8Array {
  const bytes = new Uint8Array(4);
  const file = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function loadBinary(path: string): LoadedPolicy {
  if (statSync(path).size > BINARY_LIMIT_BYTES) {
    const message = `${path} is larger than ${BINARY_LIMIT_BYTES} bytes`;
    return { diagnostics: [{ severity: "error", code: "bad-policydb", message }], ok: false };
  }
  const { policy, diagnostics } = readPolicydb(readFileSync(path), path);
  if (policy === undefined) return { diagnostics, ok: false };
  return { policy, relation: buildRelation(policy), diagnostics, ok: true };
}
