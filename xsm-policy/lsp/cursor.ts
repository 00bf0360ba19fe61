/** What stands under the cursor. */

import type { MacroDefinition } from "./macro-index.ts";
import { covers, type Place, type Position } from "./place.ts";
import type { Occurrence, Snapshot } from "./snapshot.ts";

/** A word of a file. */
export interface Word {
  readonly text: string;
  readonly place: Place;
  /** A parenthesis follows at once: the word may be a macro call. */
  readonly isCall: boolean;
}

const WORD = /[A-Za-z_][\w$]*(?:[.-][\w$]+)*/g;

/** The word at a position, comments included. */
export function wordAt(snapshot: Snapshot, file: string, at: Position): Word | undefined {
  const text = snapshot.files.get(file)?.text;
  if (text === undefined) return undefined;
  const lines = snapshot.lines(file);
  const start = lines.offset({ line: at.line, character: 0 });
  const newline = text.indexOf("\n", start);
  const line = text.slice(start, newline === -1 ? text.length : newline);
  for (const { 0: word, index } of line.matchAll(WORD)) {
    const end = index + word.length;
    if (at.character < index || at.character > end) continue;
    const place = lines.place(file, start + index, start + end);
    return { text: word, place, isCall: line[end] === "(" };
  }
  return undefined;
}

/** Where a line's comment begins; -1 if it has none. */
export function commentStart(snapshot: Snapshot, file: string, line: number): number {
  const text = snapshot.files.get(file)?.text ?? "";
  const start = snapshot.lines(file).offset({ line, character: 0 });
  const newline = text.indexOf("\n", start);
  return text.slice(start, newline === -1 ? text.length : newline).indexOf("#");
}

/** Something of the policy under the cursor. */
export type Subject =
  | {
      readonly kind: "macro";
      readonly word: Word;
      readonly definitions: readonly MacroDefinition[];
    }
  | { readonly kind: "name"; readonly word: Word; readonly occurrences: readonly Occurrence[] };

/** What the word at a position means; undefined for words that mean nothing here. */
export function subjectAt(snapshot: Snapshot, file: string, at: Position): Subject | undefined {
  const word = wordAt(snapshot, file, at);
  if (word === undefined) return undefined;
  const comment = commentStart(snapshot, file, at.line);
  if (comment !== -1 && comment < word.place.character) return undefined;
  const occurrences = occurrencesAt(snapshot, file, at, word);
  const definitions = snapshot.macros.of(word.text);
  const isDefinition = definitions.some(
    (each) => each.file.name === file && snapshot.lines(file).offset(word.place) === each.offset,
  );
  if (definitions.length > 0 && (word.isCall || isDefinition || occurrences.length === 0)) {
    return { kind: "macro", word, definitions };
  }
  return occurrences.length === 0 ? undefined : { kind: "name", word, occurrences };
}

/**
 * The names at a position: those written there, or pasted together from there on; for a word that
 * no rule has reached, those of the same text elsewhere.
 */
function occurrencesAt(
  snapshot: Snapshot,
  file: string,
  at: Position,
  word: Word,
): readonly Occurrence[] {
  const here = snapshot.occurrencesIn(file).filter(({ place }) => covers(place, at));
  const exact = here.filter(({ text, isWhole }) => isWhole && text === word.text);
  if (exact.length > 0) return exact;
  const same = [...snapshot.occurrences()].filter(({ text }) => text === word.text);
  const declared = same.filter(({ manner }) => manner === "declare");
  if (declared.length > 0) return declared;
  return same.length > 0 ? same.slice(0, 1) : here.filter(({ text }) => text.includes(word.text));
}
