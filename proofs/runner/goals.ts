// From a case to results: each goal with few facts first, with more if those do not suffice, and in
// parts if it is too much at once.

import type { Goal } from "../obligations/goal.ts";
import { LEVELS } from "../obligations/hypotheses.ts";
import type { Solver } from "../solver/index.ts";
import { Queue } from "../solver/queue.ts";
import { not, printQuery, printValidity, type Term, TRUE } from "../term/index.ts";
import { disagree, type Obligation, type ObligationResult, runObligations } from "./index.ts";
import { type Asked, askLazily, type Limits } from "./lazy.ts";
import { hintFor, isWhole, markOf, type Record, wholeHint } from "./recorded.ts";

/**
 * What a query may cost in the solver's own count: verdicts do not depend on the machine's load.
 * The first try of a goal that has parts gets less.
 */
const LIMIT_EFFORT = 24_000_000;
const LIMIT_EFFORT_WHOLE = 2_000_000;
/** Only against a solver that has lost its way. */
const LIMIT_MILLISECONDS = 600_000;
const LIMIT_QUICK_MILLISECONDS = 5_000;

export interface GoalOptions {
  /** All of them have to agree. */
  readonly solvers: readonly Solver[];
  /** Queries at once. */
  readonly parallel: number;
  /** Folder that gets each query. */
  readonly dump?: string;
  /** What earlier proofs took; what these take is added. */
  readonly record?: Record;
}

/** How a goal is put: facts of which level, and functions as functions or as names of values. */
interface Form {
  readonly level: number;
  readonly functions: boolean;
}

const FIRST: Form = { level: 0, functions: false };

/** A goal in one form, as a query. */
function obligationOf(goal: Goal, { level, functions }: Form): Obligation {
  const { family, operation, property, conclusion } = goal;
  const options = { comment: `${family}: ${operation}: ${property}`, functions };
  const query = () => {
    const facts = goal.hypotheses(level);
    return goal.satisfiable
      ? printQuery([...facts, conclusion], options)
      : printValidity(facts, conclusion, options);
  };
  return { family, operation, property, query, expect: goal.satisfiable ? "sat" : "unsat" };
}

/** Asks for a goal in one form: by few facts, or all at once where that leads nowhere. */
async function ask(
  goal: Goal,
  form: Form,
  options: GoalOptions,
  limits: Limits,
): Promise<ObligationResult> {
  const whole = obligationOf(goal, form);
  const settings = { ...options, ...limits };
  const asked = form.functions ? undefined : await byFewFacts(goal, form, options, limits);
  // What few facts do not show is easier by its parts than by all facts at once.
  if (asked === undefined && limits.effort === LIMIT_EFFORT_WHOLE && !form.functions) {
    if (goal.parts !== undefined) return { ...nothingYet(goal), ok: false, verdict: "unknown" };
  }
  if (asked === undefined) {
    const [found] = await runObligations([whole], settings);
    if (found!.ok && !form.functions) {
      options.record?.note(markOf(claimOf(goal)), wholeHint(form.level));
    }
    return { ...found!, totalMs: found!.ms, largestMs: found!.ms };
  }
  const { text, answer, ms, largestMs } = asked;
  const [found] = await runObligations([{ ...whole, query: () => text, known: answer }], settings);
  return { ...found!, totalMs: ms, largestMs };
}

/** Nothing if there are no facts to be had, or too many states. */
async function byFewFacts(
  goal: Goal,
  { level }: Form,
  { solvers, record }: GoalOptions,
  limits: Limits,
): Promise<Asked | undefined> {
  const { family, operation, property, satisfiable = false } = goal;
  const claim = claimOf(goal);
  const comment = `${family}: ${operation}: ${property}`;
  let facts: readonly Term[];
  try {
    facts = goal.hypotheses(level);
  } catch {
    return undefined;
  }
  const hint = record?.hintOf(claim);
  if (hint !== undefined && isWhole(hint)) return undefined;
  const asked = await askLazily({ claim, facts, comment }, solvers[0]!, limits, hint);
  if (asked?.answer.verdict === (satisfiable ? "sat" : "unsat")) {
    record?.note(markOf(claim), hintFor(level, asked.facts, asked.pairs));
  }
  return asked;
}

/** What must be impossible for the goal to hold; or possible, if that is the goal. */
const claimOf = ({ conclusion, satisfiable = false }: Goal): Term =>
  satisfiable ? conclusion : not(conclusion);

/** What needs no solver: both sides are one term. */
function trivial(goal: Goal): ObligationResult {
  const { family, operation, property } = goal;
  const frame = { family, operation, property, ok: true, verdict: "unsat", ms: 0 } as const;
  return { ...frame, solver: "terms", expect: "unsat", sha256: "", bytes: 0, opinions: [] };
}

const isTrivial = (goal: Goal): boolean => goal.conclusion === TRUE && !goal.satisfiable;

/** The form to try after one without success: more facts if they were too few. */
function nextForm({ level, functions }: Form, result: ObligationResult): Form | undefined {
  if (result.verdict === "unknown" && !functions) return { level, functions: true };
  return level + 1 < LEVELS ? { level: level + 1, functions: false } : undefined;
}

/** What conditions that several goals of a case share came to. */
type Shared = Map<Term, Promise<ObligationResult>>;

/** The goal by one that implies it; nothing if that is not so easily shown. */
async function byStronger(
  { stronger, property }: Goal,
  options: GoalOptions,
  shared: Shared,
): Promise<ObligationResult | undefined> {
  if (stronger === undefined) return undefined;
  const known = shared.get(stronger.conclusion);
  const limits = { timeoutMs: LIMIT_MILLISECONDS, effort: LIMIT_EFFORT_WHOLE };
  const asked = known ?? ask(stronger, FIRST, options, limits);
  shared.set(stronger.conclusion, asked);
  const found = await asked;
  const times = known === undefined ? {} : { ms: 0, totalMs: 0, largestMs: 0 };
  return found.ok ? { ...found, ...times, property } : undefined;
}

/** One goal, until it is shown or nothing is left to try. */
async function solveGoal(
  goal: Goal,
  options: GoalOptions,
  shared: Shared = new Map(),
): Promise<ObligationResult> {
  if (isTrivial(goal)) return trivial(goal);
  const own = options.record?.hintOf(claimOf(goal));
  const easily = own === undefined ? await byStronger(goal, options, shared) : undefined;
  if (easily !== undefined) return easily;
  const parts = goal.satisfiable ? [] : (goal.parts?.() ?? []);
  if (goal.isApart || (own === undefined && isKnownByParts(parts, options))) {
    const whole = await together(nothingYet(goal), parts, options);
    if (whole.ok) return whole;
  }
  let spent = 0;
  let largest = 0;
  let form: Form | undefined = { ...FIRST, level: own?.level ?? 0 };
  let effort = parts.length > 0 ? LIMIT_EFFORT_WHOLE : LIMIT_EFFORT;
  for (;;) {
    const limits = { timeoutMs: LIMIT_MILLISECONDS, effort };
    const found = await ask(goal, form, options, limits);
    spent += found.totalMs!;
    largest = Math.max(largest, found.largestMs!);
    const result = { ...found, totalMs: spent, largestMs: largest };
    if (result.ok || goal.satisfiable || disagree(result.opinions)) return result;
    if (result.verdict === "unknown" && effort === LIMIT_EFFORT_WHOLE) {
      const whole = await together(result, parts, options);
      if (whole.ok) return whole;
      spent = whole.totalMs!;
      largest = whole.largestMs!;
      effort = LIMIT_EFFORT;
      continue;
    }
    const next = nextForm(form, result);
    if (next === undefined) return result;
    form = next;
  }
}

/** All parts have been shown before, and the whole has not. */
const isKnownByParts = (parts: readonly Goal[], { record }: GoalOptions): boolean =>
  parts.length > 0 &&
  parts.every((part) => isTrivial(part) || record?.hintOf(claimOf(part)) !== undefined);

/** The result of a goal that nobody was asked about. */
function nothingYet(goal: Goal): ObligationResult {
  return { ...trivial(goal), totalMs: 0, largestMs: 0 };
}

/** A goal by its parts; the first that is not shown ends it. */
async function together(
  result: ObligationResult,
  parts: readonly Goal[],
  options: GoalOptions,
): Promise<ObligationResult> {
  const times = { totalMs: result.totalMs ?? 0, largestMs: result.largestMs ?? 0 };
  let ms = 0;
  let last = result;
  for (const part of parts) {
    last = await solveGoal(part, options);
    times.totalMs += last.totalMs ?? 0;
    times.largestMs = Math.max(times.largestMs, last.largestMs ?? 0);
    ms += last.ms;
    if (!last.ok) break;
  }
  const { family, operation, property } = result;
  return { ...last, family, operation, property, ms, ...times };
}

/** Solves goals; results in their order. */
export async function solveGoals(
  goals: readonly Goal[],
  options: GoalOptions,
): Promise<readonly ObligationResult[]> {
  const queue = new Queue(options.parallel);
  const shared: Shared = new Map();
  return Promise.all(goals.map((goal) => queue.run(() => solveGoal(goal, options, shared))));
}

/** The first goal that fails with all the facts there are; none if all are shown. */
export async function firstFailure(
  goals: readonly Goal[],
  options: GoalOptions,
): Promise<ObligationResult | undefined> {
  const list = goals.filter((goal) => !isTrivial(goal));
  const limits = { timeoutMs: LIMIT_QUICK_MILLISECONDS, effort: LIMIT_EFFORT_WHOLE };
  const verdicts = new Map<Goal, string>();
  for (const goal of list) {
    const quick = await ask(goal, FIRST, options, limits);
    verdicts.set(goal, quick.verdict);
    if (quick.ok || quick.verdict === "unknown") continue;
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
