/** L010: an interface that Xen does not hold safe to give to anybody but the toolstack. */

import { QuestionIndex } from "../asked.ts";
import { listText, permissionNames, permissionPlace } from "../context.ts";
import { forEachAllow } from "../grants.ts";
import type { Question } from "../hypervisor/question.ts";
import { XEN } from "../hypervisor/xen.ts";
import type { LintRule } from "../rule.ts";

/** The sub-operations of domctl that Xen's advisory 77 holds safe; all others are not. */
const SAFE_DOMCTL = /^domctl (ioport_mapping|memory_mapping|bind_pt_irq|unbind_pt_irq)$/;

/** What the advisory excludes from security support when others than the toolstack have it. */
const UNSAFE = /^(domctl .*|sysctl .*|memory_op (set_pod_target|get_pod_target|claim_pages))$/;

/** Permissions that are asked of the domain which gets something, not of the one that calls. */
const NOT_THE_CALLERS = new Set([
  "resource use_iommu",
  "resource use_iommu_nointremap",
  "resource use_noiommu",
  "domain set_target",
]);

/** Whether advisory 77 excludes an operation from security support. */
export function isUnsafe({ operation, class: className, permission }: Question): boolean {
  if (NOT_THE_CALLERS.has(`${className} ${permission}`)) return false;
  return UNSAFE.test(operation) && !SAFE_DOMCTL.test(operation);
}

export const unsafeDelegation: LintRule = {
  id: "L010",
  name: "unsafe-delegation",
  severity: "warning",
  summary: "a permission opens an operation that Xen does not hold safe to delegate (XSA-77)",
  check(context, report) {
    const { policy, hypervisor, trusted } = context;
    if (hypervisor !== XEN) return;
    const questions = new QuestionIndex(hypervisor);
    forEachAllow(policy, (allow) => {
      const holders = allow.sources().filter((type) => !trusted.has(type));
      if (holders.length === 0) return;
      const who = listText(holders.map((type) => policy.types[type].name));
      for (const grant of allow.grants) {
        const { name } = policy.classes[grant.class];
        const unsafe = permissionNames(policy, grant.class, grant.permissions).filter((each) =>
          questions.of(name, each).some(isUnsafe),
        );
        if (unsafe.length === 0) continue;
        const opened = unsafe.flatMap((each) => questions.of(name, each).filter(isUnsafe));
        const operations = listText(opened.map(({ operation }) => operation));
        report({
          message: `${who} may use ${operations} by ${name} ${listText(unsafe, 6)}`,
          at: permissionPlace(context, allow.node, unsafe),
          within: allow.node,
          hint: "keep it to the toolstack (--trusted TYPE names one), or waive it with the reason",
        });
      }
    });
  },
};
