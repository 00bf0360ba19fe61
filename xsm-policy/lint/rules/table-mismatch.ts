/** L015: classes or permissions that do not stand where the hypervisor's own tables have them. */

import type { LintContext } from "../context.ts";
import type { LintRule, Report } from "../rule.ts";

export const tableMismatch: LintRule = {
  id: "L015",
  name: "table-mismatch",
  severity: "error",
  summary: "classes or permissions differ from the hypervisor's tables, which refuse the policy",
  check(context, report) {
    const { policy, hypervisor } = context;
    const names = [...hypervisor.classes.keys()];
    for (const [index, { name, permissions, declared }] of policy.classes.entries()) {
      if (declared === undefined) continue;
      const expected = names[index];
      if (expected !== undefined && expected !== name) {
        report({
          message: `class ${name} has number ${index + 1}, which is ${expected}'s`,
          at: declared,
          hint: `${hypervisor.name} knows classes by number: keep its order, and add others last`,
        });
        return;
      }
      const wrong = firstDifference(context, name, permissions);
      if (wrong !== undefined) report({ ...wrong, at: declared });
    }
  },
};

function firstDifference(
  { hypervisor }: LintContext,
  name: string,
  permissions: readonly string[],
): Omit<Report, "at"> | undefined {
  const expected = hypervisor.classes.get(name);
  const bit = expected?.findIndex((each, index) => each !== permissions[index]) ?? -1;
  if (expected === undefined || bit === -1) return undefined;
  const found = permissions[bit] ?? "nothing";
  return {
    message: `permission ${bit + 1} of class ${name} is ${found}, not ${expected[bit]}`,
    hint: `${hypervisor.name} knows permissions by number: keep its order`,
  };
}
