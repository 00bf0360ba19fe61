import type { Interpreter, Label } from "./execute.ts";
import { summary } from "./loop-effect.ts";
import {
  type Changes,
  executeRound,
  firstChanges,
  type LoopSummary,
  moreChanges,
  Refusal,
  type Round,
} from "./loop-round.ts";
import { found } from "./loop-search.ts";
import type { Instruction } from "./module.ts";
import type { State } from "./state.ts";

const LIMIT_ATTEMPTS = 4;

/**
 * Replaces a counted loop by its effect: after N rounds, each changed column is its old contents
 * with one range written. Sound for all states, or refused with a reason:
 *
 * a round is executed once with the number j of earlier rounds as a variable and everything that
 * rounds change as unknowns. It has to come back under a condition on j alone, true for exactly the
 * first N values; leave at one place; change its locals as assumed; and store to each column at
 * most once, at (something fixed) + j, a value that reads changed columns only where this same
 * round stores. Then rounds cannot see each other's stores, and the order does not matter. Loops
 * that store nothing may also search or count (loop-search.ts), if there are names for what they
 * find.
 */
export function summariseLoop(
  interpreter: Interpreter,
  loop: Instruction,
  state: State,
  labels: readonly Label[],
): LoopSummary | string {
  const asRange = () =>
    modelled(interpreter, loop, state, labels, (round, changes, obligations) =>
      summary(state, labels, round, changes, obligations),
    );
  const { questions } = interpreter.settings;
  if (questions === undefined) return asRange();
  // What a range leaves unknown of a count has a name here.
  const asSearch = modelled(interpreter, loop, state, labels, (round, changes, obligations) =>
    found(state, labels, round, changes, questions, obligations),
  );
  if (typeof asSearch !== "string") return asSearch;
  const other = asRange();
  return typeof other === "string" ? `${other}; ${asSearch}` : other;
}

/** The loop by one round that stands for all, and what `model` makes of it. */
function modelled(
  interpreter: Interpreter,
  loop: Instruction,
  state: State,
  labels: readonly Label[],
  model: (round: Round, changes: Changes, firstObligation: number) => LoopSummary,
): LoopSummary | string {
  const mark = state.record.mark();
  const offset = state.record.offset;
  try {
    let changes = firstChanges(interpreter, loop, state, labels);
    state.record.restore(mark);
    for (let attempt = 0; attempt < LIMIT_ATTEMPTS; attempt++) {
      const round = executeRound(interpreter, loop, state, labels, changes);
      const more = moreChanges(changes, round);
      if (more === undefined) return model(round, changes, mark.obligations);
      changes = more;
      state.record.restore(mark);
    }
    throw new Refusal("what changes does not settle");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    state.record.restore(mark);
    state.record.offset = offset;
    return error.message;
  }
}
