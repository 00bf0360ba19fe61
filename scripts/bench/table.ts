// The table as text, with the notes that its ratios need.

import type { Figures } from "./measure.ts";
import { notes, type Row } from "./rows.ts";

const titles = ["", "unit", "Xenolith", "Xen", "Xen/Xenolith", "notes"];
/** Names and notes stand left, numbers right. */
const LEFT = new Set([0, 1, 5]);
const WIDTH = 98;

function number(value: number | null): string {
  return value === null ? "-" : value.toLocaleString("en-US");
}

function ratio({ xenolith, xen }: Figures): string {
  return xenolith === null || xen === null || xenolith === 0 ? "-" : (xen / xenolith).toFixed(1);
}

/** Lines of at most WIDTH characters, those after the first indented. */
function wrapped(letter: string, text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last.length + word.length + 3 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return `${letter}  ${lines.join("\n   ")}\n`;
}

/** The table; the notes follow, each once. */
export function tableText(rows: readonly Row[], figures: ReadonlyMap<string, Figures>): string {
  const cells = rows.map((row) => {
    const of = figures.get(row.name) ?? { xenolith: null, xen: null };
    return [row.name, row.unit, number(of.xenolith), number(of.xen), ratio(of), row.notes];
  });
  const all = [titles, ...cells];
  const widths = titles.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  const lines = all.map((line) => {
    const padded = line.map((cell, column) => {
      return LEFT.has(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
    });
    return padded.join("  ").trimEnd();
  });
  const letters = [...notes.keys()].filter((letter) =>
    rows.some((row) => row.notes.includes(letter)),
  );
  const explained = letters.map((letter) => wrapped(letter, notes.get(letter)!));
  return `${lines.join("\n")}\n\n${explained.join("")}`;
}
