/** L040: the same rule, given twice. */

import type { GrantRule } from "../../compiler/policy.ts";
import type { Span } from "../../compiler/source.ts";
import { noteAt } from "../context.ts";
import type { LintRule } from "../rule.ts";

export const duplicateRule: LintRule = {
  id: "L040",
  name: "duplicate-rule",
  severity: "note",
  summary: "a rule says again what another one says",
  check(context, report) {
    const { tree } = context;
    const first = new Map<string, GrantRule>();
    for (const rule of context.policy.grantRules) {
      if (rule.node === undefined) continue;
      const key = fingerprint(rule);
      const known = first.get(key);
      if (known?.node === undefined) {
        first.set(key, rule);
        continue;
      }
      // A macro that is called twice says twice what does not depend on its arguments.
      if (context.hasMacros && isSamePlace(tree.span(rule.node), tree.span(known.node))) continue;
      report({
        message: `this ${rule.kind} rule says again what another one says`,
        at: rule.node,
        hint: "drop one of the two",
        related: [noteAt(context, "the first one", known.node)],
      });
    }
  },
};

function isSamePlace(one: Span, other: Span): boolean {
  return one.file === other.file && one.line === other.line && one.column === other.column;
}

/** Equal for rules that mean the same in all respects. */
export function fingerprint(rule: GrantRule): string {
  const { kind, sources, targets, self, grants, condition } = rule;
  const masks = grants.map((grant) => `${grant.class}=${grant.permissions}`);
  const when = condition === undefined ? "" : `${condition.index} ${condition.branch}`;
  return [kind, sources.keys, targets.keys, self, masks, when].join("|");
}
