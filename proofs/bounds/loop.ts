// How often a loop goes round. A local that each round moves by a constant is a counter; how far it
// can be when a round comes back to the start bounds the number of rounds.

import type { Instruction } from "../wasm/index.ts";
import type { Analysis, Label } from "./analyse.ts";
import { copyOf, merged, type State } from "./state.ts";
import { join, mostOf, unknown, type Word, word } from "./word.ts";

export interface LoopBound {
  readonly place: string;
  /** How often a round comes back to the start, at most. */
  readonly rounds: bigint;
}

/** What a whole loop does at most. */
interface Followed {
  readonly rounds: bigint;
  readonly fallen: State | undefined;
  /** States that leave to the enclosing labels, by their place. */
  readonly exits: readonly (readonly State[])[];
}

interface Round {
  readonly start: State;
  /** What a round that comes back knows of the values that it began with. */
  readonly began: readonly Word[];
  readonly back: State | undefined;
  readonly fallen: State | undefined;
  readonly exits: readonly (readonly State[])[];
  /** The costliest way within the round that does not return. */
  readonly worst: bigint;
}

const LIMIT_ATTEMPTS = 8;

function follow(
  analysis: Analysis,
  loop: Instruction,
  start: State,
  labels: readonly Label[],
): Round {
  const own = labels.map((label) => ({ ...label, arrivals: [] as State[] }));
  const again: Label = { arrivals: [], height: start.stack.length, arity: 0 };
  const outer = analysis.frame.worst;
  analysis.frame.worst = 0n;
  // The values that the round begins with go along behind the locals, where no code sees them.
  const { length } = start.locals;
  const from = { ...copyOf(start), locals: [...start.locals, ...start.locals] };
  const fallen = analysis.sequence(loop.body!, from, [...own, again]);
  const { worst } = analysis.frame;
  analysis.frame.worst = outer;
  const cut = (one: State): State => ({ ...one, locals: one.locals.slice(0, length) });
  const exits = own.map(({ arrivals }) => arrivals.map(cut));
  const back = merged(again.arrivals);
  const began = back?.locals.slice(length) ?? [];
  return { start, began, back: back && cut(back), fallen: fallen && cut(fallen), exits, worst };
}

/** By how much each round moves a local: the constant that it adds to what the round began with. */
function stepOf(start: Word, back: Word): bigint | undefined {
  if (back.id === start.id) return 0n;
  return back.sum?.id === start.id ? back.sum.constant : undefined;
}

/** The start of any round, if rounds leave locals as this one did. */
function widen(first: State, round: Round, isWide: boolean): State {
  const { start, back } = round;
  const locals = start.locals.map((one, at) => {
    const after = back!.locals[at]!;
    if (after.id === one.id) return one;
    const initial = first.locals[at]!;
    if (stepOf(one, after) !== undefined) return word(one.bits, { min: initial.min });
    return isWide ? unknown(one.bits) : fresh(join(initial, after));
  });
  return { ...copyOf(start), locals };
}

const fresh = ({ bits, min, max, zeros, ones }: Word): Word =>
  word(bits, { min, max, zeros, ones });

/** Does the start of a round hold what the round before leaves? */
function holds(round: Round, first: State): boolean {
  return round.start.locals.every((one, at) => {
    const after = round.back!.locals[at]!;
    if (after.id === one.id) return true;
    const step = stepOf(one, after);
    const covers = (two: Word) =>
      two.min >= one.min &&
      two.max <= one.max &&
      (one.zeros & ~two.zeros) === 0n &&
      (one.ones & ~two.ones) === 0n;
    if (step === undefined) return covers(after) && covers(first.locals[at]!);
    // Counters are bounded below by where they began; what they reach is found next.
    return one.min === first.locals[at]!.min && one.max === mostOf(one.bits);
  });
}

interface Counter {
  readonly at: number;
  readonly step: bigint;
  /** The greatest value at the end of a round that goes on. */
  readonly last: bigint;
}

/** Locals that move by a constant and are held back by what the round asks. */
function countersOf(first: State, round: Round): Counter[] {
  return round.start.locals.flatMap((one, at) => {
    const after = round.back!.locals[at]!;
    const step = stepOf(one, after);
    if (step === undefined || step === 0n || step >= 1n << BigInt(one.bits - 1)) return [];
    // A counter may not wrap round: then it begins anew. Either a round that goes on says how far
    // it was when it began, or how far it is when it ends.
    const most = mostOf(one.bits);
    const began = round.began[at]!.max + step;
    const initial = first.locals[at]!.max;
    const ended = after.max > initial ? after.max : initial;
    const possible = [began, ended + step <= most ? ended : began].filter((last) => last <= most);
    return possible.length === 0 ? [] : [{ at, step, last: least(possible) }];
  });
}

const least = (numbers: readonly bigint[]): bigint =>
  numbers.reduce((smallest, one) => (one < smallest ? one : smallest));

/** How many rounds come back if the counter is so far at most after the last of them. */
const roundsTo = (initial: Word, step: bigint, last: bigint): bigint =>
  last < initial.min ? 0n : (last - initial.min) / step;

/** A round of any number: what it may begin with, found by going round until that holds. */
function anyRound(
  analysis: Analysis,
  loop: Instruction,
  state: State,
  labels: readonly Label[],
): Round | string {
  let round = follow(analysis, loop, state, labels);
  for (let attempt = 0; attempt < LIMIT_ATTEMPTS; attempt++) {
    if (round.back === undefined) return round;
    if (attempt > 0 && holds(round, state)) return round;
    round = follow(analysis, loop, widen(state, round, attempt > 1), labels);
  }
  return "what changes does not settle";
}

/** A loop at most: the states behind it, and how often it goes round; or why that is unknown. */
export function boundLoop(
  analysis: Analysis,
  loop: Instruction,
  state: State,
  labels: readonly Label[],
): Followed | string {
  let round = anyRound(analysis, loop, state, labels);
  if (typeof round === "string") return round;
  let rounds = 0n;
  if (round.back !== undefined) {
    const counters = countersOf(state, round);
    if (counters.length === 0) return "no counter is held back by a constant";
    const locals = [...round.start.locals];
    for (const { at, last } of counters) {
      const { bits } = locals[at]!;
      const initial = state.locals[at]!;
      locals[at] = word(bits, {
        min: initial.min,
        max: last > initial.max ? last : initial.max,
      });
    }
    round = follow(analysis, loop, { ...round.start, locals }, labels);
    rounds = least(counters.map(({ at, step, last }) => roundsTo(state.locals[at]!, step, last)));
  }
  return summed(analysis, round, rounds, state.cost);
}

/** The whole loop's states, each behind so many rounds. */
function summed(analysis: Analysis, round: Round, rounds: bigint, before: bigint): Followed {
  const each = round.back === undefined ? 0n : round.back.cost - before;
  const all = rounds * each;
  const later = (one: State): State => ({ ...one, cost: one.cost + all });
  const { frame } = analysis;
  if (round.worst > 0n && round.worst + all > frame.worst) frame.worst = round.worst + all;
  return {
    rounds,
    fallen: round.fallen && later(round.fallen),
    exits: round.exits.map((states) => states.map(later)),
  };
}
