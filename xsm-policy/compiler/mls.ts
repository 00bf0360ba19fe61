/** Levels and ranges of the MLS policy: comparison, dominance, text. */

import { BitSet } from "./bits.ts";
import type { Context, Level, Policy, Range } from "./policy.ts";

const EMPTY_LEVEL: Level = { sensitivity: 0, categories: new BitSet() };

/** The level that stands in every context of a policy without MLS. */
export function emptyLevel(): Level {
  return EMPTY_LEVEL;
}

/** The range that stands in every context of a policy without MLS. */
export const EMPTY_RANGE: Range = { low: EMPTY_LEVEL, high: EMPTY_LEVEL };

/** Whether `high` dominates `low`: at least as sensitive, with all its categories. */
export function dominates(high: Level, low: Level): boolean {
  return high.sensitivity >= low.sensitivity && high.categories.contains(low.categories);
}

export function sameLevel(one: Level, other: Level): boolean {
  return one.sensitivity === other.sensitivity && one.categories.equals(other.categories);
}

export function sameRange(one: Range, other: Range): boolean {
  return sameLevel(one.low, other.low) && sameLevel(one.high, other.high);
}

/** Whether a range lies within another. */
export function contains(outer: Range, inner: Range): boolean {
  return dominates(inner.low, outer.low) && dominates(outer.high, inner.high);
}

/** Whether a level may carry its categories. */
export function levelIsValid(policy: Policy, level: Level): boolean {
  const sensitivity = policy.sensitivities[level.sensitivity];
  return sensitivity?.categories.contains(level.categories) ?? false;
}

/** Whether a context may exist: role with type, user with role, user with range. */
export function contextIsValid(policy: Policy, context: Context): boolean {
  const isObject = context.role === 0;
  if (!isObject) {
    if (!policy.roles[context.role].types.has(context.type)) return false;
    if (!policy.users[context.user].roles.has(context.role)) return false;
  }
  if (!policy.mls) return true;
  const { low, high } = context.range;
  if (!dominates(high, low) || !levelIsValid(policy, low) || !levelIsValid(policy, high)) {
    return false;
  }
  return isObject || contains(policy.users[context.user].range, context.range);
}

/** `s0:c0.c3,c5` */
export function levelText(policy: Policy, level: Level): string {
  const name = policy.sensitivities[level.sensitivity].name;
  const parts = runsOf(level.categories.toArray()).map(([first, last]) => {
    const from = policy.categories[first].name;
    if (first === last) return from;
    return `${from}${last === first + 1 ? "," : "."}${policy.categories[last].name}`;
  });
  return parts.length === 0 ? name : `${name}:${parts.join(",")}`;
}

/** How a range is written at run time: `low-high`. */
export const RUNTIME_DASH = "-";

/** How it is written in the policy language, where a '-' glued to names is part of a name. */
export const SOURCE_DASH = " - ";

/** `low` or `low-high` */
export function rangeText(policy: Policy, range: Range, dash = RUNTIME_DASH): string {
  const low = levelText(policy, range.low);
  return sameLevel(range.low, range.high) ? low : `${low}${dash}${levelText(policy, range.high)}`;
}

/** `user:role:type[:range]` */
export function contextText(policy: Policy, context: Context, dash = RUNTIME_DASH): string {
  const { users, roles, types } = policy;
  const { user, role, type } = context;
  const base = `${users[user].name}:${roles[role].name}:${types[type].name}`;
  return policy.mls ? `${base}:${rangeText(policy, context.range, dash)}` : base;
}

/** Runs of neighbours in an ascending list, as pairs of first and last. */
function runsOf(ascending: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const value of ascending) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === value - 1) last[1] = value;
    else runs.push([value, value]);
  }
  return runs;
}
