// A counterexample for a reader.

import { columns } from "../../tcb/core/layout.ts";
import { cellName } from "./noting.ts";
import type { Counterexample } from "./search.ts";

const LIMIT_ROWS = 40;
const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The state, the clauses that speak of it, and what differs. */
export function showCounterexample({ witness, replay }: Counterexample): string {
  const { family, operation, property, args, rows, answers } = witness;
  const named = rows.map(([name, row, value]) => {
    const column = columns.find((one) => one.name === name)!;
    return [cellName(column, row), value] as const;
  });
  const state = named
    .filter(([name]) => replay.looked.has(name))
    .slice(0, LIMIT_ROWS)
    .map(([name, value]) => `    ${name} = ${hex(value)}\n`);
  const said = answers.map(([number, value]) => `    event ${number} gives ${hex(value)}\n`);
  const clauses = [...new Map(replay.clauses.map((one) => [one.id, one])).values()];
  const last = clauses.slice(-3).map(({ id, says }) => `    ${id}: ${says}\n`);
  const differences = replay.differences.map(
    ({ what, core, specification }) =>
      `    ${what}: the core ${core}, the specification ${specification}\n`,
  );
  const end =
    differences.length > 0
      ? `  replayed, they differ:\n${differences.join("")}`
      : "  replayed, they do not differ: the state may be one that cannot occur\n";
  return [
    `counterexample to ${family}: ${operation}: ${property}\n`,
    `  called with ${args.map(hex).join(", ")}, and the rows looked at are 0 but:\n`,
    ...state,
    ...said,
    "  the last clauses of the specification:\n",
    ...last,
    end,
  ].join("");
}
