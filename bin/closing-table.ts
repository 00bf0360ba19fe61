// The table that a run ends with: what each guest did.

import pc from "picocolors";
import { type Closing, endedWell } from "./closing-lines.ts";

const titles = [
  "guest",
  "ended by",
  "vCPUs",
  "memory",
  "CPU time",
  "hypercalls",
  "denials",
  "exits",
];
/** Texts stand left, numbers right. */
const LEFT = new Set([0, 1, 7]);

function exitsOf(closing: Closing): string {
  const kinds = Object.entries(closing.exits).sort(([, a], [, b]) => b - a);
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  return `${total}: ${kinds.map(([kind, count]) => `${kind} ${count}`).join(", ")}`;
}

function cells(closing: Closing): string[] {
  return [
    closing.name,
    closing.state,
    String(closing.vcpus),
    `${closing.memoryMib.toFixed(1)} MiB`,
    `${closing.cpuSeconds.toFixed(2)} s`,
    String(closing.hypercalls),
    String(closing.denials),
    exitsOf(closing),
  ];
}

/** The closing table as text. Colours mark who did not end well, and who was denied something. */
export function closingTable(closings: readonly Closing[]): string {
  const rows = [titles, ...closings.map(cells)];
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row, index) => {
    const padded = row.map((cell, column) => {
      const width = widths[column]!;
      return LEFT.has(column) ? cell.padEnd(width) : cell.padStart(width);
    });
    const line = padded.join("  ").trimEnd();
    const closing = closings[index - 1];
    if (closing === undefined) return pc.bold(line);
    return endedWell(closing) ? line : pc.red(line);
  });
  return `${lines.join("\n")}\n`;
}
