/** Why something is allowed or denied, and what would change it. */

import { stepNames } from "../compiler/constraint-text.ts";
import { ContextError, contextFromText } from "../compiler/context-text.ts";
import { DecisionEngine, evaluateConstraint } from "../compiler/decision.ts";
import { contextText } from "../compiler/mls.ts";
import type { ClassConstraint, Context, Policy } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import type { Span } from "../compiler/source.ts";
import { didYouMean } from "../compiler/suggest.ts";
import type { WrittenAssertion } from "./check.ts";
import { Contexts } from "./contexts.ts";
import type { DirectionMap } from "./direction-map.ts";
import { nearestRules } from "./explain-near.ts";
import { Hypothetical } from "./hypothetical.ts";
import { Provenance, type RuleOrigin, statementText } from "./provenance.ts";
import type { Verdict } from "./verdict.ts";

/** What is asked: types or full contexts, a class and a permission by name. */
export interface AccessQuestion {
  readonly source: string;
  readonly target: string;
  readonly class: string;
  readonly permission: string;
}

/** A rule that grants what is asked for, under its condition. */
export interface GrantingRule extends RuleOrigin {
  readonly inForce: boolean;
}

/** A constraint on what is asked for. */
export interface ConstraintReport {
  readonly text: string;
  readonly span: Span | undefined;
  /** Whether it holds: for all labels that were considered, for none, or for some. */
  readonly holds: "always" | "never" | "sometimes";
  /** A pair of labels for which it holds, and one for which it does not. */
  readonly exampleOf: readonly string[];
  readonly exampleAgainst: readonly string[];
}

export interface Explanation {
  readonly question: AccessQuestion;
  readonly allowed: boolean;
  /** Why, in one sentence. */
  readonly cause: string;
  readonly rules: readonly GrantingRule[];
  readonly constraints: readonly ConstraintReport[];
  /** Rules that grant nearly the same. */
  readonly near: readonly RuleOrigin[];
  /** What would turn the answer round with the least change; undefined where no rule can. */
  readonly change: string | undefined;
  /** Promises that hold now and would be broken by that change. */
  readonly breaks: readonly Verdict[];
}

/** A name in a question that the policy does not have. */
export class QuestionError extends Error {}

export interface ExplainOptions {
  /** Values of booleans by index; as declared when absent. */
  readonly booleans?: readonly boolean[];
  readonly assertions?: readonly WrittenAssertion[];
  readonly map?: DirectionMap;
}

/**
 * Explains one decision.
 * @throws QuestionError for a name that the policy does not have
 */
export function explain(
  relation: AccessRelation,
  question: AccessQuestion,
  options: ExplainOptions = {},
): Explanation {
  return new Explainer(relation, question, options).explain();
}

class Explainer {
  readonly #relation: AccessRelation;
  readonly #policy: Policy;
  readonly #question: AccessQuestion;
  readonly #options: ExplainOptions;
  readonly #booleans: readonly boolean[];
  readonly #class: number;
  readonly #mask: number;
  readonly #sources: readonly Context[];
  readonly #targets: readonly Context[];
  readonly #provenance: Provenance;

  constructor(relation: AccessRelation, question: AccessQuestion, options: ExplainOptions) {
    const { policy } = relation;
    this.#relation = relation;
    this.#policy = policy;
    this.#question = question;
    this.#options = options;
    this.#booleans = options.booleans ?? policy.booleans.map(({ value }) => value);
    this.#class = numberOf(policy.classes, question.class, "class");
    const names = policy.classes[this.#class].permissions;
    const bit = numberOf(
      names.map((name) => ({ name })),
      question.permission,
      `permission of class ${question.class}`,
    );
    this.#mask = (1 << bit) >>> 0;
    const masks = policy.classes.map((_, index) => (index === this.#class ? this.#mask : 0));
    const contexts = new Contexts(policy, masks);
    this.#sources = labelsNamed(contexts, question.source);
    this.#targets = labelsNamed(contexts, question.target);
    this.#provenance = new Provenance(relation);
  }

  explain(): Explanation {
    const rules = this.#rules();
    const constraints = this.#constraints();
    const allowed = this.#isAllowed();
    const isGranted = rules.some(({ inForce }) => inForce);
    const { cause, change } = allowed
      ? this.#causeOfAllow(rules, constraints)
      : this.#causeOfDeny(rules, constraints);
    return {
      question: this.#question,
      allowed,
      cause,
      rules,
      constraints,
      near: isGranted || rules.length > 0 ? [] : this.#near(),
      change,
      breaks: !allowed && rules.length === 0 ? this.#breaks() : [],
    };
  }

  /** Whether some pair of the labels is allowed it. */
  #isAllowed(): boolean {
    const engine = new DecisionEngine(this.#relation, this.#booleans);
    return this.#sources.some((source) =>
      this.#targets.some((to) => (engine.allowed(source, to, this.#class) & this.#mask) !== 0),
    );
  }

  get #types(): { source: number; target: number } {
    return { source: this.#sources[0].type, target: this.#targets[0].type };
  }

  #rules(): GrantingRule[] {
    const { source, target } = this.#types;
    const active = this.#relation.permissions(source, target, this.#class, this.#booleans);
    const isActive = (active & this.#mask) !== 0;
    return this.#provenance.rules(source, target, this.#class, this.#mask).map((rule) => ({
      ...rule,
      inForce: isActive && this.#holds(rule),
    }));
  }

  #holds({ rule }: RuleOrigin): boolean {
    const { condition } = this.#policy.grantRules[rule];
    if (condition === undefined) return true;
    return this.#provenance.conditionHolds(condition, this.#booleans);
  }

  #constraints(): ConstraintReport[] {
    return this.#policy.classes[this.#class].constraints
      .filter(({ permissions }) => (permissions & this.#mask) !== 0)
      .map((constraint) => this.#constraint(constraint));
  }

  #constraint(constraint: ClassConstraint): ConstraintReport {
    const { tree } = this.#policy;
    const { node, steps } = constraint;
    let exampleOf: string[] = [];
    let exampleAgainst: string[] = [];
    for (const source of this.#sources) {
      for (const target of this.#targets) {
        const holds = evaluateConstraint(steps, source, target, undefined);
        const pair = [contextText(this.#policy, source), contextText(this.#policy, target)];
        if (holds && exampleOf.length === 0) exampleOf = pair;
        if (!holds && exampleAgainst.length === 0) exampleAgainst = pair;
      }
    }
    const isWritten = tree !== undefined && node !== undefined;
    return {
      text: isWritten ? statementText(tree, node) : this.#constraintText(constraint),
      span: isWritten ? tree.span(node) : undefined,
      holds:
        exampleAgainst.length === 0 ? "always" : exampleOf.length === 0 ? "never" : "sometimes",
      exampleOf,
      exampleAgainst,
    };
  }

  /** A constraint of a binary policy, in postfix. */
  #constraintText({ steps }: ClassConstraint): string {
    const parts = steps.map((step) => {
      return step.kind === "compare" || step.kind === "member"
        ? stepNames(this.#policy, step)
        : step.kind;
    });
    return `constrain ${this.#question.class}: ${parts.join("; ")}`;
  }

  #causeOfAllow(
    rules: readonly GrantingRule[],
    constraints: readonly ConstraintReport[],
  ): { cause: string; change: string | undefined } {
    const count = rules.filter(({ inForce }) => inForce).length;
    const some = constraints.some(({ holds }) => holds === "sometimes");
    const masked = some ? ", for labels that the constraint leaves it to" : "";
    const what = count === 1 ? "a rule grants it" : `${count} rules grant it`;
    const all = count === 1 ? "the rule" : `all ${count} rules`;
    return { cause: `${what}${masked}`, change: `to deny it: take ${all} away` };
  }

  #causeOfDeny(
    rules: readonly GrantingRule[],
    constraints: readonly ConstraintReport[],
  ): { cause: string; change: string | undefined } {
    if (rules.length === 0) {
      return { cause: "no rule grants it", change: `to allow it: ${this.#leastRule()}` };
    }
    if (!rules.some(({ inForce }) => inForce)) {
      const conditions = [...new Set(rules.map(({ condition }) => condition))];
      const cause = "a rule grants it, but its condition does not hold";
      return {
        cause,
        change: `to allow it: set the booleans so that ${conditions.join(" or ")} holds`,
      };
    }
    const failing = constraints.filter(({ holds }) => holds === "never");
    if (failing.length > 0) {
      const cause = "a rule grants it, but a constraint takes it away for these labels";
      return { cause, change: undefined };
    }
    if (constraints.some(({ holds }) => holds === "sometimes")) {
      return {
        cause: "a rule grants it, but the constraints together take it away",
        change: undefined,
      };
    }
    const cause = "a rule grants it, but the role may not change so, or a type bound takes it away";
    return { cause, change: undefined };
  }

  #leastRule(): string {
    const { types } = this.#policy;
    const { source, target } = this.#types;
    const { class: className, permission } = this.#question;
    return `allow ${types[source].name} ${types[target].name}:${className} ${permission};`;
  }

  #near(): RuleOrigin[] {
    const { source, target } = this.#types;
    return nearestRules(this.#relation, source, target, this.#class, this.#mask).map((rule) =>
      this.#provenance.origin(rule, source, target),
    );
  }

  /** The promises that the least rule would break. */
  #breaks(): Verdict[] {
    const { source, target } = this.#types;
    const { assertions = [], map } = this.#options;
    const hypothetical = new Hypothetical(this.#relation, assertions, map);
    return hypothetical.brokenBy(source, target, this.#class, this.#mask);
  }
}

function numberOf(all: readonly { readonly name: string }[], name: string, what: string): number {
  const index = all.findIndex((each) => each.name === name);
  if (index !== -1) return index;
  const hint = didYouMean(
    name,
    all.map((each) => each.name),
  );
  throw new QuestionError(`unknown ${what} '${name}'${hint === undefined ? "" : `; ${hint}`}`);
}

/** The labels that a name means: one context, or all that a type can stand in. */
function labelsNamed(contexts: Contexts, name: string): Context[] {
  const { policy } = contexts;
  if (name.includes(":")) {
    try {
      return [contextFromText(policy, name)];
    } catch (failure) {
      if (!(failure instanceof ContextError)) throw failure;
      throw new QuestionError(failure.message);
    }
  }
  const alias = policy.types.findIndex(({ aliases }) => aliases.includes(name));
  const type = alias === -1 ? numberOf(policy.types, name, "type") : alias;
  return contexts.coloursOf(type).map((colour) => contexts.context(type, colour));
}
