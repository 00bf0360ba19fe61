/** The access relation as sorted TSV: source, target, class, permission, boolean condition. */

import type { RuleCondition } from "./policy.ts";
import type { AccessRelation } from "./relation.ts";
import { conditionText } from "./resolve-condition.ts";

const HEADER = "#source\ttarget\tclass\tperm\tcond";

/** The TSV text, header first, rows in byte order. */
export function tuplesText(relation: AccessRelation): string {
  return `${[HEADER, ...tupleRows(relation)].join("\n")}\n`;
}

/** One row for each source, target, class, permission and condition, in byte order. */
export function tupleRows(relation: AccessRelation): string[] {
  const { types, classes } = relation.policy;
  const rows = new Set<string>();
  relation.cells((cell) => {
    const { name, permissions } = classes[cell.class];
    const start = `${types[cell.source].name}\t${types[cell.target].name}\t${name}`;
    const condition = conditionColumn(relation, cell.condition);
    for (const [bit, permission] of permissions.entries()) {
      if (((cell.permissions >>> bit) & 1) === 0) continue;
      rows.add(`${start}\t${permission}\t${condition}`);
    }
  });
  return [...rows].sort(byteOrder);
}

/** `boolean=T`, `(a && b)=F`; empty for what always holds. */
export function conditionColumn(
  relation: AccessRelation,
  condition: RuleCondition | undefined,
): string {
  if (condition === undefined) return "";
  const { conditionals, booleans } = relation.policy;
  const { expression } = conditionals[condition.index];
  return `${conditionText(expression, booleans)}=${condition.branch ? "T" : "F"}`;
}

function byteOrder(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
