/** Where names are declared, macros defined, and where they are used. */

import { existsSync } from "node:fs";
import path from "node:path";
import type { NamedKind } from "../lint/occurrences.ts";
import { type Subject, subjectAt } from "./cursor.ts";
import type { MacroDefinition } from "./macro-index.ts";
import { type Place, type Position, placeKey } from "./place.ts";
import type { Occurrence, Snapshot } from "./snapshot.ts";

/** The folder of the tables that are used when a policy brings none. */
const BUILT_IN_TABLES = path.join(import.meta.dirname, "../policy/flask");

const BUILT_IN = "(built in)/";

/** The file on disk that a name in messages stands for; undefined if there is none to open. */
export function fileOnDisk(name: string): string | undefined {
  if (!name.startsWith(BUILT_IN)) return path.resolve(name);
  const file = path.join(BUILT_IN_TABLES, name.slice(BUILT_IN.length));
  return existsSync(file) ? file : undefined;
}

/** Where what stands at a position is defined: the name's declaration, and the macro that makes it.
 *  */
export function definitionsAt(snapshot: Snapshot, file: string, at: Position): Place[] {
  const subject = subjectAt(snapshot, file, at);
  if (subject === undefined) return [];
  if (subject.kind === "macro")
    return subject.definitions.map((each) => macroPlace(snapshot, each));
  return unique(declarationsOf(snapshot, subject).map(({ place }) => place));
}

/** Where a macro's name stands in its definition. */
export function macroPlace(snapshot: Snapshot, { file, offset, name }: MacroDefinition): Place {
  return snapshot.lines(file.name).place(file.name, offset, offset + name.length);
}

/** The declarations of what a name means; a permission counts in the classes that are meant. */
export function declarationsOf(
  snapshot: Snapshot,
  { occurrences, word }: Extract<Subject, { kind: "name" }>,
): Occurrence[] {
  const [first] = occurrences;
  const all = occurrencesOf(snapshot, first.kind, first.text);
  const declared = all.filter(({ manner }) => manner === "declare");
  if (first.kind !== "permission") return declared;
  const classes = new Set(occurrences.flatMap((each) => classesOf(each)));
  const narrowed = declared.filter((each) => classesOf(each).some((of) => classes.has(of)));
  return narrowed.length > 0 ? narrowed : declared.filter(({ text }) => text === word.text);
}

/** The names of the classes whose permissions a statement speaks of. */
export function classesOf({ tree, statement }: Occurrence): string[] {
  if (statement.kind === "access-vector" || statement.kind === "common") {
    return [tree.text(statement.name)];
  }
  if (statement.kind !== "access-rule" && statement.kind !== "constrain") return [];
  return tree.members(statement.classes).map(({ text }) => text);
}

/** Everything of one kind and name. */
export function occurrencesOf(snapshot: Snapshot, kind: NamedKind, text: string): Occurrence[] {
  return [...snapshot.occurrences()].filter((each) => each.kind === kind && each.text === text);
}

/** Every place at which what stands at a position is written. */
export function referencesAt(
  snapshot: Snapshot,
  file: string,
  at: Position,
  withDeclaration: boolean,
): Place[] {
  const subject = subjectAt(snapshot, file, at);
  if (subject === undefined) return [];
  if (subject.kind === "macro") {
    const calls = macroCalls(snapshot, subject.word.text);
    const defined = subject.definitions.map((each) => macroPlace(snapshot, each));
    return unique(withDeclaration ? [...defined, ...calls] : calls);
  }
  const [{ kind, text }] = subject.occurrences;
  const all = occurrencesOf(snapshot, kind, text);
  const wanted = withDeclaration ? all : all.filter(({ manner }) => manner !== "declare");
  return unique(wanted.map(({ place }) => place));
}

/** Where a macro's name is written in the files, its definitions left out. */
export function macroCalls(snapshot: Snapshot, name: string): Place[] {
  const pattern = new RegExp(`(?<![\\w.$-])${name}(?![\\w$])`, "g");
  const defined = new Set(
    snapshot.macros.of(name).map(({ file, offset }) => `${offset} ${file.name}`),
  );
  const places: Place[] = [];
  for (const file of snapshot.files.values()) {
    for (const { index } of file.text.matchAll(pattern)) {
      if (defined.has(`${index} ${file.name}`)) continue;
      const line = file.text.slice(file.text.lastIndexOf("\n", index - 1) + 1, index);
      if (line.includes("#")) continue;
      places.push(snapshot.lines(file.name).place(file.name, index, index + name.length));
    }
  }
  return places;
}

/** The same places, once each. */
export function unique(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [placeKey(place), place])).values()];
}
