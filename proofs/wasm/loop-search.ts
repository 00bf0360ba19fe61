// Loops that change no row, but look for the first of some rows, or count rows: what they find has
// a name, and the specification's `least` and `count` of the same condition have the same name.

import {
  add,
  and,
  conjuncts,
  constant,
  isConstant,
  ite,
  not,
  postorder,
  rewrite,
  type Term,
} from "../term/index.ts";
import type { Label } from "./execute.ts";
import { guardObligations } from "./loop-effect.ts";
import {
  type Changes,
  COUNTER_WIDTH,
  type LoopSummary,
  Refusal,
  type Round,
} from "./loop-round.ts";
import { beyond } from "./path.ts";
import type { State } from "./state.ts";

/** Names for what is found among the numbers below a limit. */
export interface Questions {
  /** The number that conditions are about. */
  readonly bound: Term;
  /** The least number that satisfies the condition, if one exists. */
  least(condition: Term, limit: number): { readonly exists: Term; readonly index: Term };
  /** How many numbers satisfy the condition. */
  count(condition: Term, limit: number): Term;
}

/** The state behind a loop that searches or counts, or a refusal. */
export function found(
  state: State,
  labels: readonly Label[],
  round: Round,
  changes: Changes,
  questions: Questions,
  firstObligation: number,
): LoopSummary {
  if (changes.columns.size > 0) throw new Refusal("it changes rows");
  const goesOn = beyond(round.back.path, state.path);
  if (beyond(round.exit.path, state.path) !== not(goesOn)) throw new Refusal("a round can trap");
  const members = conjuncts(goesOn);
  const bounds = members.filter((one) => isBound(one, round.counter));
  if (bounds.length !== 1) throw new Refusal("no constant bounds the number of rounds");
  const limit = bounds[0]!.operands[1]!;
  const wanted = members.filter((one) => !bounds.includes(one));
  const about = (condition: Term) => aboutBound(condition, round, questions);
  const last =
    wanted.length === 0 ? limit : firstThat(about(not(and(...wanted))), limit, questions);
  const values = new Map([[round.counter, last]]);
  for (const [at, unknown] of round.lost) {
    if (wanted.length > 0) throw new Refusal("it counts, and may leave early");
    const counted = about(countedIn(round.back.locals[at]!, unknown));
    const count = questions.count(counted, Number(limit.value));
    values.set(unknown, add(state.locals[at]!, count));
  }
  guardObligations(state, round, limit, firstObligation);
  const exit = state.clone();
  const replace = (terms: readonly Term[]) => [
    ...rewrite(terms, (term) => values.get(term), round.since),
  ];
  exit.locals = replace(round.exit.locals);
  exit.stack = replace(round.exit.stack);
  exit.steps = round.exit.steps + Number(limit.value) * (round.back.steps - state.steps);
  if (round.exitLabel !== undefined) labels[round.exitLabel]!.arrivals.push(exit);
  return {
    fallen: round.exitLabel === undefined ? exit : undefined,
    report: { summarised: true, iterations: `at most ${limit.value}`, reason: "" },
  };
}

const isBound = (condition: Term, counter: Term): boolean =>
  condition.operator === "ult" &&
  condition.operands[0] === counter &&
  isConstant(condition.operands[1]!);

function firstThat(condition: Term, limit: Term, questions: Questions): Term {
  const { exists, index } = questions.least(condition, Number(limit.value));
  return ite(exists, index, limit);
}

/** A condition on a round's number as one on the number that questions are about. */
function aboutBound(condition: Term, round: Round, { bound }: Questions): Term {
  for (const part of postorder([condition], round.since)) {
    if (part !== round.counter && round.unknowns.has(part.name)) {
      throw new Refusal("what is looked for passes between rounds");
    }
  }
  const replace = (term: Term) => (term === round.counter ? bound : undefined);
  return rewrite([condition], replace, round.since)[0]!;
}

/** The condition under which a round adds one to a local. */
function countedIn(value: Term, before: Term): Term {
  const more = add(before, constant(COUNTER_WIDTH, 1));
  if (value.operator === "ite") {
    const [condition, left, right] = value.operands as [Term, Term, Term];
    if (left === more && right === before) return condition;
    if (left === before && right === more) return not(condition);
  }
  throw new Refusal("a local neither counts nor stays");
}
