/** Loads what the analysis works on: a policy, and the assertions made about it. */

import { readFileSync } from "node:fs";
import { parseAssertions } from "../assertions/parse.ts";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import { type LoadedPolicy, loadPolicy } from "../compiler/load-policy.ts";
import type { Policy } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import type { WrittenAssertion } from "./check.ts";

export interface AnalysisInput {
  readonly loaded: LoadedPolicy;
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when the policy, or a file of assertions, could not be read. */
  readonly ready?: {
    readonly policy: Policy;
    readonly relation: AccessRelation;
    readonly assertions: readonly WrittenAssertion[];
  };
}

export interface AnalysisOptions {
  /** Files of assertions besides those in the policy's folder. */
  readonly assert?: readonly string[];
  readonly mls?: boolean;
}

/**
 * Reads a policy.conf, a folder of modules or a binary policy. A neverallow that is broken is no
 * problem here: the analysis explains it.
 * @throws Error with the system's reason when a file cannot be read
 */
export function loadForAnalysis(path: string, options: AnalysisOptions = {}): AnalysisInput {
  const loaded = loadPolicy(path, { assertions: false, mls: options.mls === true });
  const files = [
    ...(loaded.source?.assertions ?? []),
    ...(options.assert ?? []).map((name) => ({ name, text: readFileSync(name, "utf8") })),
  ];
  const diagnostics = [...loaded.diagnostics];
  const assertions: WrittenAssertion[] = [];
  for (const file of files) {
    const parsed = parseAssertions(file);
    diagnostics.push(...parsed.diagnostics);
    for (const assertion of parsed.assertions) {
      const { offset, length } = assertion.span;
      const text = file.text.slice(offset, offset + length).replace(/#.*/g, "");
      assertions.push({ assertion, text: text.replace(/\s+/g, " ").trim() });
    }
  }
  const { policy, relation } = loaded;
  const hasFailed = diagnostics.some(({ severity }) => severity === "error");
  if (hasFailed || policy === undefined || relation === undefined) return { loaded, diagnostics };
  return { loaded, diagnostics, ready: { policy, relation, assertions } };
}
