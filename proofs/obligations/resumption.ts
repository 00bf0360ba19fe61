// A call that takes several steps is as many calls of one step, in order: a step of a call for many
// does what the call for the first few alone does, and then asks for the rest, with the arguments
// that a call for the rest would have. By induction on the count, n resumptions are the whole.

import { RESUME } from "../../spec/abi.ts";
import { type TableName, tables, textColumns } from "../../spec/tables.ts";
import * as t from "../term/index.ts";
import { type Column, indexWidth, type Output, readCells, type State } from "../wasm/index.ts";
import type { Claim } from "./case.ts";

type Term = t.Term;

/** A call that is resumed. */
export interface Resumed {
  /** The register that says how many there are. */
  readonly count: Term;
  /** What it holds if there are as many as a step takes. */
  readonly step: bigint;
  /** There are more than that. */
  readonly isMore: Term;
  /** The arguments of a call for the rest. */
  readonly rest: { readonly first: Term; readonly second: Term; readonly third: Term };
}

const property = "many are as calls for few";
const ROW = t.constant(1, 0);

/** Columns that the step changed, but for text, and for those that say what is left. */
const changed = (before: State, after: State): Column[] =>
  [...before.space.columns.values()].filter(({ name, table }) => {
    const isText = textColumns.includes(name) || tables[table as TableName].role === "text";
    return table !== "call" && !isText && after.contents(name) !== before.contents(name);
  });

/** The claims about a call that is resumed: effects, events and result. */
export const resumes =
  ({ count, step, isMore, rest }: Resumed) =>
  (before: State, after: State, result?: Term): readonly Claim[] => {
    const alone = new Map([[count, t.constant(count.width, step)]]);
    const same = (terms: readonly Term[]): Term => {
      const others = t.substitute(terms, alone);
      return t.implies(isMore, t.and(...terms.map((one, at) => t.equal(one, others[at]!))));
    };
    const columns = changed(before, after);
    const rows = columns.map((column) => ({
      table: column.table,
      index: t.variable(`skolem.${column.table}`, indexWidth(column)),
    }));
    const values = columns.map(({ name }, at) => readCells(after.contents(name), rows[at]!.index));
    const events = after.outputs.map(({ guard, args }: Output): Term => {
      const [other, ...others] = t.substitute([guard, ...args], alone);
      const each = args.map((one, at) => t.equal(one, others[at]!));
      return t.implies(isMore, t.and(t.equal(guard, other!), t.implies(guard, t.and(...each))));
    });
    const [last] = t.substitute([result!], alone);
    const left = (["first", "second", "third"] as const).map((name) => {
      const column = `call${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
      return t.equal(after.read(column, ROW), rest[name]);
    });
    const asks = t.equal(result!, t.constant(64, RESUME));
    const goesOn = t.and(asks, t.equal(last!, t.constant(64, 0)), ...left);
    const ends = t.and(t.not(asks), t.equal(result!, last!));
    return [
      { property: `${property}: rows`, conclusion: same(values), rows },
      { property: `${property}: events`, conclusion: t.and(...events), rows: [] },
      {
        property: `${property}: result`,
        conclusion: t.implies(isMore, t.or(goesOn, ends)),
        rows: [],
      },
    ];
  };
