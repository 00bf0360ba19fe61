/** The whole way: policy text to resolved policy and access relation, with all checks. */

import type { SyntaxTree } from "./ast.ts";
import { checkBoundChains, checkBounds } from "./check-bounds.ts";
import { checkNeverAllows } from "./check-neverallow.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { parse } from "./parser.ts";
import type { Policy } from "./policy.ts";
import { type AccessRelation, buildRelation } from "./relation.ts";
import { resolve } from "./resolve.ts";
import { DiagnosticSink, TooManyErrors } from "./sink.ts";
import type { SourceInput } from "./source.ts";
import { TypeRuleTable } from "./type-transitions.ts";

export interface CompileOptions {
  /**
   * Check neverallow rules and bounds (default: true). Analysis that wants to explain a violation
   * turns this off and looks at the policy itself.
   */
  readonly assertions?: boolean;
}

export interface CompileResult {
  /** The tree, as far as the text could be read. */
  readonly tree: SyntaxTree | undefined;
  /** The resolved policy; absent when the text or its names had errors. */
  readonly policy?: Policy;
  /** The expanded allow rules; present with the policy. */
  readonly relation?: AccessRelation;
  readonly diagnostics: readonly Diagnostic[];
  /** No errors at all: outputs may be written. */
  readonly ok: boolean;
}

/**
 * Compiles one policy text. Never throws for what stands in the text: each problem is a diagnostic
 * with its place. A policy whose assertions alone fail is given back with `ok` false.
 */
export function compile(input: SourceInput, options: CompileOptions = {}): CompileResult {
  const sink = new DiagnosticSink();
  const result: { -readonly [Key in keyof CompileResult]?: CompileResult[Key] } = {};
  try {
    result.tree = parse(input, sink);
    if (sink.errorCount === 0) build(result.tree, options, sink, result);
  } catch (failure) {
    if (!(failure instanceof TooManyErrors)) throw failure;
  }
  return {
    tree: undefined,
    ...result,
    diagnostics: sink.list,
    ok: sink.errorCount === 0,
  };
}

function build(
  tree: SyntaxTree,
  options: CompileOptions,
  sink: DiagnosticSink,
  result: { policy?: Policy; relation?: AccessRelation },
): void {
  const policy = resolve(tree, sink);
  if (sink.errorCount > 0) return;
  for (const kind of ["type_transition", "type_member", "type_change"] as const) {
    new TypeRuleTable(policy, kind, sink);
  }
  checkBoundChains(policy, sink);
  if (sink.errorCount > 0) return;
  result.policy = policy;
  result.relation = buildRelation(policy);
  if (options.assertions === false) return;
  checkBounds(result.relation, sink);
  checkNeverAllows(result.relation, sink);
}
