/** Decides expectations. */

import type { Assignment } from "../analysis/conditions.ts";
import { FlowGraph } from "../analysis/flow-graph.ts";
import { flowQuestion } from "../analysis/flow-question.ts";
import { type FlowPath, FlowSearch, FlowSearchError } from "../analysis/flow-search.ts";
import { stepLines } from "../analysis/show.ts";
import { Witnesses } from "../analysis/witness.ts";
import { BitSet } from "../compiler/bits.ts";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import { AccessDecider, type AccessQuestion, TooManyBooleans } from "./access.ts";
import type { AccessExpectation, Expectation, FlowExpectation } from "./expectation.ts";
import { ExpectationResolver, type FixedBooleans } from "./resolve.ts";

/** What became of one expectation. */
export interface Outcome {
  readonly expectation: Expectation;
  readonly holds: boolean;
  /** Why it does not hold, in one sentence; empty if it does. */
  readonly message: string;
  /** The rules or steps behind that, in lines. */
  readonly details: readonly string[];
  /** Numbers of the allow rules that it exercises. */
  readonly rules: readonly number[];
}

type Verdict = Omit<Outcome, "expectation">;

const HOLDS = { holds: true, message: "", details: [] } as const;

export class ExpectationRunner {
  readonly decider: AccessDecider;
  readonly #relation: AccessRelation;
  readonly #resolver: ExpectationResolver;
  #flow: { readonly search: FlowSearch; readonly witnesses: Witnesses } | undefined;

  /** @param report called for each name that the policy does not have */
  constructor(relation: AccessRelation, report: (diagnostic: Diagnostic) => void) {
    this.#relation = relation;
    this.#resolver = new ExpectationResolver(relation.policy, report);
    this.decider = new AccessDecider(relation);
  }

  /** Decides one expectation. */
  decide(expectation: Expectation): Outcome {
    try {
      const verdict = this.#verdict(expectation);
      return { expectation, ...verdict };
    } catch (failure) {
      const isOurs = failure instanceof TooManyBooleans || failure instanceof FlowSearchError;
      if (!isOurs) throw failure;
      return { expectation, ...failed(`undecided: ${failure.message}`) };
    }
  }

  #verdict(expectation: Expectation): Verdict {
    if ("access" in expectation) return this.#access(expectation);
    return expectation.kind === "flow" ? this.#someFlow(expectation) : this.#noFlow(expectation);
  }

  #access(expectation: AccessExpectation): Verdict {
    const fixed = this.#resolver.booleans(expectation);
    const { pairs, grants } = this.#resolver.access(expectation);
    const questions = pairs.flatMap((pair) =>
      grants.flatMap((grant) =>
        bits(grant.permissions).map((permission) => ({ pair, class: grant.class, permission })),
      ),
    );
    if (questions.length === 0) return failed("it asks about nothing: a set is empty");
    return expectation.kind === "allow"
      ? this.#allAllowed(questions, fixed)
      : this.#noneAllowed(questions, fixed);
  }

  #allAllowed(questions: readonly AccessQuestion[], fixed: FixedBooleans): Verdict {
    const rules = new Set<number>();
    let first: Verdict | undefined;
    let failures = 0;
    for (const question of questions) {
      const verdict = this.decider.decide(question, fixed);
      for (const rule of verdict.rules) rules.add(rule);
      if (verdict.denied === undefined) continue;
      failures++;
      const setting = this.decider.settingText(verdict, verdict.denied);
      first ??= failed(`not allowed: ${this.decider.text(question)}${setting}`);
    }
    if (first === undefined) return { ...HOLDS, rules: [...rules] };
    return { ...first, message: first.message + andMore(failures - 1) };
  }

  #noneAllowed(questions: readonly AccessQuestion[], fixed: FixedBooleans): Verdict {
    let first: Verdict | undefined;
    let failures = 0;
    for (const question of questions) {
      const verdict = this.decider.decide(question, fixed);
      if (verdict.allowed === undefined) continue;
      failures++;
      const setting = this.decider.settingText(verdict, verdict.allowed);
      const message = `allowed: ${this.decider.text(question)}${setting}`;
      first ??= failed(message, this.decider.ruleLines(question, verdict));
    }
    if (first === undefined) return { ...HOLDS, rules: [] };
    return { ...first, message: first.message + andMore(failures - 1) };
  }

  /** Each of the first set reaches each of the second. */
  #someFlow(expectation: FlowExpectation): Verdict {
    const { types } = this.#relation.policy;
    const rules = new Set<number>();
    for (const from of this.#types(expectation.from)) {
      for (const to of this.#types(expectation.to)) {
        const { path, vacuous } = this.#search(expectation, BitSet.of([from]), BitSet.of([to]));
        if (path === undefined) {
          const why = vacuous === undefined ? "" : ` (${vacuous})`;
          return failed(`nothing gets from ${types[from].name} to ${types[to].name}${why}`);
        }
        for (const rule of this.#rulesOf(path)) rules.add(rule);
      }
    }
    if (rules.size === 0) return failed("it asks about nothing: a set is empty");
    return { ...HOLDS, rules: [...rules] };
  }

  /** None of the first set reaches any of the second. */
  #noFlow(expectation: FlowExpectation): Verdict {
    const from = BitSet.of(this.#types(expectation.from));
    const to = BitSet.of(this.#types(expectation.to));
    const { path, vacuous } = this.#search(expectation, from, to);
    if (vacuous !== undefined) return failed(`it says nothing: ${vacuous}`);
    if (path === undefined) return { ...HOLDS, rules: [] };
    const steps = this.#tools().witnesses.steps(path.nodes, path.assignment);
    const count = steps.length === 1 ? "one step" : `${steps.length} steps`;
    const { from: start } = steps[0];
    const end = steps[steps.length - 1].to;
    const details = steps.flatMap((step) => stepLines(step, "  "));
    return failed(`something gets from ${start} to ${end} in ${count}`, details);
  }

  #types(set: FlowExpectation["from"]): number[] {
    return this.#resolver.sets.types(set).types.toArray();
  }

  #search(
    { through, ...rest }: FlowExpectation,
    from: BitSet,
    to: BitSet,
  ): { readonly path: FlowPath | undefined; readonly vacuous: string | undefined } {
    const guards = through === undefined ? undefined : this.#resolver.sets.types(through).types;
    const { search } = this.#tools();
    const { question, vacuous } = flowQuestion(search.graph, from, to, guards);
    const verdict = search.decide(question, this.#assignment({ through, ...rest }));
    return { path: verdict.kind === "path" ? verdict : undefined, vacuous };
  }

  #assignment(expectation: FlowExpectation): Assignment {
    const fixed = this.#resolver.booleans(expectation);
    return this.#relation.policy.booleans.map((_, index) => fixed.get(index));
  }

  #rulesOf({ nodes, assignment }: FlowPath): number[] {
    const steps = this.#tools().witnesses.steps(nodes, assignment);
    return steps.flatMap(({ grants }) =>
      grants.flatMap(({ rules }) => rules.map(({ rule }) => rule)),
    );
  }

  /** The graph is made when the first expectation asks for flows. */
  #tools(): { readonly search: FlowSearch; readonly witnesses: Witnesses } {
    if (this.#flow === undefined) {
      const graph = new FlowGraph(this.#relation);
      this.#flow = { search: new FlowSearch(graph), witnesses: new Witnesses(graph) };
    }
    return this.#flow;
  }
}

function failed(message: string, details: readonly string[] = []): Verdict {
  return { holds: false, message, details, rules: [] };
}

function andMore(count: number): string {
  return count > 0 ? ` (and ${count} more)` : "";
}

function bits(mask: number): number[] {
  return Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((mask >>> bit) & 1) === 1);
}
