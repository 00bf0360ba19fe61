/** How findings are shown: to a person, and as JSON. */

import { renderDiagnostic } from "../compiler/diagnostic.ts";
import type { SourceText } from "../compiler/source.ts";
import type { LintResult } from "./lint.ts";
import type { Finding, LintSeverity } from "./rule.ts";

/** A finding with its line, the macro calls that lead there, and what to do. */
export function renderFinding(finding: Finding, source: SourceText): string {
  const { rule, span, message, times, hint, related } = finding;
  const [, ...body] = renderDiagnostic(
    {
      severity: "warning",
      code: rule.name,
      message,
      span,
      ...(hint && { hint }),
      related: related ?? [],
    },
    source,
  ).split("\n");
  const place = `${span.file}:${span.line}:${span.column}`;
  const repeated = times === 1 ? "" : ` (${times} times, by different macro calls)`;
  const head = `${place}: ${rule.severity}: ${message}${repeated} [${rule.id} ${rule.name}]`;
  return [head, ...body].join("\n");
}

/** `2 warnings, 1 note, 3 waived`; `nothing found` */
export function summarize({ findings, waived }: LintResult): string {
  const counts = (["error", "warning", "note"] satisfies LintSeverity[]).map((severity) => {
    const count = findings.filter(({ rule }) => rule.severity === severity).length;
    return count === 0 ? "" : `${count} ${severity}${count === 1 ? "" : "s"}`;
  });
  const taken = waived.length === 0 ? "" : `${waived.length} waived`;
  const parts = [...counts, taken].filter((part) => part !== "");
  return parts.length === 0 ? "nothing found" : parts.join(", ");
}

/** The result as JSON, without the tree behind it. */
export function lintJson(input: string, { findings, waived }: LintResult): unknown {
  return {
    input,
    findings: findings.map(findingJson),
    waived: waived.map(({ finding, waiver }) => ({
      ...findingJson(finding),
      reason: waiver.reason,
    })),
  };
}

function findingJson({ rule, message, span, hint, related, times }: Finding): object {
  const { id, name, severity } = rule;
  return { id, name, severity, message, span, hint, related, times };
}
