// Noninterference, confidentiality: what a step tells its caller. Two states that look alike to the
// caller, the same call, the same answers of the machine and of its memory: the result is the same,
// the same happens to its memory, and the states look alike to it again. It is shown of the
// specification's steps; refinement carries it over to the code. What looks alike: its own rows,
// and what is disclosed to it (disclosures.ts).

import type { Word } from "../../spec/lang/word.ts";
import { type TableName, tables, textColumns } from "../../spec/tables.ts";
import {
  and,
  constant,
  equal,
  extract,
  FALSE,
  implies,
  not,
  or,
  type Term,
  TRUE,
  variable,
} from "../term/index.ts";
import { type Column, type Output, readCells, type State } from "../wasm/index.ts";
import { changedBy } from "./block.ts";
import { dispatched } from "./blocks.ts";
import type { Case } from "./case.ts";
import { equalApart } from "./choice.ts";
import { isShown, type View } from "./disclosures.ts";
import { isElsewhere, LABEL_BITS, touched } from "./flows.ts";
import type { Goal } from "./goal.ts";
import type { Hypotheses } from "./hypotheses.ts";
import type { Seed } from "./instances.ts";
import { Mirror } from "./mirror.ts";
import { anyRow, viewerOf } from "./ownership.ts";
import { conclusionIn, partition, valuesIn } from "./split.ts";
import type { SymbolicTransaction } from "./symbolic.ts";
import { termOf } from "./values.ts";

/** The specification's steps of a case, executed. */
interface Executed {
  readonly one: Case;
  readonly start: State;
  readonly spec: SymbolicTransaction;
  readonly result: Word | undefined;
  readonly hypotheses: Hypotheses;
}

/** A case's steps, and to whom they may tell what. */
interface Telling extends Executed {
  readonly view: View;
  readonly mirror: Mirror;
}

const isCompared = ({ name, table }: Column): boolean =>
  tables[table as TableName].role === "state" && !textColumns.includes(name);

/** What is told, where it is told, and any rows that this is about. */
interface Part {
  readonly what: string;
  readonly conclusion: Term;
  readonly rows: readonly Seed[];
}

function goalOf(telling: Telling, { what, conclusion, rows }: Part): Goal {
  const { one, mirror, hypotheses } = telling;
  const { family, operation } = one;
  const facts = (level: number): Term[] => {
    const own = hypotheses.of(conclusion, level, rows);
    const other = mirror.all(own);
    const spoken = level === 0 ? [conclusion] : [conclusion, ...own, ...other];
    return [...own, ...other, ...mirror.alike(spoken)];
  };
  const property = `tells no more: ${what}`;
  return { family, operation, property, hypotheses: facts, conclusion, rows };
}

/** The condition that the step is about another domain's memory; false if it never is. */
const elsewhereOf = ({ one, start, spec, view }: Telling): Term =>
  one.delivers === undefined ? FALSE : isElsewhere(start, spec.state, view.viewer);

/** The goal, with parts: where the step is about another's memory, and where it is not, in each of
 *  the case's situations. */
function inBoth(telling: Telling, part: Part): Goal {
  const elsewhere = elsewhereOf(telling);
  if (elsewhere === FALSE) return goalOf(telling, part);
  const { clauses } = telling.spec;
  const situations = (telling.one.split ?? []).map((name) => {
    const guards = clauses.filter(({ id }) => id === name).map(({ guard }) => guard);
    return { name, guard: or(...guards) };
  });
  const own = partition(situations).map(({ guard }) => and(guard, not(elsewhere)));
  const parts = () =>
    [elsewhere, ...own].map((guard) =>
      goalOf(telling, { ...part, conclusion: conclusionIn(guard, part.conclusion) }),
    );
  return { ...goalOf(telling, part), parts };
}

/** The same happens outside the tables, event by event; but for what is done to the memory of
 *  another domain, which the caller does not see. */
function sameEvents(telling: Telling): Term[] {
  const { spec, mirror, one } = telling;
  const { outputs, sequence } = spec.state;
  const elsewhere = elsewhereOf(telling);
  const same = ({ name, guard, args }: Output): Term => {
    // Where all that comes before is the same, so is the number.
    const own = args.slice(1);
    const [mine, theirs] = [own, mirror.all(own)].map((all) => valuesIn(guard, all));
    const each = mine!.map((value, at) => equalApart(value, theirs![at]!));
    const whole = and(equal(guard, mirror.of(guard)), implies(guard, and(...each)));
    return one.delivers?.includes(name) ? or(elsewhere, whole) : whole;
  };
  return [...outputs.map(same), or(elsewhere, equal(sequence, mirror.of(sequence)))];
}

/** Any row of the column; the one that it has. */
const rowOf = (column: Column): Term => (column.rows === 1 ? constant(1, 0) : anyRow(column));

/** A row of the column that the caller may know afterwards holds the same. */
function sameRows({ spec, result, view, mirror }: Telling, column: Column): Term {
  const { name } = column;
  const after = spec.state;
  const row = rowOf(column);
  const value = readCells(after.contents(name), row);
  const shown = isShown({ ...view, state: after, column, row });
  const given = result === undefined ? FALSE : dispatched.gives!(column, [termOf(result)]);
  const visible = or(shown, mirror.of(shown), given);
  return implies(visible, equalApart(value, mirror.of(value)));
}

/** The labels that the policy was asked about, and any other. */
function labelsIn(after: State): Term[] {
  const cells = touched(after, "policyCellAllowed");
  const asked = cells.flatMap((cell) => {
    const low = cell.width - 2 * LABEL_BITS;
    return [
      extract(cell, low + LABEL_BITS - 1, low),
      extract(cell, low + 2 * LABEL_BITS - 1, low + LABEL_BITS),
    ];
  });
  return [...new Set([...asked, variable("any.label", LABEL_BITS)])];
}

/** The goals about what a case's steps tell; none if they are nobody's. */
export function confidentiality(executed: Executed): Goal[] {
  const { one, start, spec, result, hypotheses } = executed;
  const viewer = viewerOf(one, start);
  if (viewer === undefined) return [];
  const later = spec.uses.flatMap((use) => changedBy(start, use));
  const view = { viewer, labels: labelsIn(spec.state) };
  const mirror = new Mirror(view, start, later, hypotheses.choices);
  const telling = { ...executed, view, mirror };
  const parts: Part[] = [];
  const add = (what: string, conclusion: Term, rows: readonly Seed[] = []) =>
    parts.push({ what, conclusion, rows });
  if (result !== undefined) add("result", equalApart(termOf(result), mirror.of(termOf(result))));
  for (const condition of sameEvents(telling)) add("events", condition);
  for (const column of start.space.columns.values()) {
    const { name, table } = column;
    if (!isCompared(column) || spec.state.contents(name) === start.contents(name)) continue;
    add(name, sameRows(telling, column), [{ table, index: rowOf(column) }]);
  }
  for (const condition of mirror.chosenAlike()) add("choices", condition);
  return together(telling, parts);
}

/** One goal for each thing that is told, part by part; what needs no proof is left out. */
function together(telling: Telling, parts: readonly Part[]): Goal[] {
  const open = parts.filter(({ conclusion }) => conclusion !== TRUE);
  return [...new Set(open.map(({ what }) => what))].map((what) => {
    const own = open.filter((part) => part.what === what);
    const [first] = own;
    if (own.length === 1) return inBoth(telling, first!);
    const conclusion = and(...own.map((part) => part.conclusion));
    const single = () => own.map((part) => inBoth(telling, part));
    return { ...goalOf(telling, { ...first!, conclusion }), parts: single };
  });
}
