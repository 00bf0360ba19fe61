// What a goal may be derived from: what is given, the invariants at the rows that the goal speaks
// of, and what the specification's choices are. A higher level adds the rows that those mention in
// turn; fewer facts make faster proofs, and too few can only make a proof fail.

import type { Invariant } from "../../spec/lang/invariant.ts";
import type { Term } from "../term/index.ts";
import * as term from "../term/index.ts";
import type { Access, State } from "../wasm/index.ts";
import { instances, type Seed } from "./instances.ts";
import type { Choice, ChoiceBook } from "./symbolic.ts";

/** Levels at which a goal is tried, one after the other. */
export const LEVELS = 3;

export class Hypotheses {
  readonly #start: State;
  readonly #given: readonly Term[];
  readonly #invariants: readonly Invariant[];
  readonly #book: ChoiceBook;
  /** Numbers that choices are compared with, besides keys of rows. */
  readonly #numbers: readonly Term[];
  /** Other states in which the invariants hold. */
  readonly #kept: readonly State[];

  constructor(
    start: State,
    given: readonly Term[],
    invariants: readonly Invariant[],
    book: ChoiceBook,
    numbers: readonly Term[],
    kept: readonly State[] = [],
  ) {
    this.#kept = kept;
    this.#start = start;
    this.#given = given;
    this.#invariants = invariants;
    this.#book = book;
    this.#numbers = numbers;
  }

  /** The facts for a goal. `rows` are rows that it is about without speaking of them. */
  of(conclusion: Term, level: number, rows: readonly Seed[] = []): Term[] {
    const spoken = term.postorder([conclusion, ...this.#given]);
    const named = [...rows, ...this.#rowsIn(spoken)];
    const chosen = this.#chosen(new Set(spoken), named);
    const seeds = [...named, ...chosen.seeds];
    const states = [this.#start, ...this.#kept];
    const facts = states.flatMap((one) => instances(this.#invariants, seeds, one, level));
    return [...this.#given, ...chosen.facts, ...facts];
  }

  /** Rows of the initial state whose values occur. */
  #rowsIn(terms: readonly Term[]): Seed[] {
    return terms.flatMap((one) => {
      if (one.operator !== "apply") return [];
      // What a block leaves in a column has the column's name behind the block's.
      const name = one.name.slice(one.name.lastIndexOf(".") + 1);
      const column = this.#start.space.columns.get(name);
      return column ? [{ table: column.table, index: one.operands[0]! }] : [];
    });
  }

  /** The choices that occur, what they are, and the rows that this is about. */
  #chosen(spoken: ReadonlySet<Term>, rows: readonly Seed[]) {
    const record = this.#start.record.successor();
    const facts = this.#book.choices.flatMap((choice) => {
      if (!spoken.has(choice.index) && !spoken.has(choice.exists)) return [];
      const numbers = this.#comparedWith(choice, rows);
      return [choice.fact(record), ...numbers.map((number) => choice.notBelow(number, record))];
    });
    return { facts, seeds: seedsOf(this.#start, record.accesses) };
  }

  #comparedWith(choice: Choice, rows: readonly Seed[]): Term[] {
    const own = this.#start.record.successor();
    choice.fact(own);
    const tables = new Set(seedsOf(this.#start, own.accesses).map(({ table }) => table));
    const keys = rows.filter(({ table }) => tables.has(table)).map(({ index }) => index);
    const numbers = [...this.#numbers, ...keys].map((number) => lowBits(number, choice.limit));
    return [...new Set([...numbers, ...this.#numbers.map((number) => term.truncate(number, 32))])];
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
