/** L011 and L016: permissions that no operation of the hypervisor asks for. */

import { askedMasks } from "../asked.ts";
import { type LintContext, listText, permissionNames, permissionPlace } from "../context.ts";
import { forEachAllow } from "../grants.ts";
import { XEN } from "../hypervisor/xen.ts";
import type { LintRule, Report } from "../rule.ts";

export const deadPermission: LintRule = {
  id: "L011",
  name: "dead-permission",
  severity: "warning",
  summary: "a rule grants a permission that no operation of any hypervisor asks for",
  check(context, report) {
    const { policy, hypervisor } = context;
    const asked = askedMasks(policy, hypervisor);
    const byXen = askedMasks(policy, XEN);
    reportIdle(context, report, {
      mask: (classIndex) => ~(asked[classIndex] | byXen[classIndex]),
      hint: "the rule grants nothing by it: drop the permission",
    });
  },
};

export const unservedPermission: LintRule = {
  id: "L016",
  name: "unserved-permission",
  severity: "note",
  summary: "a rule grants a permission that Xen asks for, but this hypervisor does not",
  check(context, report) {
    const { policy, hypervisor } = context;
    if (hypervisor === XEN) return;
    const asked = askedMasks(policy, hypervisor);
    const byXen = askedMasks(policy, XEN);
    reportIdle(context, report, {
      mask: (classIndex) => byXen[classIndex] & ~asked[classIndex],
      hint: `the rule grants nothing by it on ${hypervisor.name}`,
    });
  },
};

/** Reports what allow rules grant of the permissions in `mask`. */
function reportIdle(
  context: LintContext,
  report: (found: Report) => void,
  { mask, hint }: { readonly mask: (classIndex: number) => number; readonly hint: string },
): void {
  const { policy, hypervisor } = context;
  forEachAllow(policy, ({ node, grants }) => {
    for (const grant of grants) {
      const { name } = policy.classes[grant.class];
      const idle = (grant.permissions & mask(grant.class)) >>> 0;
      if (idle === 0 || !hypervisor.classes.has(name)) continue;
      const names = permissionNames(policy, grant.class, idle);
      const verb = names.length === 1 ? "is" : "are";
      report({
        message: `${name} ${listText(names, 6)} ${verb} never asked for by ${hypervisor.name}`,
        at: permissionPlace(context, node, names),
        within: node,
        hint,
      });
    }
  });
}
