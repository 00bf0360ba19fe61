/** What is wrong with a policy, file by file. */

import type { Diagnostic as PolicyDiagnostic, Related } from "../compiler/diagnostic.ts";
import type { CallSite, Span } from "../compiler/source.ts";
import { lint } from "../lint/lint.ts";
import type { LintSeverity } from "../lint/rule.ts";
import { type Place, placeKey, placeOfCall, placeOfSpan } from "./place.ts";
import type { Snapshot } from "./snapshot.ts";

/** Something to show at a place, with other places that belong to it. */
export interface Problem {
  readonly place: Place;
  readonly severity: LintSeverity;
  readonly code: string;
  readonly message: string;
  readonly related: readonly { readonly place: Place; readonly message: string }[];
}

/** What the compiler says. */
export function compilerProblems(snapshot: Snapshot): Problem[] {
  return snapshot.diagnostics.map((diagnostic) => problemOf(snapshot, diagnostic));
}

/** What the linter says; nothing while the policy does not compile. */
export function lintProblems(snapshot: Snapshot): Problem[] {
  const context = snapshot.lintContext;
  if (context === undefined) return [];
  return lint(context).findings.map(({ rule, message, span, hint, related }) => {
    const found = { severity: rule.severity, code: rule.id, message, span };
    return problemOf(snapshot, { ...found, ...(hint && { hint }), related: related ?? [] });
  });
}

function problemOf(
  snapshot: Snapshot,
  {
    severity,
    code,
    message,
    span,
    hint,
    related = [],
  }: Omit<PolicyDiagnostic, "severity"> & {
    readonly severity: LintSeverity;
  },
): Problem {
  const text = hint === undefined ? message : `${message}\n${hint}`;
  return {
    place: problemPlace(snapshot, span),
    severity,
    code,
    message: text,
    related: [...relatedPlaces(snapshot, related), ...calls(span?.chain ?? [])],
  };
}

/** Where a problem is shown: what has no place is shown at the policy's beginning. */
function problemPlace(snapshot: Snapshot, span: Span | undefined): Place {
  const { source, hasMacros } = snapshot;
  if (span === undefined) {
    return { file: source.name, line: 0, character: 0, endLine: 0, endCharacter: 0 };
  }
  // `#line` moves what messages say, not where the text is.
  if (!hasMacros) return snapshot.place(span.offset, span.offset + span.length);
  return placeOfSpan(span);
}

function relatedPlaces(snapshot: Snapshot, related: readonly Related[]): Problem["related"] {
  return related.map(({ message, span }) => ({ place: problemPlace(snapshot, span), message }));
}

function calls(chain: readonly CallSite[]): Problem["related"] {
  return chain.map((call) => ({ place: placeOfCall(call), message: `in ${call.macro}()` }));
}

/** Problems by file, each once: what several policies have in common is said once. */
export function byFile(problems: readonly Problem[]): Map<string, Problem[]> {
  const files = new Map<string, Map<string, Problem>>();
  for (const problem of problems) {
    const key = `${placeKey(problem.place)} ${problem.code} ${problem.message}`;
    const known = files.get(problem.place.file) ?? new Map<string, Problem>();
    files.set(problem.place.file, known.set(key, problem));
  }
  return new Map([...files].map(([file, list]) => [file, [...list.values()]]));
}
