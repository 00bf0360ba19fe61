// The bounds as a table for people.

import type { BoundsReport, OperationBound } from "./bounds.ts";

const NAME_WIDTH = 44;
const FIGURE_WIDTH = 14;

const shown = (value: number | undefined): string =>
  (value === undefined ? "-" : value.toLocaleString("en-US")).padStart(FIGURE_WIDTH);

function line({ name, of, instructions, returning, reason }: OperationBound): string {
  const about = of === undefined ? "" : `  ${of}`;
  if (instructions === undefined) return `${name.padEnd(NAME_WIDTH)}NOT BOUNDED: ${reason}\n`;
  return `${name.padEnd(NAME_WIDTH)}${shown(returning)}${shown(instructions)}${about}\n`;
}

const figures = ["returns", "any way"].map((name) => name.padStart(FIGURE_WIDTH)).join("");

const HEADING = `The most WebAssembly instructions of one step of each operation, over all states
and arguments. Bulk operations and the machine's primitives count bytes / 8. A call that is resumed
is bounded step by step. Right column: the ways that end with the machine's stop included.

${"operation".padEnd(NAME_WIDTH)}${figures}
`;

/** The table, the places where a contract is relied on, and the loops if asked for. */
export function boundsText(report: BoundsReport, withLoops: boolean): string {
  const { operations, loops, contracts } = report;
  const notes = contracts.map((one) => `  ${one}\n`).join("");
  const rounds = loops.map(({ place, rounds }) => `  ${String(rounds).padStart(6)} ${place}\n`);
  const list = withLoops ? `\nloops, and how often they go round:\n${rounds.join("")}` : "";
  return (
    `core ${report.core_sha256}\n${HEADING}${operations.map(line).join("")}\n` +
    `bytes that the contract of a primitive bounds (tcb/core/machine.ts):\n${notes}${list}`
  );
}

/** One line of a report: the operation of a running machine whose step is longest. */
export function worstLine(operations: readonly OperationBound[]): string {
  const open = operations.filter(({ instructions }) => instructions === undefined);
  if (open.length > 0) return `not bounded: ${open.map(({ name }) => name).join(", ")}\n`;
  // Doors and whole exits contain others; boot runs before any guest does.
  const single = operations.filter(({ name }) => /^(hypercall|command) /.test(name));
  const worst = single.reduce((all, one) => (one.returning! > all.returning! ? one : all));
  const figure = worst.returning!.toLocaleString("en-US");
  return (
    `all ${operations.length} operations are bounded; the longest step of a call is ${figure} ` +
    `instructions (${worst.name}); npx tsx proofs/bounds/main.ts lists them\n`
  );
}
