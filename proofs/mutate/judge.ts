// What the proofs say of a mutant. It is killed by a state that satisfies the invariants, in which
// the core keeps a property and the mutant breaks it. It is equivalent if every case that executes
// the changed function is proved of it as well: what differs from the core's own goals is asked of
// the solver, what is the same term was asked before. That the core itself keeps its properties is
// known, and may be used.

import { StateSearch } from "../counterexample/state.ts";
import type { Goal } from "../obligations/goal.ts";
import { LEVELS } from "../obligations/hypotheses.ts";
import { cases } from "../obligations/index.ts";
import { execute, refine } from "../obligations/refine.ts";
import { type Coverage, coverageOf } from "../reach/functions.ts";
import { solveGoals } from "../runner/goals.ts";
import { type Asked, askLazily } from "../runner/lazy.ts";
import { hintFor } from "../runner/recorded.ts";
import type { Solver } from "../solver/index.ts";
import { type Assignment, evaluateAll, not, type Term, TRUE } from "../term/index.ts";
import { type Column, decodeModule, type WasmModule } from "../wasm/index.ts";
import { sameAlone } from "./alone.ts";

export interface Judgement {
  /** "neither": the proofs can not tell, or no case executes the function. */
  readonly verdict: "killed" | "equivalent" | "neither";
  /** The property that is broken, or that could not be decided: "family: operation: property". */
  readonly by?: string;
  /** Why it is neither, in words. */
  readonly why?: string;
}

/** "quick" leaves open what the solver does not say soon; "whole" is all that the proofs can do. */
export type Thoroughness = "quick" | "whole";

const LIMIT_EFFORT = 2_000_000;
const LIMIT_MILLISECONDS = 600_000;
/** Goals that are left open before a quick look is given up. */
const LIMIT_OPEN = 6;
/** States kept for each case, the last that killed first. */
const LIMIT_STATES = 24;
/** Goals that fail in a state and whose facts are looked at. */
const LIMIT_FAILURES = 3;
const LAST = LEVELS - 1;

/** What is kept of a case on the core itself. */
interface Original {
  readonly goals: readonly Goal[];
  /** States that killed mutants. */
  readonly states: Assignment[];
}

type Verdict = "killed" | "shown" | "open";

const nameOf = ({ property, conclusion }: Goal): string => `${property} ${conclusion.id}`;
/** Goals of one kind are numbered, and a mutant may have more of them. */
const kindOf = ({ property }: Goal): string => property.replace(/^safe \d+$/, "safe");
const shown = (goal: Goal): string => `${goal.family}: ${goal.operation}: ${kindOf(goal)}`;

/** Goals that do not say what the others, of the core itself, say as well. */
export function differing(goals: readonly Goal[], others: readonly Goal[]): Goal[] {
  const known = new Set(others.map(nameOf));
  return goals.filter((goal) => goal.conclusion !== TRUE && !known.has(nameOf(goal)));
}

/** Judges mutants of one build. */
export class Judge {
  readonly #module: WasmModule;
  readonly #columns: readonly Column[];
  readonly #solver: Solver;
  readonly #coverage: Coverage;
  readonly #originals = new Map<number, Original>();

  constructor(
    bytes: Uint8Array,
    columns: readonly Column[],
    solver: Solver,
    coverage: Coverage = coverageOf(decodeModule(bytes), columns),
  ) {
    this.#module = decodeModule(bytes);
    this.#columns = columns;
    this.#solver = solver;
    this.#coverage = coverage;
  }

  /** Judges the build that differs from the core in one function, given by its name. */
  async judge(
    bytes: Uint8Array,
    changed: string,
    thoroughness: Thoroughness = "whole",
  ): Promise<Judgement> {
    const module = decodeModule(bytes);
    if (sameAlone(this.#module, module, changed, this.#columns)) return { verdict: "equivalent" };
    const own = this.#coverage.cases.get(changed) ?? [];
    const open: string[] = [];
    for (const at of own) {
      const found = await this.#inCase(at, module, thoroughness);
      if (found === undefined) continue;
      if (found.verdict === "killed") return found;
      open.push(found.by ?? found.why!);
      if (thoroughness === "quick" && open.length === LIMIT_OPEN) break;
    }
    const outside = this.#coverage.outside.get(changed) ?? [];
    const covered = own.length > 0 ? `the same in ${own.length} cases; ` : "";
    const beyond = outside.length > 0 ? outside.join(", ") : "the machine or other loops";
    if (open.length > 0) return { verdict: "neither", by: open[0]!, why: "undecided" };
    if (own.length > 0 && outside.length === 0) return { verdict: "equivalent" };
    return { verdict: "neither", why: `${covered}executed by ${beyond}, which has no case` };
  }

  #original(at: number): Original {
    const before = this.#originals.get(at);
    if (before !== undefined) return before;
    const goals = refine(execute(this.#module, this.#columns, cases[at]!));
    const made = { goals, states: [] };
    this.#originals.set(at, made);
    return made;
  }

  /** Undefined if the case holds of the mutant. */
  async #inCase(
    at: number,
    module: WasmModule,
    thoroughness: Thoroughness,
  ): Promise<Judgement | undefined> {
    const original = this.#original(at);
    let goals: readonly Goal[];
    try {
      goals = refine(execute(module, this.#columns, cases[at]!));
    } catch (error) {
      const { family, operation } = cases[at]!;
      const why = error instanceof Error ? error.message : String(error);
      return { verdict: "killed", by: `${family}: ${operation}: can be stated`, why };
    }
    const others = differing(goals, original.goals);
    if (others.length === 0) return undefined;
    const known = this.#inStates(original, others);
    if (known !== undefined) return { verdict: "killed", by: shown(known) };
    return await this.#bySolver(original, others, thoroughness);
  }

  /** A goal that a known state breaks. */
  #inStates(original: Original, goals: readonly Goal[]): Goal | undefined {
    const conclusions = goals.map(({ conclusion }) => conclusion);
    for (const [place, state] of original.states.entries()) {
      const values = evaluateAll(conclusions, state);
      const failed = goals.filter((_, at) => values[at] === 0n).slice(0, LIMIT_FAILURES);
      const found = failed.find((goal) => this.#tellsApart(original, goal, state));
      if (found === undefined) continue;
      original.states.splice(place, 1);
      original.states.unshift(state);
      return found;
    }
    return undefined;
  }

  /** What is known in the state of a goal: the facts, and that the core keeps the property. */
  #known(original: Original, goal: Goal, level: number): readonly Term[] {
    const own = original.goals.filter((one) => kindOf(one) === kindOf(goal));
    return [...goal.hypotheses(level), ...own.map(({ conclusion }) => conclusion)];
  }

  /** All that is known holds in the state, and the goal fails. */
  #tellsApart(original: Original, goal: Goal, state: Assignment): boolean {
    const values = evaluateAll([...this.#known(original, goal, LAST), goal.conclusion], state);
    return values.at(-1) === 0n && values.slice(0, -1).every((value) => value === 1n);
  }

  /** Asks goal by goal, the small ones first, until one fails. */
  async #bySolver(
    original: Original,
    goals: readonly Goal[],
    thoroughness: Thoroughness,
  ): Promise<Judgement | undefined> {
    const open: Goal[] = [];
    for (const goal of goals) {
      const found = await this.#ask(original, goal);
      if (found === "killed") return { verdict: "killed", by: shown(goal) };
      if (found === "open") open.push(goal);
      if (thoroughness === "quick" && open.length === LIMIT_OPEN) break;
    }
    for (const goal of open) {
      const found = thoroughness === "quick" ? "open" : await this.#askWhole(original, goal);
      if (found !== "shown") {
        return { verdict: found === "open" ? "neither" : found, by: shown(goal) };
      }
    }
    return undefined;
  }

  /** One goal: shown by few facts, or broken by a state in which all facts hold. */
  async #ask(original: Original, goal: Goal): Promise<Verdict> {
    const claim = not(goal.conclusion);
    const limits = { timeoutMs: LIMIT_MILLISECONDS, effort: LIMIT_EFFORT };
    let asked: Asked | undefined;
    for (const level of [0, LAST]) {
      const hint = asked && hintFor(level, asked.facts, asked.pairs);
      const question = { claim, facts: this.#known(original, goal, level), comment: "" };
      asked = await askLazily(question, this.#solver, limits, hint);
      if (asked?.answer.verdict === "unsat") return "shown";
    }
    return asked?.state === undefined
      ? "open"
      : this.#killedIn(original, goal, asked.state.assignment);
  }

  /** One goal that was left open: states are looked for as long as it takes, then come splits. */
  async #askWhole(original: Original, goal: Goal): Promise<Verdict> {
    const facts = this.#known(original, goal, LAST);
    const found = await new StateSearch(not(goal.conclusion), facts, this.#solver).next();
    if (found.verdict === "unsat") return "shown";
    if (found.verdict === "sat") return this.#killedIn(original, goal, found.assignment);
    const [result] = await solveGoals([goal], { solvers: [this.#solver], parallel: 1 });
    return result!.ok ? "shown" : "open";
  }

  #killedIn(original: Original, goal: Goal, state: Assignment): Verdict {
    if (!this.#tellsApart(original, goal, state)) return "open";
    original.states.unshift(state);
    original.states.splice(LIMIT_STATES);
    return "killed";
  }
}
