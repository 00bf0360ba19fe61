/** Findings in the Static Analysis Results Interchange Format, version 2.1.0. */

import type { CallSite, Span } from "../compiler/source.ts";
import type { LintResult } from "./lint.ts";
import type { Finding, RuleDescription } from "./rule.ts";
import { LINT_RULES } from "./rules.ts";
import { unusedWaiver, type Waiver } from "./waivers.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/** All rules that a result may name, in the order of their numbers. */
const RULES: readonly RuleDescription[] = [...LINT_RULES, unusedWaiver].sort((one, other) =>
  one.id < other.id ? -1 : 1,
);

/** The log as an object, to be written as JSON. */
export function sarifLog({ findings, waived }: LintResult): unknown {
  const results = [
    ...findings.map((finding) => resultOf(finding)),
    ...waived.map(({ finding, waiver }) => resultOf(finding, waiver)),
  ];
  const driver = { name: "xenolith policy lint", rules: RULES.map(describeRule) };
  const run = { tool: { driver }, columnKind: "utf16CodeUnits", results };
  return { $schema: SCHEMA, version: "2.1.0", runs: [run] };
}

function describeRule({ id, name, severity, summary }: RuleDescription): object {
  return {
    id,
    name,
    shortDescription: { text: `${summary[0].toUpperCase()}${summary.slice(1)}.` },
    defaultConfiguration: { level: severity },
  };
}

function resultOf(finding: Finding, waiver?: Waiver): object {
  const { rule, message, hint, span, related, times } = finding;
  const calls = span.chain ?? [];
  return {
    ruleId: rule.id,
    ruleIndex: RULES.findIndex(({ id }) => id === rule.id),
    level: rule.severity,
    message: { text: hint === undefined ? message : `${message}\n${hint}` },
    locations: [{ physicalLocation: physicalLocation(span) }],
    ...(related === undefined || related.length === 0
      ? {}
      : { relatedLocations: related.map((each, id) => relatedLocation(each, id)) }),
    ...(calls.length === 0 ? {} : { stacks: [stackOf(calls)] }),
    ...(waiver === undefined
      ? {}
      : { suppressions: [{ kind: "inSource", justification: waiver.reason }] }),
    occurrenceCount: times,
  };
}

function physicalLocation(span: Span): object {
  const { line, column, endLine, endColumn } = span;
  return {
    artifactLocation: { uri: encodeURI(span.file) },
    region: {
      startLine: line,
      startColumn: column,
      ...(endLine === undefined ? {} : { endLine, endColumn }),
    },
  };
}

function relatedLocation({ message, span }: { message: string; span: Span }, id: number): object {
  return { id, message: { text: message }, physicalLocation: physicalLocation(span) };
}

/** The macro calls that lead to a place, innermost first. */
function stackOf(calls: readonly CallSite[]): object {
  return {
    message: { text: "macro calls" },
    frames: calls.map(({ macro, file, line, column }) => ({
      location: {
        message: { text: `in ${macro}()` },
        physicalLocation: {
          artifactLocation: { uri: encodeURI(file) },
          region: { startLine: line, startColumn: column },
        },
      },
    })),
  };
}
