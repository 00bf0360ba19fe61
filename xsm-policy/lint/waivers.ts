/** Comments that take a finding back: `# lint: allow L012 the reason`. */

import type { Span } from "../compiler/source.ts";
import type { LintContext, LintText } from "./context.ts";
import type { Finding, LintRule, RuleDescription } from "./rule.ts";
import { placeIn } from "./text-place.ts";

/** One waiver of one rule. */
export interface Waiver {
  readonly id: string;
  readonly reason: string;
  /** The comment itself. */
  readonly span: Span;
  /** The line that it speaks of, in the same file: its own, or the next one with code. */
  readonly line: number;
}

const WAIVER = /#[ \t]*lint:[ \t]*([^\n]*)/g;

const ORDER = /^allow[ \t]+(L\d{3}(?:[ \t]+L\d{3})*)\b[ \t]*(.*)$/;

const HINT = "a waiver is written: # lint: allow L012 the reason";

export const malformedWaiver: LintRule = {
  id: "L001",
  name: "malformed-waiver",
  severity: "warning",
  summary: "a waiver names no rule, or gives no reason",
  check(context, report) {
    for (const text of context.texts) {
      for (const { order, span } of comments(context, text)) {
        const match = ORDER.exec(order);
        if (match === null) {
          report({ message: "this waiver cannot be read", at: span, hint: HINT });
        } else if (match[2].trim() === "") {
          report({ message: `this waiver of ${match[1]} gives no reason`, at: span, hint: HINT });
        }
      }
    }
  },
};

export const unusedWaiver: RuleDescription = {
  id: "L002",
  name: "unused-waiver",
  severity: "warning",
  summary: "a waiver takes nothing back",
};

/** All waivers that can be read, reasons or not. */
export function readWaivers(context: LintContext): Waiver[] {
  return context.texts.flatMap((text) =>
    comments(context, text).flatMap(({ order, span, line }) => {
      const match = ORDER.exec(order);
      if (match === null) return [];
      const [, ids, reason] = match;
      return ids.split(/[ \t]+/).map((id) => ({ id, reason: reason.trim(), span, line }));
    }),
  );
}

/** The waiver that takes a finding back: where it stands, or where a macro call leads to it. */
export function waiverOf(finding: Finding, waivers: readonly Waiver[]): Waiver | undefined {
  const spans = [finding.span, ...(finding.within === undefined ? [] : [finding.within])];
  const calls = spans.flatMap(({ chain }) => chain ?? []);
  return waivers.find(({ id, span, line }) => {
    if (id !== finding.rule.id) return false;
    const covers = (place: Span): boolean =>
      place.file === span.file && place.line <= line && line <= (place.endLine ?? place.line);
    return (
      spans.some(covers) || calls.some(({ file, line: at }) => file === span.file && at === line)
    );
  });
}

interface Comment {
  /** What follows `lint:`. */
  readonly order: string;
  readonly span: Span;
  readonly line: number;
}

function comments(context: LintContext, text: LintText): Comment[] {
  return [...text.text.matchAll(WAIVER)].map((match) => {
    const span = placeOf(context, text, match.index, match[0].trimEnd().length);
    return { order: match[1].trim(), span, line: lineOf(context, text, match.index, span.line) };
  });
}

/** The line that a comment at `offset` speaks of. */
function lineOf(context: LintContext, text: LintText, offset: number, own: number): number {
  const whole = text.text;
  const start = whole.lastIndexOf("\n", offset) + 1;
  if (whole.slice(start, offset).trim() !== "") return own;
  const code = /^[ \t]*[^\s#].*$/m.exec(whole.slice(offset).replace(/^[^\n]*/, ""));
  if (code === null) return own;
  const skipped = whole.slice(offset).match(/^[^\n]*/)?.[0].length ?? 0;
  return placeOf(context, text, offset + skipped + code.index, 1).line;
}

/** A `policy.conf` may count its lines by `#line`; files of modules do not. */
function placeOf(context: LintContext, text: LintText, offset: number, length: number): Span {
  if (context.hasMacros) return placeIn(text, offset, length);
  return context.tree.source.span(offset, offset + length);
}
