/** Decides what may be done, under every setting of the booleans that matter. */

import { Provenance } from "../analysis/provenance.ts";
import { placeText, ruleLines } from "../analysis/show.ts";
import { DecisionEngine } from "../compiler/decision.ts";
import type { GrantRule, Policy } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import { conditionBooleans, evaluateCondition } from "../compiler/resolve-condition.ts";
import { ConstraintFilter } from "../lint/constrained.ts";
import type { AccessPair, FixedBooleans } from "./resolve.ts";

/** A permission that depends on more booleans than this has to have some of them fixed. */
const MAX_BOOLEANS = 12;

/** How many rules that allow what they should not are shown. */
const SHOWN_RULES = 3;

/** A question about one permission. */
export interface AccessQuestion {
  readonly pair: AccessPair;
  readonly class: number;
  /** Bit number. */
  readonly permission: number;
}

export interface AccessVerdict {
  /** A setting under which it is allowed, and one under which it is not; each may be absent. */
  readonly allowed: readonly boolean[] | undefined;
  readonly denied: readonly boolean[] | undefined;
  /** Numbers of the rules that grant it under some setting. */
  readonly rules: readonly number[];
  /** The booleans that it depends on. */
  readonly booleans: readonly number[];
}

/** Why a question was not decided. */
export class TooManyBooleans extends Error {}

export class AccessDecider {
  readonly #relation: AccessRelation;
  readonly #policy: Policy;
  readonly #filter: ConstraintFilter;
  readonly #provenance: Provenance;

  constructor(relation: AccessRelation) {
    this.#relation = relation;
    this.#policy = relation.policy;
    this.#filter = new ConstraintFilter(relation.policy);
    this.#provenance = new Provenance(relation);
  }

  /**
   * Decides one question under all settings that agree with `fixed`.
   * @throws TooManyBooleans when too many settings would have to be tried
   */
  decide({ pair, class: of, permission }: AccessQuestion, fixed: FixedBooleans): AccessVerdict {
    const bit = (1 << permission) >>> 0;
    const rules = this.#relation.rulesFor(pair.source, pair.target, of, bit);
    const booleans = this.#booleansOf(rules, fixed);
    if (booleans.length > MAX_BOOLEANS) {
      throw new TooManyBooleans(`it depends on ${booleans.length} booleans: fix some with 'when'`);
    }
    const verdict: { allowed?: readonly boolean[]; denied?: readonly boolean[] } = {};
    const used = new Set<number>();
    for (const setting of this.#settings(booleans, fixed)) {
      const active = rules.filter((index) => this.#holds(this.#policy.grantRules[index], setting));
      const isAllowed = active.length > 0 && this.#passes(pair, of, bit, setting);
      if (isAllowed) for (const index of active) used.add(index);
      if (isAllowed) verdict.allowed ??= setting;
      else verdict.denied ??= setting;
    }
    const { allowed, denied } = verdict;
    return { allowed, denied, rules: [...used].sort((one, other) => one - other), booleans };
  }

  #booleansOf(rules: readonly number[], fixed: FixedBooleans): number[] {
    const named = rules.flatMap((index) => {
      const { condition } = this.#policy.grantRules[index];
      if (condition === undefined) return [];
      return conditionBooleans(this.#policy.conditionals[condition.index].expression);
    });
    return [...new Set(named)].filter((boolean) => !fixed.has(boolean)).sort((a, b) => a - b);
  }

  /** All settings of the open booleans; the declared one comes first. */
  *#settings(open: readonly number[], fixed: FixedBooleans): Generator<boolean[]> {
    const declared = this.#policy.booleans.map(({ value }, index) => fixed.get(index) ?? value);
    for (let row = 0; row < 1 << open.length; row++) {
      const setting = [...declared];
      for (const [bit, boolean] of open.entries()) {
        if (((row >> bit) & 1) === 1) setting[boolean] = !setting[boolean];
      }
      yield setting;
    }
  }

  #holds({ condition }: GrantRule, setting: readonly boolean[]): boolean {
    if (condition === undefined) return true;
    const { expression } = this.#policy.conditionals[condition.index];
    return evaluateCondition(expression, setting) === condition.branch;
  }

  /** Whether constraints let a granted permission pass: for the labels given, or for some. */
  #passes(pair: AccessPair, of: number, bit: number, setting: readonly boolean[]): boolean {
    const { source, target, contexts } = pair;
    if (contexts === undefined) return (this.#filter.left(source, target, of) & bit) !== 0;
    const engine = new DecisionEngine(this.#relation, setting);
    return (engine.allowed(contexts.source, contexts.target, of) & bit) !== 0;
  }

  /** `a_t may class permission b_t`, in the words of the policy. */
  text({ pair, class: of, permission }: AccessQuestion): string {
    const { types, classes } = this.#policy;
    const { name, permissions } = classes[of];
    return `${types[pair.source].name} ${types[pair.target].name} ${name} ${permissions[permission]}`;
  }

  /** ` when a=true b=false`; empty if no boolean matters. */
  settingText({ booleans }: AccessVerdict, setting: readonly boolean[]): string {
    if (booleans.length === 0) return "";
    const values = booleans.map((each) => `${this.#policy.booleans[each].name}=${setting[each]}`);
    return ` when ${values.join(" ")}`;
  }

  /** The rules behind a verdict, in lines. */
  ruleLines({ pair }: AccessQuestion, { rules }: AccessVerdict): string[] {
    const shown = rules.slice(0, SHOWN_RULES).flatMap((index) => {
      return ruleLines(this.#provenance.origin(index, pair.source, pair.target), "  ");
    });
    const more = rules.length - SHOWN_RULES;
    return more > 0 ? [...shown, `  and ${more} more`] : shown;
  }

  /** A rule in one line, with its place. */
  ruleText(index: number): { readonly place: string; readonly text: string } {
    const { tree, grantRules } = this.#policy;
    const { node } = grantRules[index];
    const span = tree === undefined || node === undefined ? undefined : tree.span(node);
    return { place: placeText(span), text: this.#provenance.ruleText(grantRules[index]) };
  }
}
