// Can a branch of the core ever go that way? Asked of the solver, under the invariants, in each
// case that executes the branch's function.

import { LEVELS } from "../obligations/hypotheses.ts";
import { cases } from "../obligations/index.ts";
import { execute } from "../obligations/refine.ts";
import type { Solver } from "../solver/index.ts";
import { FALSE, not, printQuery, type Term } from "../term/index.ts";
import type { Column, WasmModule } from "../wasm/index.ts";
import { type Coverage, coverageOf } from "./functions.ts";
import { type Outcome, withOutcomes } from "./probe.ts";

export { type Coverage, coverageOf } from "./functions.ts";
export type { Outcome } from "./probe.ts";

export interface Reachability extends Outcome {
  /**
   * "unreachable": no state that satisfies the invariants goes there, shown in every case.
   * "reachable": in one case the solver has a state. "unknown": neither.
   */
  readonly verdict: "unreachable" | "reachable" | "unknown";
  /** The case that reaches it, or that the solver could not decide, as "family: operation". */
  readonly by?: string;
  /** How many cases execute the function. */
  readonly cases: number;
  /** Operations without a case that may execute it too: they keep a branch from "unreachable". */
  readonly outside: readonly string[];
}

const LIMIT_EFFORT = 24_000_000;
const LIMIT_MILLISECONDS = 600_000;

type Hypotheses = ReturnType<typeof execute>["hypotheses"];

/** Can the condition hold together with what is known? With few facts first. */
async function mayHold(condition: Term, hypotheses: Hypotheses, solver: Solver) {
  const limits = { timeoutMs: LIMIT_MILLISECONDS, effort: LIMIT_EFFORT };
  for (const level of [0, LEVELS - 1]) {
    const facts = hypotheses.of(not(condition), level);
    const { verdict } = await solver.solve(printQuery([...facts, condition]), limits);
    if (verdict === "unsat" || level > 0) return verdict;
  }
  return "unknown";
}

/** What is known of an outcome so far. */
interface Open {
  verdict: Reachability["verdict"];
  by?: string;
}

/**
 * Asks for each outcome whether it is reachable. A solver with two workers or more answers about as
 * many at once. `coverage` is found out if it is not given.
 * @throws Error if the build has no such branch
 */
export async function reachability(
  module: WasmModule,
  columns: readonly Column[],
  outcomes: readonly Outcome[],
  solver: Solver,
  coverage: Coverage = coverageOf(module, columns),
): Promise<Reachability[]> {
  const { module: probed, reached } = withOutcomes(module, outcomes);
  const found: Open[] = outcomes.map(() => ({ verdict: "unreachable" }));
  const casesOf = ({ function: name }: Outcome) => coverage.cases.get(name) ?? [];
  const wanted = [...new Set(outcomes.flatMap(casesOf))].sort((a, b) => a - b);
  for (const at of wanted) {
    const one = cases[at]!;
    const open = [...outcomes.keys()].filter(
      (each) => casesOf(outcomes[each]!).includes(at) && found[each]!.verdict !== "reachable",
    );
    if (open.length === 0) continue;
    const { run, hypotheses } = execute(probed, columns, one);
    const conditions = reached(run.obligations);
    const by = `${one.family}: ${one.operation}`;
    await Promise.all(
      open.map(async (each) => {
        const condition = conditions.get(each) ?? FALSE;
        if (condition === FALSE) return;
        const verdict = await mayHold(condition, hypotheses, solver);
        if (verdict === "sat") found[each] = { verdict: "reachable", by };
        else if (verdict !== "unsat") found[each] = { verdict: "unknown", by };
      }),
    );
  }
  return outcomes.map((one, at) => {
    const outside = coverage.outside.get(one.function) ?? [];
    const own = casesOf(one).length;
    const { verdict, ...rest } = found[at]!;
    const isOpen = verdict === "unreachable" && outside.length > 0;
    return { ...one, verdict: isOpen ? "unknown" : verdict, ...rest, cases: own, outside };
  });
}
