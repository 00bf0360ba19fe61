// A counterexample as plain numbers: a state, the arguments of one function, and what the machine
// answers. It replays without a solver.

import { type Assignment, evaluate, type Term } from "../term/index.ts";
import type { Cells, Column, State } from "../wasm/index.ts";

export interface Witness {
  readonly family: string;
  readonly operation: string;
  readonly property: string;
  /** As a case names it. */
  readonly function: string;
  readonly args: readonly bigint[];
  /** Rows that do not hold 0: column, row, value. */
  readonly rows: readonly (readonly [string, number, bigint])[];
  /** The machine's answers by the number of the event; those that are not here are 0. */
  readonly answers: readonly (readonly [number, bigint])[];
  readonly linearBase: bigint;
}

/** The function that stands for what the machine answers. */
export const ANSWERS = "machine.result";
const BASE = "machine.linearBase";
const BASE_SHIFT = 21n;

/** The state that an assignment describes, with what the case itself has written into it. */
export function witnessOf(
  goal: { readonly family: string; readonly operation: string; readonly property: string },
  name: string,
  args: readonly Term[],
  start: State,
  assignment: Assignment,
): Witness {
  const rows = new Map<string, readonly [string, number, bigint]>();
  const put = (column: Column, row: bigint, value: bigint): void => {
    if (row >= BigInt(column.rows)) return;
    rows.set(`${column.name} ${row}`, [column.name, Number(row), value]);
  };
  for (const column of start.space.columns.values()) {
    for (const [row, value] of assignment.functions.get(column.name) ?? []) {
      put(column, BigInt(row), value);
    }
    for (const [row, value] of writesOf(start.contents(column.name), assignment)) {
      put(column, row, value);
    }
  }
  const answers = [...(assignment.functions.get(ANSWERS) ?? [])];
  const { family, operation, property } = goal;
  return {
    family,
    operation,
    property,
    function: name,
    args: args.map((term) => evaluate(term, assignment)),
    rows: [...rows.values()].filter(([, , value]) => value !== 0n),
    answers: answers.map(([number, value]) => [Number(number), value] as const),
    linearBase: (assignment.variables.get(BASE) ?? 0n) << BASE_SHIFT,
  };
}

/** What a case has written before the function runs, oldest first. */
function writesOf(cells: Cells, assignment: Assignment): (readonly [bigint, bigint])[] {
  if (cells.kind !== "write") return [];
  const own = [evaluate(cells.index, assignment), evaluate(cells.value, assignment)] as const;
  return [...writesOf(cells.older, assignment), own];
}
