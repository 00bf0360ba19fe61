/** Which allow rules the expectations exercise. */

import type { Policy } from "../compiler/policy.ts";
import type { AccessDecider } from "./access.ts";
import type { Outcome } from "./run.ts";

export interface UncoveredRule {
  /** `file:line:column`; empty for a binary. */
  readonly place: string;
  readonly text: string;
}

export interface Coverage {
  readonly covered: number;
  readonly total: number;
  readonly uncovered: readonly UncoveredRule[];
}

/** What the outcomes cover; a rule that macro calls make several times counts each time. */
export function ruleCoverage(
  policy: Policy,
  outcomes: readonly Outcome[],
  decider: AccessDecider,
): Coverage {
  const covered = new Set(outcomes.flatMap(({ holds, rules }) => (holds ? rules : [])));
  const uncovered: UncoveredRule[] = [];
  let total = 0;
  for (const [index, { kind }] of policy.grantRules.entries()) {
    if (kind !== "allow") continue;
    total++;
    if (!covered.has(index)) uncovered.push(decider.ruleText(index));
  }
  return { covered: total - uncovered.length, total, uncovered };
}

/** Whole per cent, rounded down: 100 means all. */
export function percentage({ covered, total }: Coverage): number {
  return total === 0 ? 100 : Math.floor((covered * 100) / total);
}
