// All runs that come to one place of the code, as one state; and what a branch teaches of it.

import { join, narrowed, type Test, type Word } from "./word.ts";

export interface State {
  locals: Word[];
  stack: Word[];
  /** Most instructions on any way here. */
  cost: bigint;
}

export const copyOf = ({ locals, stack, cost }: State): State => ({
  locals: [...locals],
  stack: [...stack],
  cost,
});

const greater = (one: bigint, two: bigint): bigint => (one > two ? one : two);

/** The state after any of the ways; nothing if there is none. */
export function merged(states: readonly State[]): State | undefined {
  const [first, ...others] = states;
  return others.reduce<State | undefined>(
    (all, next) =>
      all && {
        locals: all.locals.map((one, at) => join(one, next.locals[at]!)),
        stack: all.stack.map((one, at) => join(one, next.stack[at]!)),
        cost: greater(all.cost, next.cost),
      },
    first,
  );
}

/** What more is known of a word. */
type Known = Partial<Pick<Word, "min" | "max" | "zeros" | "ones">>;

/** Takes what is known of a value over into the state; false if no run comes here. */
function learn(state: State, value: Word, known: Known): boolean {
  const update = (one: Word): Word | undefined =>
    one.id === value.id ? narrowed(one, known) : one;
  // The value may be in no local any more: it must still be possible.
  if (narrowed(value, known) === undefined) return false;
  for (const list of [state.locals, state.stack]) {
    for (const [at, one] of list.entries()) {
      const next = update(one);
      if (next === undefined) return false;
      list[at] = next;
    }
  }
  return true;
}

/** The value as the state knows it now. */
function current(state: State, value: Word): Word {
  const same = (one: Word) => one.id === value.id;
  return state.locals.find(same) ?? state.stack.find(same) ?? value;
}

function learnEqual(state: State, left: Word, right: Word): boolean {
  const [one, two] = [current(state, left), current(state, right)];
  const { min, max, zeros, ones } = one;
  return (
    learn(state, right, { min, max, zeros, ones }) &&
    learn(state, left, { min: two.min, max: two.max, zeros: two.zeros, ones: two.ones })
  );
}

/** They differ: that says something where one of them is the end of the other's range. */
function learnDifferent(state: State, left: Word, right: Word): boolean {
  const [one, two] = [current(state, left), current(state, right)];
  const without = (of: Word, at: Word): boolean => {
    if (at.min !== at.max) return true;
    const min = of.min === at.min ? of.min + 1n : of.min;
    const max = of.max === at.min ? of.max - 1n : of.max;
    return min <= max && learn(state, of, { min, max });
  };
  return without(one, two) && without(two, one);
}

function learnLess(state: State, left: Word, right: Word): boolean {
  const [one, two] = [current(state, left), current(state, right)];
  if (two.max === 0n) return false;
  return learn(state, left, { max: two.max - 1n }) && learn(state, right, { min: one.min + 1n });
}

function learnNotLess(state: State, left: Word, right: Word): boolean {
  const [one, two] = [current(state, left), current(state, right)];
  return learn(state, left, { min: two.min }) && learn(state, right, { max: one.max });
}

const isNatural = (one: Word): boolean => one.max < 1n << BigInt(one.bits - 1);

function learnTest(state: State, test: Test, holds: boolean): boolean {
  const { relation, left, right } = test;
  switch (relation) {
    case "eq":
      if (right.max === 0n) return assume(state, left, !holds);
      return holds ? learnEqual(state, left, right) : learnDifferent(state, left, right);
    case "lt_s":
      if (!isNatural(left) || !isNatural(right)) return true;
      return holds ? learnLess(state, left, right) : learnNotLess(state, left, right);
    case "lt_u":
      return holds ? learnLess(state, left, right) : learnNotLess(state, left, right);
    case "and":
      return !holds || (assume(state, left, true) && assume(state, right, true));
    case "or":
      return holds || (assume(state, left, false) && assume(state, right, false));
  }
}

/** The word is not 0, or it is: false if that cannot be. */
export function assume(state: State, value: Word, isTrue: boolean): boolean {
  const known = isTrue ? { min: 1n } : { max: 0n };
  if (narrowed(value, known) === undefined || !learn(state, value, known)) return false;
  return value.test === undefined || learnTest(state, value.test, isTrue !== value.test.negated);
}
