/** Rules that grant nearly what is asked for: what a person would look at to mend a policy. */

import type { GrantRule } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";

/** Rules that are named. */
const SHOWN_RULES = 5;

/** How near a rule is; less is nearer. */
const OTHER_PERMISSION = 0;
const OTHER_TARGET = 1;
const OTHER_SOURCE = 2;

/**
 * Indexes of the rules that differ in one thing only: the same pair in the same class, then the
 * same source and permission on another target, then another source. The fewer types a rule
 * speaks of, the earlier.
 */
export function nearestRules(
  relation: AccessRelation,
  source: number,
  target: number,
  classIndex: number,
  mask: number,
): number[] {
  const sources = new Set(relation.keysOf(source));
  const targets = new Set(relation.keysOf(target));
  const found: { readonly rule: number; readonly distance: number; readonly width: number }[] = [];
  for (const [rule, each] of relation.policy.grantRules.entries()) {
    if (each.kind !== "allow") continue;
    const granted = permissionsIn(each, classIndex);
    if (granted === 0) continue;
    const isSource = each.sources.keys.some((key) => sources.has(key));
    const isTarget =
      each.targets.keys.some((key) => targets.has(key)) || (each.self && source === target);
    const distance = distanceOf(isSource, isTarget, (granted & mask) !== 0);
    if (distance === undefined) continue;
    const width = each.sources.keys.length + each.targets.keys.length;
    found.push({ rule, distance, width });
  }
  found.sort(
    (one, other) =>
      one.distance - other.distance || one.width - other.width || one.rule - other.rule,
  );
  return found.slice(0, SHOWN_RULES).map(({ rule }) => rule);
}

function permissionsIn({ grants }: GrantRule, classIndex: number): number {
  return grants.reduce((mask, grant) => {
    return grant.class === classIndex ? mask | grant.permissions : mask;
  }, 0);
}

function distanceOf(
  isSource: boolean,
  isTarget: boolean,
  hasPermission: boolean,
): number | undefined {
  if (isSource && isTarget) return OTHER_PERMISSION;
  if (isSource && hasPermission) return OTHER_TARGET;
  return isTarget && hasPermission ? OTHER_SOURCE : undefined;
}
