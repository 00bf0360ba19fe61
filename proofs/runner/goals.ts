// From a case to results: each goal at rising levels of facts, until it is shown.

import type { Goal } from "../obligations/goal.ts";
import { LEVELS } from "../obligations/hypotheses.ts";
import type { Solver } from "../solver/index.ts";
import { printQuery, printValidity, TRUE } from "../term/index.ts";
import { type Obligation, type ObligationResult, runObligations } from "./index.ts";

/** Time for a query at each level, in milliseconds. */
const LIMIT_MILLISECONDS = [5_000, 10_000, 20_000];

export interface GoalOptions {
  /** All of them have to agree. */
  readonly solvers: readonly Solver[];
  /** Queries at once. */
  readonly parallel: number;
  /** Folder that gets each query. */
  readonly dump?: string;
}

/** A goal at one level, as a query. */
function obligationOf(goal: Goal, level: number): Obligation {
  const { family, operation, property, conclusion } = goal;
  const comment = `${family}: ${operation}: ${property}`;
  const query = () => {
    const facts = goal.hypotheses(level);
    return goal.satisfiable
      ? printQuery([...facts, conclusion], { comment })
      : printValidity(facts, conclusion, { comment });
  };
  return { family, operation, property, query, expect: goal.satisfiable ? "sat" : "unsat" };
}

/** What needs no solver: both sides are one term. */
function trivial(goal: Goal): ObligationResult {
  const { family, operation, property } = goal;
  const frame = { family, operation, property, ok: true, verdict: "unsat", ms: 0 } as const;
  return { ...frame, solver: "terms", expect: "unsat", sha256: "", bytes: 0, opinions: [] };
}

const isTrivial = (goal: Goal): boolean => goal.conclusion === TRUE && !goal.satisfiable;

/** Solves goals, those that fail again with more facts; results in the order of the goals. */
export async function solveGoals(
  goals: readonly Goal[],
  options: GoalOptions,
): Promise<readonly ObligationResult[]> {
  const results = new Map<Goal, ObligationResult>();
  let left = goals.filter((goal) => !isTrivial(goal));
  for (const goal of goals) if (isTrivial(goal)) results.set(goal, trivial(goal));
  for (let level = 0; level < LEVELS && left.length > 0; level++) {
    const timeoutMs = LIMIT_MILLISECONDS[level]!;
    const list = left.map((goal) => obligationOf(goal, level));
    const found = await runObligations(list, { ...options, timeoutMs });
    for (const [at, goal] of left.entries()) {
      const spent = (results.get(goal)?.totalMs ?? 0) + found[at]!.ms;
      results.set(goal, { ...found[at]!, totalMs: spent });
    }
    left = left.filter((goal) => !results.get(goal)!.ok);
  }
  return goals.map((goal) => results.get(goal)!);
}

/** The first goal that fails with all the facts there are; none if all are shown. */
export async function firstFailure(
  goals: readonly Goal[],
  options: GoalOptions,
): Promise<ObligationResult | undefined> {
  const list = goals.filter((goal) => !isTrivial(goal));
  const timeoutMs = LIMIT_MILLISECONDS[0]!;
  const verdicts = new Map<Goal, string>();
  for (const goal of list) {
    const [quick] = await runObligations([obligationOf(goal, 0)], { ...options, timeoutMs });
    verdicts.set(goal, quick!.verdict);
    if (quick!.ok || quick!.verdict === "unknown") continue;
    const [result] = await solveGoals([goal], options);
    if (!result!.ok) return result;
  }
  // Those without an answer take long, and come last.
  const open = list.filter((goal) => verdicts.get(goal) === "unknown");
  for (const goal of open) {
    const [result] = await solveGoals([goal], options);
    if (!result!.ok) return result;
  }
  return undefined;
}

/** A case that cannot even be stated is one failed obligation that says why. */
export function impossible(
  one: { readonly family: string; readonly operation: string },
  error: unknown,
): ObligationResult {
  const { family, operation } = one;
  const detail = error instanceof Error ? error.message : String(error);
  const frame = { family, operation, property: "can be stated", ok: false } as const;
  const rest = { ms: 0, solver: "terms", expect: "unsat", sha256: "", bytes: 0 } as const;
  return { ...frame, verdict: "error", ...rest, opinions: [], detail };
}
