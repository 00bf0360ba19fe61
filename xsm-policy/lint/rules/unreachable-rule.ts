/** L042: rules that no setting of the booleans brings to life, or that name nobody. */

import type { BooleanExpression, GrantRule } from "../../compiler/policy.ts";
import { conditionBooleans, evaluateCondition } from "../../compiler/resolve-condition.ts";
import { listText } from "../context.ts";
import type { LintRule } from "../rule.ts";

/** Conditions of more booleans than this are taken to be possible both ways. */
const MAX_BOOLEANS = 16;

export const unreachableRule: LintRule = {
  id: "L042",
  name: "unreachable-rule",
  severity: "warning",
  summary: "a rule can never apply: its condition never holds, or its sets are empty",
  check({ policy }, report) {
    const possible = policy.conditionals.map(({ expression }) => possibleValues(expression));
    for (const rule of policy.grantRules) {
      if (rule.node === undefined) continue;
      const { condition } = rule;
      if (condition !== undefined && !possible[condition.index].has(condition.branch)) {
        const { expression } = policy.conditionals[condition.index];
        const names = conditionBooleans(expression).map((index) => policy.booleans[index].name);
        report({
          message: `no setting of ${listText(names)} lets this rule hold`,
          at: rule.node,
          hint: "mend the condition of the block, or drop the rule",
        });
      }
      const empty = emptySide(rule);
      if (empty === undefined) continue;
      report({
        message: `no type is left as ${empty} of this rule`,
        at: rule.node,
        hint: "its set takes away all that it names",
      });
    }
  },
};

function emptySide({ sources, targets, self }: GrantRule): string | undefined {
  if (sources.keys.length === 0) return "source";
  return targets.keys.length === 0 && !self ? "target" : undefined;
}

/** The values that an expression can have. */
export function possibleValues(expression: BooleanExpression): ReadonlySet<boolean> {
  const booleans = conditionBooleans(expression);
  if (booleans.length > MAX_BOOLEANS) return new Set([true, false]);
  const found = new Set<boolean>();
  const values: boolean[] = [];
  for (let row = 0; row < 1 << booleans.length && found.size < 2; row++) {
    for (const [bit, index] of booleans.entries()) values[index] = ((row >> bit) & 1) === 1;
    found.add(evaluateCondition(expression, values));
  }
  return found;
}
