// What a checker says: where, which rule, what it saw.

import { ruleOf } from "./rules.ts";

export interface Finding {
  /** Number of the rule in rules.ts. */
  readonly rule: number;
  /** Source file, or the name of the binary. */
  readonly file: string;
  /** From 1; in a binary without a source map, line is 0 and column the byte offset. */
  readonly line: number;
  readonly column: number;
  /** What was seen, in the source's own words where there are any. */
  readonly what: string;
}

/** One finding as three lines: place, rule and what; why; what to do. */
export function formatFinding(finding: Finding): string {
  const rule = ruleOf(finding.rule);
  const number = String(rule.number).padStart(2, "0");
  const place = `${finding.file}:${finding.line}:${finding.column}`;
  return [
    `${place}: rule ${number} (${rule.name}): ${finding.what}`,
    `    why: ${rule.reason}`,
    `    do:  ${rule.remedy}`,
  ].join("\n");
}

/** Findings in the order of files, lines and columns; the same place and text only once. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const key = ({ file, line, column, rule, what }: Finding) =>
    JSON.stringify([file, line, column, rule, what]);
  const once = [...new Map(findings.map((finding) => [key(finding), finding])).values()];
  return once.sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      a.line - b.line ||
      a.column - b.column ||
      a.rule - b.rule,
  );
}
