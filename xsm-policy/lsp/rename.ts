/** Renames what a policy names, across macros, and proves that the policy stays the same. */

import { parseAssertions } from "../assertions/parse.ts";
import { BitSet } from "../compiler/bits.ts";
import type { Policy } from "../compiler/policy.ts";
import { KEYWORDS } from "../compiler/tokens.ts";
import { assertedSets } from "../lint/load.ts";
import type { NamedKind } from "../lint/occurrences.ts";
import { type Subject, subjectAt } from "./cursor.ts";
import { declarationsOf, macroCalls, macroPlace, unique } from "./definition.ts";
import { type Place, type Position, placeKey, placeOfSpan } from "./place.ts";
import type { Project } from "./project.ts";
import type { Occurrence, Snapshot } from "./snapshot.ts";

/** Why something cannot be renamed. */
export class RenameError extends Error {}

/** A name in place of another. */
export interface TextEdit {
  readonly place: Place;
  readonly text: string;
}

/** What hypervisors know by name, and what is no name of the policy's own. */
const FIXED_KINDS: ReadonlySet<NamedKind> = new Set([
  "class",
  "permission",
  "common",
  "sid",
  "sensitivity",
  "category",
  "capability",
]);

const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_-]*$/;

/**
 * The word that a rename at a position would replace.
 * @throws RenameError if it cannot be renamed
 */
export function renameTarget(snapshot: Snapshot, file: string, at: Position): Place {
  return renamable(snapshot, file, at).word.place;
}

function renamable(snapshot: Snapshot, file: string, at: Position): Subject {
  const subject = subjectAt(snapshot, file, at);
  if (subject === undefined) throw new RenameError("nothing that has a name stands here");
  if (subject.kind === "macro") {
    if (subject.definitions.some(({ file: { name } }) => !snapshot.files.has(name))) {
      throw new RenameError("the macro is built in");
    }
    return subject;
  }
  const [{ kind, text, isWhole }] = subject.occurrences;
  if (FIXED_KINDS.has(kind)) throw new RenameError(`the ${kind} ${text} is the hypervisor's`);
  const isPasted = declarationsOf(snapshot, subject).some((each) => !each.isWhole);
  if (!isWhole || isPasted || text !== subject.word.text) {
    throw new RenameError("a macro makes this name: rename what it is made of");
  }
  return subject;
}

/**
 * The edits that give what stands at a position a new name wherever it is written, and names that
 * macros paste together from it. The policy with the edits is compiled and compared.
 * @throws RenameError if the name will not do, or the policy would not be the same
 */
export function renameAt(
  project: Project,
  file: string,
  at: Position,
  name: string,
  open: ReadonlyMap<string, string>,
): TextEdit[] {
  const { snapshot } = project;
  const subject = renamable(snapshot, file, at);
  if (!IDENTIFIER.test(name) || KEYWORDS.some((word) => word === name.toLowerCase())) {
    throw new RenameError(`'${name}' cannot be a name`);
  }
  if (!snapshot.compiled.ok) throw new RenameError("the policy has errors: mend them first");
  const names = new Map([[subject.word.text, name]]);
  const edits =
    subject.kind === "macro"
      ? macroEdits(snapshot, subject, name)
      : nameEdits(snapshot, subject.occurrences[0].kind, names);
  const taken = [...names.values()].find((each) => isTaken(snapshot, each));
  if (taken !== undefined) throw new RenameError(`there is something called ${taken} already`);
  const after = project.withTexts(new Map([...open, ...editedTexts(snapshot, edits)]));
  if (!isSame(snapshot.compiled.policy, after.compiled.policy, names)) {
    throw new RenameError("the rename would change what the policy says");
  }
  return edits;
}

function isTaken(snapshot: Snapshot, name: string): boolean {
  if (snapshot.macros.of(name).length > 0) return true;
  return [...snapshot.occurrences()].some(({ text }) => text === name);
}

function macroEdits(
  snapshot: Snapshot,
  { word, definitions }: Extract<Subject, { kind: "macro" }>,
  name: string,
): TextEdit[] {
  const places = [
    ...definitions.map((each) => macroPlace(snapshot, each)),
    ...macroCalls(snapshot, word.text),
  ];
  return unique(places).map((place) => ({ place, text: name }));
}

/** Edits for a name and, as long as there are new ones, for the names that are made from it. */
function nameEdits(snapshot: Snapshot, kind: NamedKind, names: Map<string, string>): TextEdit[] {
  const edits = new Map<string, TextEdit>();
  for (let before = -1; before !== edits.size; ) {
    before = edits.size;
    for (const [old, replacement] of names) {
      for (const place of writtenPlaces(snapshot, kind, old)) {
        const key = placeKey(place);
        if (!edits.has(key)) edits.set(key, { place, text: replacement });
      }
    }
    for (const occurrence of snapshot.occurrences()) {
      const { text, isWhole } = occurrence;
      if (isWhole || names.has(text) || ![...names.keys()].some((each) => text.includes(each))) {
        continue;
      }
      const derived = pastedName(snapshot, occurrence, edits);
      if (derived !== text) names.set(text, derived);
    }
  }
  return [...edits.values()];
}

/** Where a name is written: in rules, in macro bodies that nothing calls, in assertions. */
function writtenPlaces(snapshot: Snapshot, kind: NamedKind, name: string): Place[] {
  // A `-` in front takes the name out of a set, unless it joins two parts of one name.
  const pattern = new RegExp(`(?<![\\w.$]|[\\w$]-)${name}(?![\\w$]|[.-]\\w)`, "g");
  const places = assertedPlaces(snapshot, name);
  const assertionFiles = new Set(snapshot.source.assertions.map((file) => file.name));
  for (const file of snapshot.files.values()) {
    if (assertionFiles.has(file.name)) continue;
    const lines = snapshot.lines(file.name);
    const known = occurrencesByStart(snapshot, file.name);
    for (const { index } of file.text.matchAll(pattern)) {
      const start = file.text.lastIndexOf("\n", index - 1) + 1;
      if (file.text.slice(start, index).includes("#")) continue;
      const place = lines.place(file.name, index, index + name.length);
      const kinds = known.get(`${place.line}:${place.character}`);
      if (kinds === undefined || kinds.has(kind)) places.push(place);
    }
  }
  return unique(places);
}

/** Kinds of the names that begin at each place of a file. */
function occurrencesByStart(snapshot: Snapshot, file: string): Map<string, Set<NamedKind>> {
  const known = new Map<string, Set<NamedKind>>();
  for (const { place, kind } of snapshot.occurrencesIn(file)) {
    const key = `${place.line}:${place.character}`;
    known.set(key, (known.get(key) ?? new Set()).add(kind));
  }
  return known;
}

function assertedPlaces({ source }: Snapshot, name: string): Place[] {
  return source.assertions.flatMap((file) =>
    parseAssertions(file)
      .assertions.flatMap(assertedSets)
      .flatMap((set) => set?.names ?? [])
      .filter(({ text }) => text === name)
      .map(({ span }) => placeOfSpan(span)),
  );
}

/** What becomes of a pasted name when the pieces that it is made of are edited. */
function pastedName(
  snapshot: Snapshot,
  { text, offset }: Occurrence,
  edits: ReadonlyMap<string, TextEdit>,
): string {
  let result = "";
  for (let at = 0; at < text.length; ) {
    const edit = editAt(snapshot, offset + at, text.length - at, edits);
    if (edit === undefined) result += text[at++];
    else {
      result += edit.edit.text;
      at += edit.length;
    }
  }
  return result;
}

/** The edit of the piece of text that begins at an offset, if it is edited as a whole. */
function editAt(
  snapshot: Snapshot,
  offset: number,
  longest: number,
  edits: ReadonlyMap<string, TextEdit>,
): { readonly edit: TextEdit; readonly length: number } | undefined {
  const start = snapshot.place(offset, offset + 1);
  for (const edit of edits.values()) {
    const { place } = edit;
    const length = place.endCharacter - place.character;
    const begins =
      place.file === start.file && place.line === start.line && place.character === start.character;
    if (!begins || length > longest) continue;
    if (placeKey(snapshot.place(offset, offset + length)) === placeKey(place))
      return { edit, length };
  }
  return undefined;
}

/** The texts of the files that edits change. */
export function editedTexts(snapshot: Snapshot, edits: readonly TextEdit[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const file of new Set(edits.map(({ place }) => place.file))) {
    const list = edits.filter(({ place }) => place.file === file);
    const lines = snapshot.lines(file);
    let text = snapshot.files.get(file)?.text ?? "";
    const ordered = list
      .map(({ place, text: replacement }) => ({
        start: lines.offset(place),
        end: lines.offset({ line: place.endLine, character: place.endCharacter }),
        replacement,
      }))
      .sort((one, other) => other.start - one.start);
    for (const { start, end, replacement } of ordered) {
      text = text.slice(0, start) + replacement + text.slice(end);
    }
    texts.set(file, text);
  }
  return texts;
}

/** Whether two policies are the same but for names. */
function isSame(
  before: Policy | undefined,
  after: Policy | undefined,
  names: ReadonlyMap<string, string>,
): boolean {
  if (before === undefined || after === undefined) return false;
  return essence(before, names) === essence(after, new Map());
}

/** All that a policy says, by number, with its names; without the places where it stands. */
function essence(policy: Policy, names: ReadonlyMap<string, string>): string {
  const renamed = (name: string): string => names.get(name) ?? name;
  return JSON.stringify(policy, (key, value: unknown) => {
    if (key === "tree" || key === "node" || key === "declared") return undefined;
    if (value instanceof BitSet) return value.toArray();
    if (typeof value === "bigint") return String(value);
    if (key === "name" && typeof value === "string") return renamed(value);
    return key === "aliases" && Array.isArray(value) ? value.map(renamed) : value;
  });
}
