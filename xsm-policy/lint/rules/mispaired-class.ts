/** L012: the hypervisor asks for a permission by the number that it has in another class. */

import {
  declaredPermission,
  type LintContext,
  listText,
  noteAt,
  permissionBit,
} from "../context.ts";
import type { LintRule } from "../rule.ts";

export const mispairedClass: LintRule = {
  id: "L012",
  name: "mispaired-class",
  severity: "warning",
  summary: "the hypervisor pairs a class with another class's permission, so it checks a third one",
  check(context, report) {
    const { hypervisor } = context;
    for (const { operation, class: asked, permission, meant } of hypervisor.questions) {
      if (meant === undefined) continue;
      const at = declaredPermission(context, meant.class, meant.permission);
      const who = holders(context, asked, permission);
      if (at === undefined || who.length === 0) continue;
      const real = declaredPermission(context, asked, permission);
      report({
        message:
          `${operation} means ${meant.class} ${meant.permission}, but ${hypervisor.name} pairs ` +
          `the permission with class ${asked}: it checks ${asked} ${permission}`,
        at,
        hint: `${asked} ${permission} opens it (${listText(who)} may do it): grant neither lightly`,
        ...(real === undefined ? {} : { related: [noteAt(context, "what is checked", real)] }),
      });
    }
  },
};

/** Names of the types that hold a permission on something. */
function holders({ policy, relation }: LintContext, className: string, name: string): string[] {
  const index = policy.classes.findIndex((each) => each.name === className);
  const bit = permissionBit(policy, index, name);
  const found = new Set<string>();
  relation.cells((cell) => {
    if (cell.class === index && (cell.permissions & bit) !== 0) {
      found.add(policy.types[cell.source].name);
    }
  });
  return [...found];
}
