// Reading a setting as what its key wants: text, a whole number, a list of texts.

import { type Place, problemHere, type Setting, type Settings } from "./config-syntax.ts";

/** A value together with the place that it was read from. */
export interface Placed<T> extends Place {
  readonly value: T;
}

function textOf(setting: Setting): Placed<string> {
  const { value } = setting;
  if (value.kind === "atom") return { ...value, value: value.text };
  throw problemHere(value, `${setting.name} is a string, not a list`);
}

/** A string setting; undefined when it is not there. */
export function text(settings: Settings, name: string): Placed<string> | undefined {
  const setting = settings.get(name);
  return setting === undefined ? undefined : textOf(setting);
}

/** A whole number from `least` to `most`; quotes around it do not matter, as in xl. */
export function wholeNumber(
  settings: Settings,
  name: string,
  least: number,
  most: number,
): Placed<number> | undefined {
  const found = text(settings, name);
  if (found === undefined) return undefined;
  const written = found.value;
  const value = /^(0x[0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.test(written)
    ? parse(written)
    : Number.NaN;
  if (value >= least && value <= most) return { ...found, value };
  throw problemHere(found, `${name} is a whole number from ${least} to ${most}, not "${written}"`);
}

/** As strtoul with base 0 reads it: a leading 0 means octal. */
function parse(written: string): number {
  if (/^0[0-7]+$/.test(written)) return Number.parseInt(written, 8);
  return Number(written);
}

/** A list of strings; one string alone counts as a list, as in xl. */
export function texts(settings: Settings, name: string): Placed<string>[] | undefined {
  const setting = settings.get(name);
  if (setting === undefined) return undefined;
  if (setting.value.kind === "atom") return [textOf(setting)];
  return setting.value.values.map((value) => {
    if (value.kind === "atom") return { ...value, value: value.text };
    throw problemHere(value, `${name} is a list of strings, not of lists`);
  });
}

/** The name in `known` that `name` most likely meant, as the tail of an error message. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const ranked = [...known]
    .map((candidate) => ({ candidate, distance: distance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  const best = ranked[0];
  const near = best !== undefined && best.distance <= Math.max(1, Math.floor(name.length / 3));
  return near ? `; did you mean "${best.candidate}"?` : "";
}

/** How many letters to insert, delete, replace or swap with their neighbour (optimal alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, replaced);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
