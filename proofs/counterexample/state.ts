// A state in which a claim and facts hold. What the last state breaks is asserted, and the next is
// asked for: facts, and that functions have equal values for equal arguments. Facts may be added
// between two states.

import type { Solver } from "../solver/index.ts";
import {
  type Assignment,
  Candidate,
  constant,
  equal,
  evaluateAll,
  not,
  type Pair,
  postorder,
  printNamed,
  type Term,
} from "../term/index.ts";
import { fewestValues } from "./fewest.ts";
import { ANSWERS } from "./witness.ts";

/** What a state may cost, in the solver's own count; the time is only against one that is lost. */
const LIMIT_EFFORT = 24_000_000;
const LIMIT_MILLISECONDS = 600_000;
/** Some claims take dozens: their functions have values at many arguments. */
const LIMIT_ROUNDS = 400;

/** A state; or there is none; or none was found. */
export type Sought =
  | { readonly verdict: "sat"; readonly assignment: Assignment }
  | { readonly verdict: "unsat" | "unknown" };

export class StateSearch {
  readonly #claim: Term;
  readonly #solver: Solver;
  readonly #facts = new Set<Term>();
  readonly #taken = new Set<Term>();
  readonly #pairs: Pair[] = [];
  /** What the next state shall have in common with the last. */
  #common: readonly Term[] = [];

  constructor(claim: Term, facts: readonly Term[], solver: Solver) {
    this.#claim = claim;
    this.#solver = solver;
    this.add(facts);
  }

  add(facts: readonly Term[]): void {
    for (const fact of facts) this.#facts.add(fact);
  }

  /** The next state is to be like this one in its variables, the machine's answers, and some cells,
   *  if there is such a state. */
  keep(assignment: Assignment, cells: ReadonlySet<string>): void {
    const terms = postorder([...this.#taken, this.#claim]);
    const places = terms.filter(({ operator }) => operator === "apply" || operator === "variable");
    const rows = evaluateAll(
      places.map((term) => term.operands[0] ?? term),
      assignment,
    );
    const isKept = (term: Term, at: number): boolean =>
      term.operator === "variable" ||
      term.name === ANSWERS ||
      cells.has(`${term.name} ${rows[at]}`);
    const kept = places.filter(isKept);
    const values = evaluateAll(kept, assignment);
    this.#common = kept.map((term, at) => holdsValue(term, values[at]!));
  }

  /** A state that satisfies claim and facts. */
  async next(): Promise<Sought> {
    const options = { timeoutMs: LIMIT_MILLISECONDS, effort: LIMIT_EFFORT, wantModel: true };
    for (let round = 0; round < LIMIT_ROUNDS; round++) {
      const assertions = [...this.#common, ...this.#taken, this.#claim];
      const printed = printNamed(assertions, { pairs: this.#pairs });
      const { verdict, model } = await this.#solver.solve(printed.text, options);
      if (verdict !== "sat" || model === undefined) {
        if (this.#common.length === 0) {
          return { verdict: verdict === "unsat" ? "unsat" : "unknown" };
        }
        this.#common = [];
        continue;
      }
      const state = new Candidate(assertions, printed, model);
      const broken = [...this.#facts].filter(
        (fact) => !this.#taken.has(fact) && !state.holds(fact),
      );
      if (broken.length + state.contradictions.length === 0) {
        const held = [...assertions, ...this.#facts];
        return { verdict: "sat", assignment: fewestValues(held, state.assignment) };
      }
      for (const fact of broken) this.#taken.add(fact);
      this.#pairs.push(...state.contradictions);
    }
    return { verdict: "unknown" };
  }
}

const holdsValue = (term: Term, value: bigint): Term => {
  if (term.width > 0) return equal(term, constant(term.width, value));
  return value === 0n ? not(term) : term;
};
