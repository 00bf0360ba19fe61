import type { Interpreter, Label } from "./execute.ts";
import { summary } from "./loop-effect.ts";
import {
  executeRound,
  firstChanges,
  type LoopSummary,
  moreChanges,
  Refusal,
} from "./loop-round.ts";
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
 * round stores. Then rounds cannot see each other's stores, and the order does not matter.
 */
export function summariseLoop(
  interpreter: Interpreter,
  loop: Instruction,
  state: State,
  labels: readonly Label[],
): LoopSummary | string {
  const mark = state.record.mark();
  const offset = state.record.offset;
  try {
    let changes = firstChanges(interpreter, loop, state, labels);
    state.record.restore(mark);
    for (let attempt = 0; attempt < LIMIT_ATTEMPTS; attempt++) {
      const round = executeRound(interpreter, loop, state, labels, changes);
      const more = moreChanges(changes, round);
      if (more === undefined) return summary(state, labels, round, changes, mark.obligations);
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
