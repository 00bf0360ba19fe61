/** Access rules and type rules, unconditional and conditional. */

import type { AccessRule, Conditional, TypeRule } from "./ast.ts";
import type { Grant, GrantKind, KeySet, RuleCondition } from "./policy.ts";
import { ConditionResolver } from "./resolve-condition.ts";
import { classSet, GrantResolver, type SetPermission, SetResolver } from "./resolve-sets.ts";
import type { ResolverState } from "./resolver-state.ts";

const NAMED_SOURCE: SetPermission = { wild: false, self: false };
const NAMED_TARGET: SetPermission = { wild: false, self: true };
const WILD_SOURCE: SetPermission = { wild: true, self: false };
const WILD_TARGET: SetPermission = { wild: true, self: true };

export class RuleResolver {
  readonly sets: SetResolver;
  readonly grants: GrantResolver;
  readonly #state: ResolverState;
  readonly #conditions: ConditionResolver;

  constructor(state: ResolverState) {
    this.#state = state;
    this.sets = new SetResolver(state);
    this.grants = new GrantResolver(state);
    this.#conditions = new ConditionResolver(state);
  }

  /** Adds an access rule to the policy (nothing, in a block that does not hold). */
  access(rule: AccessRule, condition: RuleCondition | undefined): void {
    if (rule.rule === "neverallow") this.#neverAllow(rule);
    else this.#grant(rule, condition);
  }

  #grant(rule: AccessRule, condition: RuleCondition | undefined): void {
    const { sets, firstSet } = rule;
    const source = this.sets.typesAt(sets, firstSet, NAMED_SOURCE);
    const target = this.sets.typesAt(sets, firstSet + 1, NAMED_TARGET);
    let grants = this.grants.grants(sets, firstSet);
    if (rule.rule === "auditdeny") grants = this.#complement(grants, rule);
    if (grants.length === 0 || !this.#state.holds) return;
    const { self } = target;
    this.#state.policy.grantRules.push({
      kind: rule.rule === "auditdeny" ? "dontaudit" : (rule.rule as GrantKind),
      sources: self ? this.sets.expand(source.keys) : source.keys,
      targets: self ? this.sets.expand(target.keys) : target.keys,
      self,
      grants,
      condition,
      node: rule,
    });
  }

  /** `auditdeny x` silences everything but x. */
  #complement(grants: readonly Grant[], rule: AccessRule): readonly Grant[] {
    const { classes } = this.#state.policy;
    return classSet(this.#state, rule.classes).flatMap((index) => {
      const given = grants.find((grant) => grant.class === index)?.permissions ?? 0;
      const permissions = (classes[index].allPermissions & ~given) >>> 0;
      return permissions === 0 ? [] : [{ class: index, permissions }];
    });
  }

  #neverAllow(rule: AccessRule): void {
    const source = this.sets.types(rule.source, WILD_SOURCE);
    const target = this.sets.types(rule.target, WILD_TARGET);
    const grants = this.grants.grants(rule.sets, rule.firstSet);
    if (!this.#state.holds) return;
    this.#state.policy.neverAllows.push({
      sources: source.bits ?? this.sets.typeBits(source.keys),
      targets: target.bits ?? this.sets.typeBits(target.keys),
      self: target.self,
      notSelf: target.notSelf,
      grants,
      node: rule,
    });
  }

  /** Adds a type rule to the policy. */
  typeRule(rule: TypeRule, condition: RuleCondition | undefined): void {
    const source = this.sets.types(rule.source, NAMED_SOURCE);
    const target = this.sets.types(rule.target, NAMED_TARGET);
    const classes = classSet(this.#state, rule.classes);
    const result = this.#concreteType(rule);
    if (result === -1 || !this.#state.holds) return;
    this.#state.policy.typeRules.push({
      kind: rule.rule,
      sources: this.sets.expand(source.keys),
      targets: this.sets.expand(target.keys),
      self: target.self,
      classes,
      result,
      condition,
      node: rule,
    });
  }

  #concreteType(rule: TypeRule): number {
    const symbol = this.#state.find("type", rule.result);
    if (symbol === undefined) return -1;
    if (!symbol.special) return symbol.index;
    this.#state.error("not-a-type", `'${symbol.name}' is an attribute`, rule.result, {
      hint: "a type rule results in one concrete type",
    });
    return -1;
  }

  /** Adds the rules of an `if` block. */
  conditional(statement: Conditional): void {
    const condition = this.#conditions.resolve(statement);
    if (condition === undefined) return;
    if (condition.kind === "decided") {
      this.#decided(statement.whenTrue, condition.value);
      this.#decided(statement.whenFalse, !condition.value);
      return;
    }
    for (const rule of statement.whenTrue) this.#inBlock(rule, condition.whenTrue);
    for (const rule of statement.whenFalse) this.#inBlock(rule, condition.whenFalse);
  }

  /** A branch that a tunable takes or rules out. */
  #decided(rules: Conditional["whenTrue"], taken: boolean): void {
    this.#state.discarding = !taken;
    for (const rule of rules) this.#inBlock(rule, undefined);
    this.#state.discarding = false;
  }

  #inBlock(rule: Conditional["whenTrue"][number], condition: RuleCondition | undefined): void {
    if (rule.kind === "access-rule") this.#grant(rule, condition);
    else if (rule.kind === "type-rule") this.typeRule(rule, condition);
  }

  /** The types that a set of a role or range statement names. */
  plainTypes(set: AccessRule["source"]): KeySet {
    return this.sets.expand(this.sets.types(set, NAMED_SOURCE).keys);
  }
}
