/** L044 and L045: neverallows that cannot fire here, or not with other compilers. */

import type { NeverAllow } from "../../compiler/policy.ts";
import type { LintRule } from "../rule.ts";

export const idleNeverallow: LintRule = {
  id: "L044",
  name: "idle-neverallow",
  severity: "warning",
  summary: "a neverallow forbids nothing, since no pair of types is left in its sets",
  check({ policy }, report) {
    for (const rule of policy.neverAllows) {
      if (canFire(rule)) continue;
      report({
        message: "this neverallow forbids nothing: no source and target are left in its sets",
        at: rule.node,
        hint: "check its attributes and what its sets take away",
      });
    }
  },
};

/** Whether some pair of types is forbidden anything. */
function canFire({ sources, targets, self, notSelf }: NeverAllow): boolean {
  if (sources.size === 0) return false;
  if (self) return true;
  if (targets.size === 0) return false;
  const isOneAndTheSame = sources.size === 1 && targets.size === 1 && sources.equals(targets);
  return !(notSelf && isOneAndTheSame);
}

export const unportableNeverallow: LintRule = {
  id: "L045",
  name: "unportable-neverallow",
  severity: "note",
  summary: "checkpolicy 3.4 takes a neverallow with an excluded self and enforces nothing of it",
  check({ policy }, report) {
    for (const { notSelf, node } of policy.neverAllows) {
      if (!notSelf) continue;
      report({
        message: "checkpolicy before 3.5 accepts this neverallow and enforces nothing of it",
        at: node,
        hint: "list the targets, if others than this compiler shall check the policy",
      });
    }
  },
};
