// A counted loop whose rounds are equal: one round is shown, by a case of its own, from any state
// in which the invariants hold, for any of the counter's values. Where the loop is met, all its
// rounds are one step that keeps the invariants; the specification's text names them as a block.

import {
  add,
  constant,
  equal,
  FALSE,
  isConstant,
  postorder,
  type Term,
  ult,
} from "../term/index.ts";
import type { Interpreter, Label } from "../wasm/execute.ts";
import { type Instruction, mergeStates, type State } from "../wasm/index.ts";
import { EMPTY_PATH } from "../wasm/path.ts";
import type { Block } from "./block.ts";
import { assignedLocals } from "./repetition.ts";

export interface Rounds {
  /** What stands for all rounds. */
  readonly block: Block;
  /** Ends of names of functions: the loop that is meant calls one of them. Which one it is depends
   *  on what a compiler has taken into the loop. */
  readonly calls: readonly string[];
  readonly count: number;
}

/** One round as what a case runs. */
export interface Round {
  readonly of: Rounds;
  readonly counter: Term;
}

/** The end of a run that is about one round; the state behind the round, if it is reached. */
export class RoundDone extends Error {
  readonly state: State | undefined;

  constructor(state: State | undefined) {
    super("the round is done");
    this.state = state;
  }
}

/** The number that an instruction gives, if it is a constant or a global that is one. */
function numberOf(instruction: Instruction | undefined, state: State): bigint | undefined {
  if (instruction?.name === "i32.const") return instruction.value;
  if (instruction?.name !== "global.get") return undefined;
  const held = state.globals[instruction.index!]!;
  return isConstant(held) ? held.value : undefined;
}

/** The local that a loop counts with, if the loop is `while (local < count) { ...; }`. */
export function counterOf(loop: Instruction, count: number, state: State): number | undefined {
  const [get, bound, less, body] = loop.body!;
  const isCounted =
    loop.body!.length === 4 &&
    get?.name === "local.get" &&
    numberOf(bound, state) === BigInt(count) &&
    less?.name === "i32.lt_u" &&
    body?.name === "if";
  return isCounted ? get.index : undefined;
}

function counted(loop: Instruction, { count, calls }: Rounds, state: State): number | undefined {
  const counter = counterOf(loop, count, state);
  if (counter === undefined) {
    const named = calls.join(" or ");
    state.require(FALSE, "loop", `the loop that calls ${named} does not count to ${count}`);
  }
  return counter;
}

/** Takes all rounds as one step; the state behind the loop. */
export function takeRounds(
  rounds: Rounds,
  take: (state: State) => void,
  loop: Instruction,
  state: State,
): State | undefined {
  const counter = counted(loop, rounds, state);
  if (counter === undefined) return undefined;
  const isFirst = equal(state.locals[counter]!, constant(32, 0));
  state.require(isFirst, "loop", "the first round has number 0");
  take(state);
  if (state.dead) return undefined;
  for (const local of assignedLocals(loop.body!)) {
    state.locals[local] = state.fresh("rounds", state.locals[local]!.width);
  }
  state.locals[counter] = constant(32, rounds.count);
  return state;
}

/** Runs one round from any state; what led to the loop is forgotten, but for locals that no round
 *  sets. */
export function runRound(
  interpreter: Interpreter,
  { of, counter: number }: Round,
  loop: Instruction,
  state: State,
  labels: readonly Label[],
): never {
  const counter = counted(loop, of, state);
  if (counter === undefined) throw new RoundDone(undefined);
  const assigned = assignedLocals(loop.body!);
  // What was done before the loop is not known to its rounds: they begin in any state.
  const isLater = state.cells.size > 0 || state.outputs.length > 0;
  for (const [local, value] of state.locals.entries()) {
    if (isLater || assigned.has(local)) state.locals[local] = state.fresh("round", value.width);
    else staysKnown(of, state, value);
  }
  state.cells = new Map();
  state.outputs = [];
  state.sequence = constant(state.sequence.width, 0);
  state.locals[counter] = number;
  state.path = EMPTY_PATH;
  state.assume(ult(number, constant(32, of.count)));
  const marks = labels.map((label) => label.arrivals.length);
  const back: Label = { arrivals: [], height: state.stack.length, arity: 0 };
  const fallen = interpreter.sequence(loop.body!, state, [...labels, back]);
  const after = mergeStates(back.arrivals);
  const left = labels.some((label, at) => label.arrivals.length > marks[at]!);
  if (after !== undefined) {
    if (left || fallen !== undefined) after.require(FALSE, "loop", "a round leaves the loop");
    const next = equal(after.locals[counter]!, add(number, constant(32, 1)));
    after.require(next, "loop", "the next round has the next number");
  }
  throw new RoundDone(after);
}

/** A local's value from before the loop does not depend on what rounds change. */
function staysKnown({ block }: Rounds, state: State, value: Term): void {
  for (const one of postorder([value])) {
    const column = one.operator === "apply" ? state.space.columns.get(one.name) : undefined;
    if (column !== undefined && block.writes(column)) {
      state.require(FALSE, "loop", `rounds change ${column.name}, which is read before them`);
    }
  }
}
