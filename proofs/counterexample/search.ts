// From a goal that fails to a state that replays. The case is stated again without blocks and
// lemmas, so that everything is numbers in the end, and with paging off in the caller, which makes
// a guest's addresses what they say.

import { drainRounds } from "../obligations/blocks.ts";
import { vcpuArgument } from "../obligations/entered.ts";
import type { Goal } from "../obligations/goal.ts";
import { LEVELS } from "../obligations/hypotheses.ts";
import { type Case, execute, refine } from "../obligations/refine.ts";
import type { Solver } from "../solver/index.ts";
import {
  assignmentOf,
  constant,
  not,
  printQuery,
  probesOf,
  TRUE,
  truncate,
} from "../term/index.ts";
import type { Column, State, WasmModule } from "../wasm/index.ts";
import { type Replay, replay } from "./replay.ts";
import { type Witness, witnessOf } from "./witness.ts";

export interface Counterexample {
  readonly witness: Witness;
  /** What differs when it is replayed; nothing if the replay could not show it. */
  readonly replay: Replay;
}

const PROTECTED_MODE = 0x11;
const LIMIT_MILLISECONDS = 20_000;
const LIMIT_GOALS = 6;

/** The case in full, from simpler states. */
function plain(one: Case): Case {
  const prepare = (state: State): void => {
    one.prepare?.(state);
    if (!one.args.includes(vcpuArgument)) return;
    state.write("vmcbCr0", truncate(vcpuArgument, 8), constant(64, PROTECTED_MODE));
  };
  const blocks = (one.blocks ?? []).filter((block) => block === drainRounds);
  const { split: _, reads: __, ...rest } = one;
  return { ...rest, prepare, blocks, lemmas: [] };
}

/** The property without the situation in which it was shown. */
export const stem = (property: string): string => property.replace(/ \([^()]*\)$/, "");

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
  const goals = refine(sides).filter(({ conclusion }) => conclusion !== TRUE);
  const wanted = new Set(properties.map(stem));
  const isWanted = (goal: Goal): boolean => wanted.has(stem(goal.property));
  const order = [...goals.filter(isWanted), ...goals.filter((goal) => !isWanted(goal))];
  let best: Counterexample | undefined;
  for (let level = 0; level < LEVELS; level++) {
    for (const goal of order.slice(0, LIMIT_GOALS)) {
      const claims = [...goal.hypotheses(level), not(goal.conclusion)];
      const probes = probesOf([...claims, ...one.args]);
      const options = { timeoutMs: LIMIT_MILLISECONDS, wantModel: true };
      const { model } = await solver.solve(printQuery(claims, { probes }), options);
      if (model === undefined) continue;
      const assignment = assignmentOf(probes, model);
      const witness = witnessOf(goal, one.function, one.args, sides.start, assignment);
      const found = { witness, replay: replay(bytes, one, witness) };
      if (found.replay.differences.length > 0) return found;
      best ??= found;
    }
  }
  return best;
}
