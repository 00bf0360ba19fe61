/** Grants that a recorded run never used, by the line that grants them. */

import type { GrantRule } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import type { Span } from "../compiler/source.ts";
import { type DirectionMap, readDirectionMap } from "./direction-map.ts";
import { bitsOf } from "./flow-graph.ts";
import type { KnownDecision } from "./learn.ts";
import { Provenance } from "./provenance.ts";

/** A rule, or a line of a macro that makes rules, with what nobody used of it. */
export interface UnusedGrant {
  readonly text: string;
  readonly span: Span | undefined;
  /** `class permission` */
  readonly permissions: readonly string[];
  /** Of them, what is needed only when something ends or fails: a run proves little about it. */
  readonly rare: readonly string[];
  /** Whether nothing at all of the rule was used. */
  readonly isWhole: boolean;
  /** How many rules the line makes. */
  readonly rules: number;
}

/** What no use in the log needed, in source order. A line of a macro counts as one. */
export function unusedGrants(
  relation: AccessRelation,
  used: readonly KnownDecision[],
  map: DirectionMap = readDirectionMap(),
): UnusedGrant[] {
  const { policy } = relation;
  const usedByRule = usesByRule(relation, used);
  const lines = new Map<string, { rules: number[]; granted: Set<string>; used: Set<string> }>();
  for (const [index, rule] of policy.grantRules.entries()) {
    if (rule.kind !== "allow") continue;
    const key = lineOf(relation, rule, index);
    const line = lines.get(key) ?? { rules: [], granted: new Set(), used: new Set() };
    lines.set(key, line);
    line.rules.push(index);
    for (const each of namesOf(relation, rule)) line.granted.add(each);
    for (const each of usedByRule.get(index) ?? []) line.used.add(each);
  }
  const provenance = new Provenance(relation);
  return [...lines.values()].flatMap(({ rules, granted, used: needed }) => {
    const permissions = [...granted].filter((each) => !needed.has(each));
    if (permissions.length === 0) return [];
    const rule = policy.grantRules[rules[0]];
    return [
      {
        text: provenance.ruleText(rule),
        span: rule.node === undefined ? undefined : policy.tree?.span(rule.node),
        permissions,
        rare: permissions.filter((each) => {
          const [className, permission] = each.split(" ");
          return map.of(className, permission).rare;
        }),
        isWhole: needed.size === 0,
        rules: rules.length,
      },
    ];
  });
}

/** By rule: what of it was used, as `class permission`. */
function usesByRule(
  relation: AccessRelation,
  used: readonly KnownDecision[],
): Map<number, Set<string>> {
  const found = new Map<number, Set<string>>();
  for (const { source, target, class: index, permission, decision } of used) {
    const mask = (1 << permission) >>> 0;
    for (const rule of relation.rulesFor(source.type, target.type, index, mask)) {
      const uses = found.get(rule) ?? new Set();
      found.set(rule, uses);
      uses.add(`${decision.class} ${decision.permission}`);
    }
  }
  return found;
}

function namesOf({ policy }: AccessRelation, rule: GrantRule): string[] {
  return rule.grants.flatMap(({ class: index, permissions }) => {
    const { name, permissions: names } = policy.classes[index];
    return bitsOf(permissions).map((bit) => `${name} ${names[bit]}`);
  });
}

/** Rules that stand at one place in the source share a key; rules of a binary have their own. */
function lineOf({ policy }: AccessRelation, { node }: GrantRule, index: number): string {
  if (policy.tree === undefined || node === undefined) return String(index);
  const { file, line, column } = policy.tree.span(node);
  return `${file}:${line}:${column}`;
}
