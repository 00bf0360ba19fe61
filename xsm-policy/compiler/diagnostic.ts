/** What the compiler says about a policy, and how it is shown. */

import type { SourceText, Span } from "./source.ts";

/** Longest part of a source line that is shown: one token may be megabytes long. */
const EXCERPT_LENGTH = 120;

/** How many characters of the line stand before the marked place when a line is cut. */
const EXCERPT_LEAD = 40;

export type Severity = "error" | "warning";

/** A second place that a diagnostic speaks of, such as an earlier declaration. */
export interface Related {
  readonly message: string;
  readonly span: Span;
}

/** One finding: what, where, why, and what to do. `code` is stable and made for tools. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly span?: Span;
  readonly hint?: string;
  readonly related?: readonly Related[];
}

/**
 * Renders a diagnostic as `file:line:column: error: message [code]`, the source line with a
 * marker under it, the macro calls that lead there, related places and the hint.
 */
export function renderDiagnostic(diagnostic: Diagnostic, source?: SourceText): string {
  const { span, severity, message, code } = diagnostic;
  const place = span === undefined ? "" : `${span.file}:${span.line}:${span.column}: `;
  const lines = [`${place}${severity}: ${message} [${code}]`];
  if (span !== undefined) {
    lines.push(...renderExcerpt(span, source), ...renderChain(span));
  }
  for (const { message: note, span: at } of diagnostic.related ?? []) {
    lines.push(`  ${at.file}:${at.line}:${at.column}: note: ${note}`, ...renderChain(at));
  }
  if (diagnostic.hint !== undefined) lines.push(`  hint: ${diagnostic.hint}`);
  return lines.join("\n");
}

/** The source line and a line of carets under the span's part of it. */
function renderExcerpt(span: Span, source: SourceText | undefined): string[] {
  const excerpt = source?.excerpt(span);
  if (excerpt === undefined) return [];
  const cut = excerpt.column > EXCERPT_LENGTH - EXCERPT_LEAD ? excerpt.column - EXCERPT_LEAD : 0;
  const shown = printable(excerpt.text.slice(cut, cut + EXCERPT_LENGTH));
  const before = excerpt.column - 1 - cut;
  const width = Math.max(1, Math.min(span.length, shown.length - before));
  const gutter = String(span.line);
  return [
    `  ${gutter} | ${shown}`,
    `  ${" ".repeat(gutter.length)} | ${" ".repeat(Math.max(0, before))}${"^".repeat(width)}`,
  ];
}

function renderChain(span: Span): string[] {
  return (span.chain ?? []).map(
    (call) => `    in ${call.macro}() called at ${call.file}:${call.line}:${call.column}`,
  );
}

/** Control characters become spaces, so that a binary file cannot drive the terminal. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, " ");
}
