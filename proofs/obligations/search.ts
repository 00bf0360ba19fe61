// A counted loop that looks for a number, and leaves where it finds one: what it finds is the least
// number that satisfies a condition, as the specification's `least` is. The body runs once for a
// number that stands for any; it may only read.

import {
  add,
  and,
  constant,
  equal,
  FALSE,
  implies,
  not,
  postorder,
  substitute,
  type Term,
  TRUE,
  ult,
} from "../term/index.ts";
import type { Interpreter, Label } from "../wasm/execute.ts";
import { type Instruction, mergeStates, type RunRecord, type State } from "../wasm/index.ts";
import { beyond } from "../wasm/path.ts";
import { assignedLocals } from "./repetition.ts";
import { counterOf } from "./rounds.ts";
import { bound, type Choice, type ChoiceBook } from "./symbolic.ts";

export interface Search {
  /** The end of the name of a function that the loop's body calls: that is the loop that is meant.
   *  Without it, all loops are that count so far. */
  readonly calls?: string;
  readonly count: number;
}

/** Where the loop is left before its end, for the number that stands for any. */
interface Leaving {
  readonly label: number;
  readonly state: State;
  readonly condition: Term;
}

/** A state in which the loop is not what it was taken for. */
function refuse(state: State, why: string): undefined {
  state.require(FALSE, "loop", `a loop that is taken as a search ${why}`);
  return undefined;
}

/** Runs the body for any number. */
function leavingOf(
  interpreter: Interpreter,
  loop: Instruction,
  state: State,
  labels: readonly Label[],
  counter: number,
  unknowns: readonly Term[],
): Leaving | string {
  const own = labels.map((label) => ({ ...label, arrivals: [] as State[] }));
  const again: Label = { arrivals: [], height: state.stack.length, arity: 0 };
  const fallen = interpreter.sequence(loop.body!, state.clone(), [...own, again]);
  const back = mergeStates(again.arrivals);
  const left = [...own.entries()].filter(([, label]) => label.arrivals.length > 0);
  const [first] = left;
  if (fallen !== undefined || back === undefined) return "ends before its count";
  if (first === undefined || left.length > 1) return "is left at another number of places than one";
  const after = mergeStates(first[1].arrivals)!;
  for (const end of [back, after]) {
    const isQuiet = end.outputs === state.outputs && end.sequence === state.sequence;
    const isSame = [...end.cells].every(([name, cells]) => cells === state.contents(name));
    if (!isQuiet || !isSame) return "changes something";
  }
  const next = equal(back.locals[counter]!, add(bound, constant(32, 1)));
  if (next !== TRUE) return "does not go on with the next number";
  if (postorder(after.stack).includes(bound)) return "hands on what it found";
  const condition = beyond(after.path, state.path);
  const spoken = new Set(postorder([condition, ...after.stack]));
  if (unknowns.some((one) => spoken.has(one))) return "remembers its last round";
  return { label: first[0], state: after, condition };
}

/** The least number for which a condition on `bound` holds. */
export function choiceOf(book: ChoiceBook, condition: Term, limit: number, start: State): Choice {
  const at = (number: Term, record: RunRecord): Term => {
    const [holds] = substitute([condition], new Map([[bound, number]]));
    for (const one of postorder([holds!])) {
      const column = one.operator === "apply" ? start.space.columns.get(one.name) : undefined;
      if (column !== undefined) record.touch(column.name, one.operands[0]!, false);
    }
    return holds!;
  };
  const inRange = (number: Term) => ult(number, constant(32, limit));
  return book.find(condition, limit, (index, exists) => ({
    limit,
    index,
    exists,
    fact: (record) => implies(exists, and(inRange(index), at(index, record))),
    notBelow: (other, record) => {
      const below = and(inRange(other), not(and(exists, not(ult(other, index)))));
      return implies(below, not(at(other, record)));
    },
  }));
}

/** Takes the loop as one choice; the state behind it if it finds nothing. */
export function takeSearch(
  interpreter: Interpreter,
  { count }: Search,
  book: ChoiceBook,
  loop: Instruction,
  state: State,
  labels: readonly Label[],
): State | undefined {
  const counter = counterOf(loop, count, state);
  if (counter === undefined) return refuse(state, `does not count to ${count}`);
  const isFirst = equal(state.locals[counter]!, constant(32, 0));
  if (!state.require(isFirst, "loop", "the first number is 0")) return undefined;
  const any = state.clone();
  const others = [...assignedLocals(loop.body!)].filter((local) => local !== counter);
  const forget = (one: State) => {
    for (const local of others) one.locals[local] = one.fresh("search", one.locals[local]!.width);
  };
  forget(any);
  const unknowns = others.map((local) => any.locals[local]!);
  any.locals[counter] = bound;
  any.assume(ult(bound, constant(32, count)));
  const leaving = leavingOf(interpreter, loop, any, labels, counter, unknowns);
  if (typeof leaving === "string") return refuse(state, leaving);
  const { exists, index } = choiceOf(book, leaving.condition, count, state);
  const fallen = state.clone();
  for (const end of [state, fallen]) forget(end);
  state.locals[counter] = index;
  fallen.locals[counter] = constant(32, count);
  if (state.assume(exists)) {
    state.stack = leaving.state.stack;
    labels[leaving.label]!.arrivals.push(state);
  }
  return fallen.assume(not(exists)) ? fallen : undefined;
}
