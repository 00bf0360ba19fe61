/** Makes a policy ready to be linted. */

import { existsSync, readFileSync } from "node:fs";
import type { AssertedSet, Assertion } from "../assertions/assertion.ts";
import { parseAssertions } from "../assertions/parse.ts";
import { type CompileResult, compile } from "../compiler/compile.ts";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import { type LoadOptions, loadPolicySource, type PolicySource } from "../compiler/macro/load.ts";
import type { Policy } from "../compiler/policy.ts";
import type { LintContext, LintText } from "./context.ts";
import { CORE } from "./hypervisor/core.ts";
import type { Hypervisor } from "./hypervisor/question.ts";
import { XEN } from "./hypervisor/xen.ts";

/** Who may hold anything where nothing else is said: the hypervisor and the first domain. */
const TRUSTED_SIDS = ["xenboot", "xen", "dom0"];

/** The class by which a policy for Xenolith is known. */
const OWN_CLASS = "xenolith";

export const HYPERVISORS: ReadonlyMap<string, Hypervisor> = new Map([
  ["xen", XEN],
  ["xenolith", CORE],
]);

export interface LintOptions extends LoadOptions {
  /** The hypervisor that will read the policy; by the policy's classes when absent. */
  readonly hypervisor?: Hypervisor;
  /** Names of types that may hold any permission, besides those of the first domain. */
  readonly trusted?: readonly string[];
}

export interface LintInput {
  /** Absent when the policy does not compile. */
  readonly context?: LintContext;
  /** What the compiler says. */
  readonly diagnostics: readonly Diagnostic[];
  readonly compiled?: CompileResult;
}

/** A name given as trusted is no type of the policy. */
export class UnknownTypeError extends Error {}

/**
 * Reads and compiles the policy at `path`. Assertions that fail do not stop the linter.
 * @throws UnknownTypeError if a trusted type does not exist
 */
export function loadForLint(path: string, options: LintOptions = {}): LintInput {
  const source = loadPolicySource(path, options);
  if (source.diagnostics.some(({ severity }) => severity === "error")) {
    return { diagnostics: source.diagnostics };
  }
  const compiled = compile(source, { assertions: false });
  const diagnostics = [...source.diagnostics, ...compiled.diagnostics];
  const context = lintContext(source, compiled, readTexts(source), options);
  return { diagnostics, compiled, ...(context && { context }) };
}

/** What the rules look at; undefined when the policy did not compile. */
export function lintContext(
  source: PolicySource,
  { tree, policy, relation }: CompileResult,
  texts: readonly LintText[],
  options: LintOptions = {},
): LintContext | undefined {
  if (tree === undefined || policy === undefined || relation === undefined) return undefined;
  return {
    policy,
    relation,
    tree,
    texts,
    hasMacros: source.positions !== undefined,
    assertedNames: assertedNames(source),
    hypervisor: options.hypervisor ?? hypervisorOf(policy),
    trusted: trustedTypes(policy, options.trusted ?? []),
  };
}

/** The hypervisor that a policy is written for, by its classes. */
export function hypervisorOf(policy: Policy): Hypervisor {
  return policy.classes.some(({ name }) => name === OWN_CLASS) ? CORE : XEN;
}

/** The files as they were written; tables that are built in have none. */
function readTexts(source: PolicySource): LintText[] {
  if (source.positions === undefined) return [{ name: source.name, text: source.text }];
  return source.files
    .filter(({ path }) => existsSync(path))
    .map(({ path }) => ({ name: path, text: readFileSync(path, "utf8") }));
}

function assertedNames({ assertions }: PolicySource): Set<string> {
  const names = new Set<string>();
  for (const assertion of assertions.flatMap((file) => parseAssertions(file).assertions)) {
    for (const set of assertedSets(assertion)) {
      for (const { text } of set?.names ?? []) names.add(text);
    }
  }
  return names;
}

/** The sets of types that an assertion speaks of. */
export function assertedSets(assertion: Assertion): (AssertedSet | undefined)[] {
  if (assertion.kind === "neverflow") return [assertion.from, assertion.to, assertion.through];
  if (assertion.kind === "neverallow") return [assertion.sources, assertion.targets];
  return [assertion.sources, assertion.first.targets, assertion.second.targets];
}

function trustedTypes(policy: Policy, named: readonly string[]): Set<number> {
  const trusted = new Set<number>();
  for (const { name, context } of policy.initialSids) {
    if (TRUSTED_SIDS.includes(name) && context !== undefined) trusted.add(context.type);
  }
  for (const name of named) {
    const index = policy.types.findIndex((type) => type.name === name);
    if (index === -1) throw new UnknownTypeError(`there is no type ${name} in the policy`);
    trusted.add(index);
  }
  return trusted;
}
