/** What an editor shows when the pointer rests on a word: an explanation, in Markdown. */

import path from "node:path";
import type { CallSite } from "../compiler/source.ts";
import { type Subject, subjectAt } from "./cursor.ts";
import { describeAccess, describePermission } from "./describe-access.ts";
import { describeName } from "./describe-name.ts";
import { fenced, outdent } from "./markdown.ts";
import type { Place, Position } from "./place.ts";
import type { Snapshot } from "./snapshot.ts";

export interface Hover {
  readonly markdown: string;
  readonly place: Place;
}

/** Macro calls that are shown for a place that many lead to. */
const SHOWN_CHAINS = 4;

/** Explains what stands at a position. */
export function hoverAt(snapshot: Snapshot, file: string, at: Position): Hover | undefined {
  const subject = subjectAt(snapshot, file, at);
  if (subject === undefined) return ruleHover(snapshot, file, at);
  const parts = subject.kind === "macro" ? macroParts(subject) : nameParts(snapshot, subject);
  return { markdown: parts.join("\n\n"), place: subject.word.place };
}

function macroParts({ word, definitions }: Extract<Subject, { kind: "macro" }>): string[] {
  const last = definitions[definitions.length - 1];
  const head = `**${last.by === "define" ? "macro" : last.by}** \`${word.text}\``;
  const body =
    last.body === undefined
      ? []
      : [fenced(outdent(last.file.text.slice(last.body.start, last.body.end)))];
  const others =
    definitions.length > 1 ? [`Defined ${definitions.length} times; the last one counts.`] : [];
  return [head, ...(last.comment === "" ? [] : [last.comment]), ...body, ...others];
}

function nameParts(
  snapshot: Snapshot,
  { occurrences }: Extract<Subject, { kind: "name" }>,
): string[] {
  const [first] = occurrences;
  const described =
    first.kind === "permission"
      ? describePermission(snapshot, occurrences)
      : describeName(snapshot, first);
  return [...described, ...chainPart(occurrences.map(({ chain }) => chain))];
}

/** A rule as a whole, on the word that begins it. */
function ruleHover(snapshot: Snapshot, file: string, at: Position): Hover | undefined {
  const found = snapshot.rulesAt(file, at);
  if (found.length === 0) return undefined;
  const [{ place }] = found;
  const parts = describeAccess(
    snapshot,
    found.map(({ rule }) => rule),
  );
  return {
    markdown: [...parts, ...chainPart(found.map(({ chain }) => chain))].join("\n\n"),
    place,
  };
}

/** The macro calls that lead to a place. */
function chainPart(chains: readonly (readonly CallSite[])[]): string[] {
  const texts = chains
    .filter((chain) => chain.length > 0)
    .map((chain) => chain.map(callText).join(", in "));
  const all = [...new Set(texts)];
  if (all.length === 0) return [];
  const shown = all.slice(0, SHOWN_CHAINS).map((text) => `- in ${text}`);
  const more = all.length - SHOWN_CHAINS;
  if (more > 0) shown.push(`- and ${more} more`);
  return [`By macro calls:\n${shown.join("\n")}`];
}

function callText({ macro, file, line }: CallSite): string {
  return `\`${macro}()\` at ${path.basename(file)}:${line}`;
}
