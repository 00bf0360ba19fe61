// The specification with formulas: the same states, paths and merging as the executor of the code,
// so that the two sides meet in one form.

import type { PrimitiveName } from "../../spec/lang/machine.ts";
import { type Found, Transaction } from "../../spec/lang/transaction.ts";
import {
  type Bits,
  type Bool,
  type Operand,
  SpecificationError,
  type Word,
} from "../../spec/lang/word.ts";
import type { Term } from "../term/index.ts";
import * as term from "../term/index.ts";
import {
  type Column,
  elementWidth,
  indexWidth,
  mergeStates,
  type RunRecord,
  type State,
} from "../wasm/index.ts";
import { type Block, type BlockUse, takeBlock } from "./block.ts";
import { copyIn, linearBase, perform } from "./event.ts";
import { conditionOf, SymbolicBool, SymbolicWord, termOf, wordOf } from "./values.ts";

/** The course of steps cannot be reached. */
class Unreachable extends Error {}

/** A sentence, and under what condition the steps come to it. */
export interface ReachedClause {
  readonly id: string;
  readonly says: string;
  readonly guard: Term;
}

/** What a number was chosen or counted by: a condition on `bound`, below a limit. */
export interface Chosen {
  readonly condition: Term;
  readonly limit: number;
}

/** By the names of the numbers. */
export type Choices = ReadonlyMap<Term, Chosen>;

/** A number that was chosen as the least with a property. */
export interface Choice extends Chosen {
  readonly index: Term;
  readonly exists: Term;
  /** What holds of the choice by its definition; the rows that this reads are noted. */
  readonly fact: (record: RunRecord) => Term;
  /** What its being the least says of another number (32 bits). */
  readonly notBelow: (other: Term, record: RunRecord) => Term;
}

interface Exit {
  readonly state: State;
  readonly value: Term;
}

/**
 * Least numbers are functions of what they are the least of: one name for one condition, whichever
 * side asks, and in whatever run.
 */
export class ChoiceBook {
  readonly #known = new Map<Term, Choice>();
  readonly #counts = new Map<Term, Chosen & { readonly name: Term }>();

  get choices(): readonly Choice[] {
    return [...this.#known.values()];
  }

  /** What each name of a choice or a count stands for. */
  get names(): Choices {
    const least = this.choices.flatMap((choice): [Term, Chosen][] => [
      [choice.index, choice],
      [choice.exists, choice],
    ]);
    const counts = [...this.#counts.values()].map((one) => [one.name, one] as const);
    return new Map([...least, ...counts]);
  }

  /** How many numbers below `limit` satisfy the condition (on `bound`). */
  count(condition: Term, limit: number): Term {
    const bounded = term.and(condition, term.ult(bound, term.constant(32, limit)));
    const name = term.variable(`count!${this.#counts.size}`, 32);
    const known = this.#counts.get(bounded) ?? { name, condition: bounded, limit };
    this.#counts.set(bounded, known);
    return known.name;
  }

  /** The choice under that condition (on `bound`) below `limit`. */
  find(
    condition: Term,
    limit: number,
    make: (index: Term, exists: Term) => Omit<Choice, "condition">,
  ): Choice {
    const bounded = term.and(condition, term.ult(bound, term.constant(32, limit)));
    let choice = this.#known.get(bounded);
    if (choice === undefined) {
      const name = this.#known.size;
      const made = make(term.variable(`least!${name}`, 32), term.variable(`exists!${name}`, 0));
      choice = { ...made, condition: bounded };
      this.#known.set(bounded, choice);
    }
    return choice;
  }
}

/** Stands for any number in the condition of a choice. */
export const bound = term.variable("least.bound", 32);

/** What all transactions of one proof share. */
export interface Context {
  readonly blocks: ReadonlyMap<string, Block>;
  readonly book: ChoiceBook;
}

export function emptyContext(): Context {
  return { blocks: new Map(), book: new ChoiceBook() };
}

/** One step on a symbolic state. */
export class SymbolicTransaction extends Transaction {
  /** The state at this point of the text. */
  state: State;
  readonly clauses: ReachedClause[] = [];
  readonly uses: BlockUse[];
  readonly #context: Context;
  readonly #attempts: Exit[][] = [];

  constructor(state: State, context: Context, uses: BlockUse[] = []) {
    super();
    this.state = state;
    this.uses = uses;
    this.#context = context;
  }

  word(bits: Bits, value: number | bigint): Word {
    return new SymbolicWord(bits, term.constant(bits, value));
  }

  truth(value: boolean): Bool {
    return new SymbolicBool(term.booleanConstant(value));
  }

  clause(id: string, says: string): void {
    this.clauses.push({ id, says, guard: this.state.path.all });
  }

  require(condition: Bool, refusal: Operand): void {
    const exits = this.#attempts[this.#attempts.length - 1];
    if (exits === undefined) throw new SpecificationError("require outside of attempt");
    const refused = this.state.clone();
    const value = termOf(this.word(64, 0).sized(refusal));
    if (refused.assume(term.not(conditionOf(condition)))) exits.push({ state: refused, value });
    if (!this.state.assume(conditionOf(condition))) throw new Unreachable();
  }

  attempt(steps: () => Word): Word {
    const exits: Exit[] = [];
    this.#attempts.push(exits);
    try {
      const value = termOf(steps());
      exits.push({ state: this.state, value });
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    } finally {
      this.#attempts.pop();
    }
    return this.#merge(exits);
  }

  branch(condition: Bool, whenTrue: () => Word, whenFalse: () => Word): Word {
    const other = this.state.clone();
    const exits: Exit[] = [];
    const course = (state: State, holds: Term, steps: () => Word) => {
      if (!state.assume(holds)) return;
      this.state = state;
      try {
        const value = termOf(steps());
        exits.push({ state: this.state, value });
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
      }
    };
    const holds = conditionOf(condition);
    course(this.state, holds, whenTrue);
    course(other, term.not(holds), whenFalse);
    return this.#merge(exits);
  }

  /** Goes on where all of these arrive. */
  #merge(exits: readonly Exit[]): Word {
    for (const { state, value } of exits) state.stack.push(value);
    const merged = mergeStates(exits.map(({ state }) => state));
    if (merged === undefined) throw new Unreachable();
    this.state = merged;
    return wordOf(merged.stack.pop()!);
  }

  /** The condition at a number below `limit`, in the state as it is now. */
  #conditionAt(limit: number, satisfies: (index: Word) => Bool) {
    const here = this.state.clone();
    return (number: Term, record: RunRecord) => {
      const state = here.clone();
      state.record = record;
      if (!state.assume(term.ult(number, term.constant(32, limit)))) return term.FALSE;
      return this.#at(state, () => conditionOf(satisfies(wordOf(number))));
    };
  }

  override count(limit: number, satisfies: (index: Word) => Bool): Word {
    const condition = this.#conditionAt(limit, satisfies)(bound, this.state.record);
    return wordOf(this.#context.book.count(condition, limit));
  }

  least(limit: number, satisfies: (index: Word) => Bool): Found {
    const inRange = (number: Term) => term.ult(number, term.constant(32, limit));
    // What the condition demands is noted only the first time.
    const holdsAt = this.#conditionAt(limit, satisfies);
    const condition = holdsAt(bound, this.state.record);
    const choice = this.#context.book.find(condition, limit, (index, exists) => ({
      limit,
      index,
      exists,
      fact: (record) => term.implies(exists, term.and(inRange(index), holdsAt(index, record))),
      notBelow: (other, record) => {
        const below = term.or(term.not(exists), term.ult(other, index));
        return term.implies(term.and(below, inRange(other)), term.not(holdsAt(other, record)));
      },
    }));
    return { exists: new SymbolicBool(choice.exists), index: wordOf(choice.index) };
  }

  /** What steps that only read give on another state. */
  #at<Result>(state: State, steps: () => Result): Result {
    const now = this.state;
    this.state = state;
    try {
      return steps();
    } finally {
      this.state = now;
    }
  }

  block(name: string, inputs: readonly (Word | Bool)[], steps: () => Word[]): Word[] {
    const block = this.#context.blocks.get(name);
    if (block === undefined) return steps();
    const terms = inputs.map((input) =>
      input instanceof SymbolicBool
        ? term.ite(input.term, term.constant(32, 1), term.constant(32, 0))
        : termOf(input as Word),
    );
    return takeBlock(this.state, block, terms, this.uses).map(wordOf);
  }

  repeat(_count: Word, _steps: (round: Word) => void): never {
    throw new SpecificationError(
      "steps that are repeated belong to a block that proofs take whole",
    );
  }

  linearBase(): Word {
    return new SymbolicWord(64, linearBase());
  }

  protected demand(condition: Bool, what: string): void {
    if (!this.state.require(conditionOf(condition), "host", what)) throw new Unreachable();
  }

  #row(column: Column, index: Word, written: boolean): Term {
    const row = term.normalisedIndex(termOf(index), indexWidth(column));
    this.state.record.touch(column.name, row, written);
    return row;
  }

  protected read(column: Column, index: Word): Word {
    return wordOf(this.state.read(column.name, this.#row(column, index, false)));
  }

  protected write(column: Column, index: Word, value: Word): void {
    const element = term.truncate(termOf(value), elementWidth(column));
    this.state.write(column.name, this.#row(column, index, true), element);
  }

  protected override writeRows(
    column: Column,
    first: Word,
    count: Word,
    value: (offset: Word) => Word,
  ): void {
    const bits = indexWidth(column);
    const rows = term.truncate(termOf(count), bits + 1);
    const start = this.#row(column, first, true);
    const valueAt = (state: State, offset: Term) =>
      this.#at(state, () =>
        term.truncate(termOf(value(wordOf(term.zeroExtend(offset, 32)))), elementWidth(column)),
      );
    // What the values demand is noted once, for any offset.
    const any = this.state.clone();
    const offset = any.fresh("offset", bits);
    const inside = term.ult(term.zeroExtend(offset, bits + 1), rows);
    if (any.assume(inside)) valueAt(any, offset);
    const here = this.state.clone();
    here.record = this.state.record.successor();
    const element = (offset: Term) => valueAt(here.clone(), offset);
    this.state.writeRange(column.name, { start, count: rows, element });
  }

  protected override readRows(column: Column, index: Word, source: Word, count: Word): void {
    copyIn(this.state, column, termOf(index), termOf(source), termOf(count));
  }

  protected perform(name: PrimitiveName, parameters: readonly Word[]): Word | undefined {
    const result = perform(this.state, name, parameters.map(termOf));
    return result === undefined ? undefined : wordOf(result);
  }
}
