/** L034: a type of domains that no role has, so that no domain can have it. */

import { listText } from "../context.ts";
import type { LintRule } from "../rule.ts";

/** What makes a domain with a label: the classes and permissions of Xen and of the core. */
const CREATE = [
  ["domain", "create"],
  ["xenolith", "create_domain"],
] as const;

/** object_r, which every type has, is for what is no domain. */
const OBJECT_ROLE = 0;

export const typeWithoutRole: LintRule = {
  id: "L034",
  name: "type-without-role",
  severity: "warning",
  summary: "domains of a type may be made, but no role has the type, so no label can carry it",
  check({ policy, relation }, report) {
    const makers = new Map<number, Set<string>>();
    relation.cells((cell) => {
      const { name, permissions } = policy.classes[cell.class];
      const makes = CREATE.some(([of, permission]) => {
        const bit = of === name ? permissions.indexOf(permission) : -1;
        return bit !== -1 && ((cell.permissions >>> bit) & 1) === 1;
      });
      if (!makes) return;
      const known = makers.get(cell.target) ?? new Set();
      makers.set(cell.target, known.add(policy.types[cell.source].name));
    });
    for (const [type, who] of [...makers].sort(([one], [other]) => one - other)) {
      const { name, declared } = policy.types[type];
      const hasRole = policy.roles.some(
        (role, index) => index !== OBJECT_ROLE && role.types.has(type),
      );
      if (hasRole || declared === undefined) continue;
      report({
        message: `${listText([...who])} may make domains of type ${name}, which no role has`,
        at: declared,
        hint: `role system_r types ${name};`,
      });
    }
  },
};
