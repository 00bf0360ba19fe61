// A claim by few facts: a state that satisfies the claim is looked for, facts that it breaks are
// added, and so on, until no state is left (then those facts suffice) or one breaks none (then it
// satisfies them all). Of the values of functions, too, only those are compared that a state gives
// different values for equal arguments. Most proofs need a dozen of a thousand facts.

import type { SolveResult, Solver } from "../solver/types.ts";
import { Candidate, type Pair, postorder, printNamed, type Term } from "../term/index.ts";
import { type Hint, markOf } from "./recorded.ts";

export interface Limits {
  readonly timeoutMs: number;
  readonly effort: number;
}

/** The last text, and what the solver says of it. */
export interface Asked {
  readonly text: string;
  readonly answer: SolveResult;
  /** Of all texts on the way, and of the longest. */
  readonly ms: number;
  readonly largestMs: number;
  /** What the last text spoke of. */
  readonly facts: readonly Term[];
  readonly pairs: readonly Pair[];
  /** A state that satisfies the claim and all facts, if there is one. */
  readonly state?: Candidate;
}

const FALSE_MODEL = { verdict: "error", detail: "the state does not satisfy the text" } as const;

/** Facts that the first state adds at most; each further one twice as many. */
const FIRST_FACTS = 4;
/** After so many states, all facts at once are the shorter way. */
const LIMIT_ROUNDS = 24;

/** Facts, those that are asserted first; the others wait for a state that breaks them. */
class Chosen {
  readonly #facts: readonly Term[];
  readonly #taken = new Set<Term>();
  readonly #pairs: Pair[] = [];

  constructor(facts: readonly Term[]) {
    this.#facts = [...new Set(facts)];
  }

  get facts(): readonly Term[] {
    return this.#facts.filter((fact) => this.#taken.has(fact));
  }

  get pairs(): readonly Pair[] {
    return this.#pairs;
  }

  /** Takes what a hint names, as far as it is there. */
  follow(hint: Hint, claim: Term): void {
    const named = new Set(hint.facts);
    for (const fact of this.#facts) if (named.has(markOf(fact))) this.#taken.add(fact);
    const values = postorder([...this.#taken, claim]).filter(
      ({ operator }) => operator === "apply",
    );
    const byMark = new Map(values.map((term) => [markOf(term), term]));
    for (const marks of hint.pairs) {
      const [one, two] = marks.map((mark) => byMark.get(mark));
      if (one !== undefined && two !== undefined) this.#pairs.push([one, two]);
    }
  }

  /** Adds what the state breaks, so many facts at most; false if it breaks nothing. */
  add(state: Candidate, most: number): boolean {
    this.#pairs.push(...state.contradictions);
    let added = 0;
    for (const fact of this.#facts) {
      if (added === most) break;
      if (this.#taken.has(fact) || state.holds(fact)) continue;
      this.#taken.add(fact);
      added++;
    }
    return added > 0 || state.contradictions.length > 0;
  }
}

/** Can the claim hold with the facts? "unsat" and "sat" mean all of them; nothing if it takes too
 *  many states to say. */
export async function askLazily(
  { claim, facts, comment }: { claim: Term; facts: readonly Term[]; comment: string },
  solver: Solver,
  limits: Limits,
  hint?: Hint,
): Promise<Asked | undefined> {
  const chosen = new Chosen(facts);
  if (hint !== undefined) chosen.follow(hint, claim);
  const spent = { ms: 0, largestMs: 0 };
  for (let round = 0; round < LIMIT_ROUNDS; round++) {
    const own = { facts: chosen.facts, pairs: [...chosen.pairs] };
    const assertions = [...own.facts, claim];
    const printed = printNamed(assertions, { comment, pairs: own.pairs });
    const answer = await solver.solve(printed.text, { ...limits, wantModel: true });
    spent.ms += answer.ms;
    spent.largestMs = Math.max(spent.largestMs, answer.ms);
    const asked = { text: printed.text, answer, ...spent, ...own };
    if (answer.verdict !== "sat") return asked;
    const state = new Candidate(assertions, printed, answer.model ?? new Map());
    if (chosen.add(state, FIRST_FACTS * 2 ** round)) continue;
    return state.holds(claim)
      ? { ...asked, state }
      : { ...asked, answer: { ...answer, ...FALSE_MODEL } };
  }
  return undefined;
}
