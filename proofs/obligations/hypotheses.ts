// What a goal may be derived from: what is given, the invariants at the rows that the goal speaks
// of, and what the specification's choices are. A higher level adds the rows that those mention in
// turn; fewer facts make faster proofs, and too few can only make a proof fail.

import type { Invariant } from "../../spec/lang/invariant.ts";
import type { Term } from "../term/index.ts";
import * as term from "../term/index.ts";
import type { Access, State } from "../wasm/index.ts";
import type { Kept } from "./block.ts";
import { instances, type Seed } from "./instances.ts";
import type { Choice, ChoiceBook, Choices } from "./symbolic.ts";

/** Levels at which a goal is tried, one after the other. */
export const LEVELS = 3;

/** What is known before a goal is looked at. */
export interface Known {
  readonly start: State;
  readonly given: readonly Term[];
  readonly invariants: readonly Invariant[];
  readonly book: ChoiceBook;
  /** Numbers that choices are compared with, besides keys of rows. */
  readonly numbers: readonly Term[];
  /** Other states in which the invariants hold. */
  readonly kept: readonly Kept[];
  /** What blocks promise of rows, and the rows that this is about. */
  readonly promises: (rows: readonly Seed[]) => { facts: readonly Term[]; seeds: readonly Seed[] };
}

export class Hypotheses {
  readonly #known: Known;

  constructor(known: Known) {
    this.#known = known;
  }

  /** What the names of choices stand for. */
  get choices(): Choices {
    return this.#known.book.names;
  }

  /** The facts for a goal. `rows` are rows that it is about without speaking of them. */
  of(conclusion: Term, level: number, rows: readonly Seed[] = []): Term[] {
    const { start, given, invariants, kept, promises } = this.#known;
    const spoken = term.postorder([conclusion, ...given]);
    const named = [...rows, ...this.#rowsIn(spoken)];
    const chosen = this.#chosen(new Set(spoken), named);
    const promised = promises(named);
    const seeds = [...named, ...chosen.seeds, ...promised.seeds];
    const later = kept.flatMap(({ state, guard }) =>
      instances(invariants, seeds, state, level).map((fact) => term.implies(guard, fact)),
    );
    const facts = [...instances(invariants, seeds, start, level), ...later];
    return [...given, ...chosen.facts, ...promised.facts, ...facts];
  }

  /** Rows of the initial state whose values occur. */
  #rowsIn(terms: readonly Term[]): Seed[] {
    return terms.flatMap((one) => {
      if (one.operator !== "apply") return [];
      // What a block leaves in a column has the column's name behind the block's.
      const name = one.name.slice(one.name.lastIndexOf(".") + 1);
      const column = this.#known.start.space.columns.get(name);
      return column ? [{ table: column.table, index: one.operands[0]! }] : [];
    });
  }

  /** The choices that occur, what they are, and the rows that this is about. */
  #chosen(spoken: ReadonlySet<Term>, rows: readonly Seed[]) {
    const record = this.#known.start.record.successor();
    const facts = this.#known.book.choices.flatMap((choice) => {
      if (!spoken.has(choice.index) && !spoken.has(choice.exists)) return [];
      const numbers = this.#comparedWith(choice, rows);
      return [choice.fact(record), ...numbers.map((number) => choice.notBelow(number, record))];
    });
    return { facts, seeds: seedsOf(this.#known.start, record.accesses) };
  }

  #comparedWith(choice: Choice, rows: readonly Seed[]): Term[] {
    const own = this.#known.start.record.successor();
    choice.fact(own);
    const tables = new Set(seedsOf(this.#known.start, own.accesses).map(({ table }) => table));
    const keys = rows.filter(({ table }) => tables.has(table)).map(({ index }) => index);
    const numbers = [...this.#known.numbers, ...keys].map((number) =>
      lowBits(number, choice.limit),
    );
    return [
      ...new Set([...numbers, ...this.#known.numbers.map((number) => term.truncate(number, 32))]),
    ];
  }
}

/** The rows of the tables that were touched. */
export function seedsOf(state: State, accesses: readonly Access[]): Seed[] {
  return accesses.flatMap(({ column, index }) => {
    const table = state.space.columns.get(column)?.table;
    return table === undefined ? [] : [{ table, index }];
  });
}

/** The part of a number that a choice below `limit` may be about. */
function lowBits(number: Term, limit: number): Term {
  const bits = Math.min(Math.ceil(Math.log2(limit)), number.width);
  return term.zeroExtend(term.truncate(number, bits), 32);
}
