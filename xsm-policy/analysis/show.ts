/** Writes steps, grants and rules as text for people. */

import type { Span } from "../compiler/source.ts";
import type { AttributePath, RuleOrigin } from "./provenance.ts";
import type { GrantReport, StepReport } from "./witness.ts";

/** Rules that grant the same, and alternatives of a step, that are shown. */
const SHOWN_RULES = 3;
const SHOWN_ALTERNATIVES = 6;

/** `file:line:column`; empty where there is no text. */
export function placeText(span: Span | undefined): string {
  return span === undefined ? "" : `${span.file}:${span.line}:${span.column}`;
}

/** A step with all that it needs, indented by two spaces more than `indent`. */
export function stepLines(step: StepReport, indent: string): string[] {
  const calls = step.operations.length === 0 ? "" : ` [${step.operations.join(", ")}]`;
  const lines = [`${indent}${step.from} ${step.means} ${step.to}${calls}`];
  for (const grant of step.grants) lines.push(...grantLines(grant, `${indent}  `));
  if (step.alternatives.length > 0) {
    lines.push(`${indent}  also by: ${listText(step.alternatives, SHOWN_ALTERNATIVES)}`);
  }
  return lines;
}

/** A grant with the rules that give it. */
export function grantLines(grant: GrantReport, indent: string): string[] {
  const { source, target, class: className, permissions } = grant;
  const lines = [`${indent}${source} ${target}:${className} ${setText(permissions)}`];
  for (const rule of grant.rules.slice(0, SHOWN_RULES)) {
    lines.push(...ruleLines(rule, `${indent}  `));
  }
  const more = grant.rules.length - SHOWN_RULES;
  if (more > 0) lines.push(`${indent}  and ${more} more ${more === 1 ? "rule" : "rules"}`);
  return lines;
}

/** A rule: where it stands, the attributes by which it applies, its condition, its macro calls. */
export function ruleLines(rule: RuleOrigin, indent: string): string[] {
  const place = placeText(rule.span);
  const lines = [`${indent}${place === "" ? "" : `${place}: `}${rule.text}`];
  for (const path of [rule.source, rule.target]) {
    if (path !== undefined) lines.push(`${indent}  ${attributeText(path)}`);
  }
  if (rule.condition !== "") lines.push(`${indent}  if ${rule.condition}`);
  for (const call of rule.span?.chain ?? []) {
    const at = `${call.file}:${call.line}:${call.column}`;
    lines.push(`${indent}  in ${call.macro}() called at ${at}`);
  }
  return lines;
}

/** `type is in attribute (file:line:column)` */
export function attributeText({ type, attribute, span }: AttributePath): string {
  const place = placeText(span);
  return `${type} is in ${attribute}${place === "" ? "" : ` (${place})`}`;
}

/** `name` or `{ name name }` */
export function setText(names: readonly string[]): string {
  return names.length === 1 ? names[0] : `{ ${names.join(" ")} }`;
}

/** The first names of a list, and how many more there are. */
export function listText(names: readonly string[], limit: number): string {
  const more = names.length - limit;
  const shown = names.slice(0, limit).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
