// The source half: each rule has one function.

import type { Finding } from "../finding.ts";
import { sortFindings } from "../finding.ts";
import { parseProgram, type SourceFile } from "./compiler.ts";
import { noImplicitConversion } from "./conversions.ts";
import {
  functionsAndConstants,
  importsInCore,
  machineOnly,
  noClosures,
  noModuleState,
  noNew,
  scalarTypes,
} from "./declarations.ts";
import { boundedLoops } from "./loops.ts";
import {
  columnsOnly,
  knownNames,
  noChangetype,
  noFloats,
  noUnchecked,
  textLiterals,
} from "./names.ts";
import { type Unit, unitsOf } from "./unit.ts";

/** The rules that look at one file at a time, by number. */
export const unitRules: ReadonlyMap<number, (unit: Unit) => Finding[]> = new Map([
  [1, noNew],
  [2, functionsAndConstants],
  [3, noClosures],
  [4, scalarTypes],
  [5, textLiterals],
  [6, noFloats],
  [7, columnsOnly],
  [8, noChangetype],
  [9, noUnchecked],
  [10, noModuleState],
  [11, knownNames],
  [12, boundedLoops],
  [14, importsInCore],
  [15, machineOnly],
]);

/** The entry of the core. */
export const CORE_ENTRY = "tcb/core/core.ts";

/**
 * Judges the files that `entries` reach, out of `files`.
 * @returns what breaks a rule, in the order of the text; empty: the sources keep them all.
 */
export function checkSource(
  files: readonly SourceFile[],
  entries: readonly string[] = [CORE_ENTRY],
): Finding[] {
  const program = parseProgram(files, entries);
  const units = unitsOf(program);
  const found = units.flatMap((unit) => [...unitRules.values()].flatMap((rule) => rule(unit)));
  return sortFindings([...found, ...noImplicitConversion(program)]);
}
