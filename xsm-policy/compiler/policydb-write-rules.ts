/** The rules of a binary policy: the access vector table, conditions, roles and ranges. */

import type { EntryTable } from "./entry-table.ts";
import type { BooleanExpression, TypeRuleEntry } from "./policy.ts";
import { type PolicydbEncoder, PolicydbError } from "./policydb-encoder.ts";
import {
  CONDITION_NUMBER,
  RULE_ALLOWED,
  RULE_AUDITALLOW,
  RULE_AUDITDENY,
  RULE_CHANGE,
  RULE_ENABLED,
  RULE_MEMBER,
  RULE_TRANSITION,
} from "./policydb-format.ts";
import { type AccessRelation, buildRelation, variantOf } from "./relation.ts";
import { evaluateCondition } from "./resolve-condition.ts";
import { TypeRuleTable } from "./type-transitions.ts";

const GRANT_KIND = { allow: RULE_ALLOWED, auditallow: RULE_AUDITALLOW, dontaudit: RULE_AUDITDENY };

const TYPE_RULE_KIND: Readonly<Record<TypeRuleEntry["kind"], number>> = {
  type_transition: RULE_TRANSITION,
  type_member: RULE_MEMBER,
  type_change: RULE_CHANGE,
};

/** Rules of one kind: a table of entries, and the number that stands for the kind. */
interface RuleSource {
  readonly table: EntryTable;
  readonly kind: number;
  /** Numbers of the table's entries by variant; index 0 holds the unconditional ones. */
  readonly byVariant: readonly (readonly number[])[];
}

/** The access vector table, then one list for each branch of each condition. */
export function writeRules(encoder: PolicydbEncoder, relation: AccessRelation): void {
  const { conditionals, booleans } = encoder.policy;
  const values = booleans.map((boolean) => boolean.value);
  const sources = ruleSources(encoder, relation);
  if (writeList(encoder, sources, 0, 0) === 0) {
    throw new PolicydbError("the policy has no unconditional rule; Xen refuses an empty table");
  }
  encoder.out.u32(conditionals.length);
  for (const [index, { expression }] of conditionals.entries()) {
    const holds = evaluateCondition(expression, values);
    const steps = postfix(expression);
    encoder.out.u32(holds ? 1 : 0, steps.length);
    for (const [kind, boolean] of steps) encoder.out.u32(kind, boolean);
    for (const branch of [true, false]) {
      const flag = holds === branch ? RULE_ENABLED : 0;
      writeList(encoder, sources, variantOf({ index, branch }), flag);
    }
  }
}

function ruleSources({ policy }: PolicydbEncoder, relation: AccessRelation): RuleSource[] {
  const grants = (["allow", "auditallow", "dontaudit"] as const).map((kind) => {
    const { table } = kind === "allow" ? relation : buildRelation(policy, kind);
    return ruleSource(table, GRANT_KIND[kind]);
  });
  const types = (["type_transition", "type_member", "type_change"] as const).map((kind) =>
    ruleSource(new TypeRuleTable(policy, kind).table, TYPE_RULE_KIND[kind]),
  );
  return [...grants, ...types];
}

function ruleSource(table: EntryTable, kind: number): RuleSource {
  const byVariant: number[][] = [];
  for (let entry = 0; entry < table.count; entry++) {
    const variant = table.variant(entry);
    byVariant[variant] ??= [];
    byVariant[variant].push(entry);
  }
  return { table, kind, byVariant };
}

/** The rules of one variant; gives how many there are. */
function writeList(
  { out }: PolicydbEncoder,
  sources: readonly RuleSource[],
  variant: number,
  flag: number,
): number {
  let count = 0;
  for (const { byVariant } of sources) count += byVariant[variant]?.length ?? 0;
  out.u32(count);
  for (const { table, kind, byVariant } of sources) {
    for (const entry of byVariant[variant] ?? []) {
      out.rule(
        table.source(entry) + 1,
        table.target(entry) + 1,
        table.class(entry) + 1,
        kind | flag,
        ruleData(table.values[entry], kind),
      );
    }
  }
  return count;
}

/** An access vector, the complement of one, or the number of a type. */
function ruleData(value: number, kind: number): number {
  if (kind === RULE_ALLOWED || kind === RULE_AUDITALLOW) return value;
  return kind === RULE_AUDITDENY ? ~value >>> 0 : value + 1;
}

/** Pairs of operator and boolean value, in postfix. */
function postfix(expression: BooleanExpression): [number, number][] {
  const kind = CONDITION_NUMBER[expression.kind];
  if (expression.kind === "boolean") return [[kind, expression.boolean + 1]];
  if (expression.kind === "not") return [...postfix(expression.operand), [kind, 0]];
  return [...postfix(expression.left), ...postfix(expression.right), [kind, 0]];
}

/** Role transitions, role allows, and the empty table of file name transitions. */
export function writeRoleRules(encoder: PolicydbEncoder): void {
  const { roleTransitions, roleAllows } = encoder.policy;
  encoder.out.u32(roleTransitions.length);
  for (const rule of roleTransitions) {
    encoder.out.u32(rule.role + 1, rule.type + 1, rule.result + 1);
    if (encoder.version === 30) encoder.out.u32(rule.class + 1);
  }
  encoder.out.u32(roleAllows.length);
  for (const { from, to } of roleAllows) encoder.out.u32(from + 1, to + 1);
  // File name transitions: none.
  if (encoder.version === 30) encoder.out.u32(0);
}

/** Range transitions. */
export function writeRangeTransitions(encoder: PolicydbEncoder): void {
  const { rangeTransitions } = encoder.policy;
  encoder.out.u32(rangeTransitions.length);
  for (const rule of rangeTransitions) {
    encoder.out.u32(rule.source + 1, rule.target + 1, rule.class + 1);
    encoder.range(rule.range);
  }
}
