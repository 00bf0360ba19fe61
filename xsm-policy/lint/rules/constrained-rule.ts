/** L043: a grant that a constraint takes away again, whatever the labels. */

import { ConstraintFilter } from "../constrained.ts";
import { listText, noteAt, permissionNames, permissionPlace } from "../context.ts";
import { forEachAllow } from "../grants.ts";
import type { LintRule } from "../rule.ts";

export const constrainedRule: LintRule = {
  id: "L043",
  name: "constrained-rule",
  severity: "warning",
  summary: "a constraint takes away all that a rule grants, whatever the users and roles",
  check(context, report) {
    const { policy } = context;
    const filter = new ConstraintFilter(policy);
    forEachAllow(policy, (allow) => {
      for (const grant of allow.grants) {
        let left = 0;
        for (const source of allow.sources()) {
          const targets = allow.rule.self ? [source, ...allow.targets()] : allow.targets();
          for (const target of targets) {
            if ((grant.permissions & ~left) === 0) break;
            left |= filter.left(source, target, grant.class);
          }
        }
        const lost = (grant.permissions & ~left) >>> 0;
        if (lost === 0 || allow.sources().length === 0) continue;
        const names = permissionNames(policy, grant.class, lost);
        const { name, constraints } = policy.classes[grant.class];
        const masks = constraints.filter(({ permissions }) => (permissions & lost) !== 0);
        report({
          message: `a constraint takes away ${name} ${listText(names)} from every label`,
          at: permissionPlace(context, allow.node, names),
          within: allow.node,
          hint: "the rule grants nothing by it: drop it, or widen the constraint",
          related: masks.flatMap(({ node }) =>
            node === undefined ? [] : [noteAt(context, "the constraint", node)],
          ),
        });
      }
    });
  },
};
