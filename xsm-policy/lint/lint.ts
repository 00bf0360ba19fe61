/** Runs the lint rules over a policy. */

import type { Node, SyntaxTree } from "../compiler/ast.ts";
import type { Span } from "../compiler/source.ts";
import type { LintContext } from "./context.ts";
import type { Finding, LintRule, Report } from "./rule.ts";
import { LINT_RULES } from "./rules.ts";
import { malformedWaiver, readWaivers, unusedWaiver, type Waiver, waiverOf } from "./waivers.ts";

const KNOWN_IDS = new Set(LINT_RULES.map(({ id }) => id));

/** A finding that a waiver takes back. */
export interface WaivedFinding {
  readonly finding: Finding;
  readonly waiver: Waiver;
}

export interface LintResult {
  /** What stands, by file and line. */
  readonly findings: readonly Finding[];
  readonly waived: readonly WaivedFinding[];
}

/**
 * Lints a policy.
 * @param rules those to run; all when absent. Waivers of others are not held to be unused.
 */
export function lint(context: LintContext, rules: readonly LintRule[] = LINT_RULES): LintResult {
  const all = rules.flatMap((rule) => runRule(rule, context));
  const waivers = readWaivers(context);
  const findings: Finding[] = [];
  const waived: WaivedFinding[] = [];
  for (const finding of merge(all)) {
    const waiver = waiverOf(finding, waivers);
    if (waiver === undefined) findings.push(finding);
    else waived.push({ finding, waiver });
  }
  const used = new Set(waived.map(({ waiver }) => waiver));
  const ran = new Set(rules.map(({ id }) => id));
  for (const waiver of waivers) {
    const finding = { span: waiver.span, times: 1 };
    if (!KNOWN_IDS.has(waiver.id)) {
      findings.push({
        ...finding,
        rule: malformedWaiver,
        message: `there is no rule ${waiver.id}`,
      });
    } else if (!used.has(waiver) && ran.has(waiver.id)) {
      const message = `there is no ${waiver.id} to take back here`;
      findings.push({ ...finding, rule: unusedWaiver, message });
    }
  }
  return { findings: findings.sort(byPlace), waived };
}

function runRule(rule: LintRule, context: LintContext): Finding[] {
  const { tree } = context;
  const found: Finding[] = [];
  rule.check(context, ({ at, within, ...report }: Report) => {
    found.push({
      rule,
      ...report,
      span: spanOf(tree, at),
      ...(within === undefined ? {} : { within: spanOf(tree, within) }),
      times: 1,
    });
  });
  return found;
}

function spanOf(tree: SyntaxTree, at: Node | Span): Span {
  return "file" in at ? at : tree.span(at);
}

/** Keeps one finding for each place, and counts how often it came. */
function merge(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const { file, line, column } = finding.span;
    const key = `${finding.rule.id} ${line} ${column} ${file}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? finding : { ...known, times: known.times + 1 });
  }
  return [...merged.values()];
}

function byPlace(one: Finding, other: Finding): number {
  const { span, rule } = one;
  if (span.file !== other.span.file) return span.file < other.span.file ? -1 : 1;
  if (span.line !== other.span.line) return span.line - other.span.line;
  if (span.column !== other.span.column) return span.column - other.span.column;
  return rule.id < other.rule.id ? -1 : 1;
}
