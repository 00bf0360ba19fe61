// From a goal that fails to a state that replays. The case is stated again without blocks, so that
// everything is numbers in the end, and with paging off in the caller, which makes a guest's
// addresses what they say. Lemmas stay: where a function is called that is proved elsewhere, code
// and specification take the same steps, and the state is about what differs.

import { SpecificationError } from "../../spec/lang/word.ts";
import { drainRounds } from "../obligations/blocks.ts";
import type { Case } from "../obligations/case.ts";
import { vcpuArgument, vcpuNumber } from "../obligations/entered.ts";
import type { Goal } from "../obligations/goal.ts";
import { seedsOf } from "../obligations/hypotheses.ts";
import { instances, type Seed } from "../obligations/instances.ts";
import { execute, refine } from "../obligations/refine.ts";
import type { Solver } from "../solver/index.ts";
import { constant, not, TRUE } from "../term/index.ts";
import type { Column, State, WasmModule } from "../wasm/index.ts";
import { type Replay, replay } from "./replay.ts";
import { cellsOf, examine, examineFewest } from "./sound.ts";
import { StateSearch } from "./state.ts";
import { type Witness, witnessOf } from "./witness.ts";

export interface Counterexample {
  readonly witness: Witness;
  /** What differs when it is replayed; nothing if the replay could not show it. */
  readonly replay: Replay;
}

const PROTECTED_MODE = 0x11;
const LIMIT_GOALS = 4;
/** How far from the goal the rows are that its facts are about. */
const LEVEL = 1;
/** States that are ruled out one after the other. */
const LIMIT_ROUNDS = 12;

/** The case in full, from simpler states. */
function plain(one: Case): Case {
  const prepare = (state: State): void => {
    one.prepare?.(state);
    if (!one.args.includes(vcpuArgument)) return;
    state.write("vmcbCr0", vcpuNumber, constant(64, PROTECTED_MODE));
  };
  // A loop of unknown length, and all hypercalls at once, are never executed in full.
  const blocks = (one.blocks ?? []).filter(
    (block) => block === drainRounds || block.keepsInvariants === true,
  );
  const { split: _, reads: __, ...rest } = one;
  return { ...rest, prepare, blocks };
}

/** The property without the situation in which it was shown. */
export const stem = (property: string): string => property.replace(/ \([^()]*\)$/, "");

/** A state that breaks an invariant where no goal looked can have no meaning for the text. */
function replayOrNothing(bytes: Uint8Array, one: Case, witness: Witness): Replay | undefined {
  try {
    return replay(bytes, one, witness);
  } catch (error) {
    if (error instanceof SpecificationError) return undefined;
    throw error;
  }
}

/** Looks for a state in which a property of the case fails, and replays it. */
export async function findCounterexample(
  bytes: Uint8Array,
  module: WasmModule,
  columns: readonly Column[],
  one: Case,
  properties: readonly string[],
  solver: Solver,
): Promise<Counterexample | undefined> {
  const sides = execute(module, columns, plain(one));
  const goals = refine(sides).filter(
    ({ conclusion, satisfiable }) => conclusion !== TRUE && satisfiable !== true,
  );
  const wanted = new Set(properties.map(stem));
  const isWanted = (goal: Goal): boolean => wanted.has(stem(goal.property));
  const order = [...goals.filter(isWanted), ...goals.filter((goal) => !isWanted(goal))];
  for (const goal of order.slice(0, LIMIT_GOALS)) {
    const found = await refined(bytes, one, sides, goal, solver);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A state in which the goal fails and the invariants hold wherever anything looks. Each state that
 *  breaks one of them is ruled out by that invariant at that row, and the next is asked for. */
async function refined(
  bytes: Uint8Array,
  one: Case,
  sides: ReturnType<typeof execute>,
  goal: Goal,
  solver: Solver,
): Promise<Counterexample | undefined> {
  const { start, run, spec } = sides;
  const rows = seedsOf(start, [...run.accesses, ...spec.state.record.accesses]);
  const facts = [...goal.hypotheses(LEVEL), ...instances(one.invariants, rows, start, LEVEL)];
  const states = new StateSearch(not(goal.conclusion), facts, solver);
  for (let round = 0; round < LIMIT_ROUNDS; round++) {
    const next = await states.next();
    if (next.verdict !== "sat") return undefined;
    const { assignment } = next;
    const whole = witnessOf(goal, one.function, one.args, start, assignment);
    const { witness, replay: replayed, broken } = examined(bytes, one, whole);
    if (broken.length === 0) {
      if (replayed === undefined || replayed.differences.length === 0) return undefined;
      return { witness, replay: replayed };
    }
    states.add(instances(one.invariants, broken, start, 0));
    const looked = [...(replayed?.looked.values() ?? [])];
    states.keep(assignment, new Set(looked.map(({ column, row }) => `${column.name} ${row}`)));
  }
  return undefined;
}

interface Attempt {
  readonly witness: Witness;
  readonly replay: Replay | undefined;
  readonly broken: readonly Seed[];
}

/** The state without what nothing looks at, if it shows a difference as well; else as it is. */
function examined(bytes: Uint8Array, one: Case, whole: Witness): Attempt {
  const first = replayOrNothing(bytes, one, whole);
  const looked = [...(first?.looked.values() ?? [])];
  const { around, broken } = examineFewest(one.invariants, whole, looked);
  const small = replayOrNothing(bytes, one, around);
  if (small !== undefined && small.differences.length > 0) {
    return { witness: around, replay: small, broken };
  }
  const all = examine(one.invariants, whole, [...cellsOf(whole), ...looked]);
  return { witness: whole, replay: first, broken: all.broken };
}
