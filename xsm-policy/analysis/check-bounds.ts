/** Verdicts on typebounds: a bounded type may do no more than the type that bounds it. */

import type { AccessRelation } from "../compiler/relation.ts";
import { variantOf } from "../compiler/relation.ts";
import { type Conditions, type Ways, waysOf } from "./conditions.ts";
import { bitsOf } from "./flow-graph.ts";
import { Grants } from "./grants.ts";
import type { Provenance } from "./provenance.ts";
import type { Verdict, Violation } from "./verdict.ts";

/** Excesses of one type that are told in full. */
const SHOWN_VIOLATIONS = 5;

/** One verdict for each bounded type. */
export function typeBoundsVerdicts(
  relation: AccessRelation,
  provenance: Provenance,
  conditions: Conditions,
): Verdict[] {
  const { types } = relation.policy;
  if (types.every(({ bounds }) => bounds === -1)) return [];
  const grants = new Grants(relation);
  return [...types.entries()]
    .filter(([, { bounds }]) => bounds !== -1)
    .map(([child]) => verdictOn(child, grants, provenance, conditions));
}

function verdictOn(
  child: number,
  grants: Grants,
  provenance: Provenance,
  conditions: Conditions,
): Verdict {
  const { types, tree } = grants.policy;
  const { name, bounds, declared } = types[child];
  const violations: Violation[] = [];
  let count = 0;
  grants.relation.cellsFrom(child, (cell) => {
    const excess = excessOf(grants, child, cell.target, cell.class, cell.permissions, {
      variant: variantOf(cell.condition),
    });
    if (excess === 0) return;
    count++;
    if (violations.length === SHOWN_VIOLATIONS) return;
    const ways = waysOf(variantOf(cell.condition));
    violations.push(
      violation(child, cell.target, cell.class, excess, { grants, provenance, conditions, ways }),
    );
  });
  return {
    kind: "typebounds",
    text: `typebounds ${types[bounds].name} ${name};`,
    goal: "",
    span: tree === undefined || declared === undefined ? undefined : tree.span(declared),
    holds: count === 0,
    violations,
    violationCount: count,
    certificate: undefined,
    vacuous: undefined,
  };
}

/** What a cell grants beyond what the bound is granted always, or under the same condition. */
function excessOf(
  grants: Grants,
  child: number,
  target: number,
  classIndex: number,
  permissions: number,
  { variant }: { readonly variant: number },
): number {
  const { types } = grants.policy;
  const bound = types[target].bounds === -1 ? target : types[target].bounds;
  let excess = permissions;
  for (const bit of bitsOf(permissions)) {
    const ways = grants.ruled(types[child].bounds, bound, classIndex, (1 << bit) >>> 0);
    const isCovered = ways.some(
      (way) => way.length === 0 || (way.length === 1 && way[0] === variant),
    );
    if (isCovered) excess &= ~(1 << bit);
  }
  return excess >>> 0;
}

function violation(
  child: number,
  target: number,
  classIndex: number,
  excess: number,
  by: {
    readonly grants: Grants;
    readonly provenance: Provenance;
    readonly conditions: Conditions;
    readonly ways: Ways;
  },
): Violation {
  const { types, classes } = by.grants.policy;
  const names = bitsOf(excess).map((bit) => classes[classIndex].permissions[bit]);
  const bound = types[types[child].bounds].name;
  const setting = by.conditions.satisfy(by.ways, by.conditions.open);
  return {
    summary: `${bound} lacks ${classes[classIndex].name} { ${names.join(" ")} } on ${types[target].name}`,
    booleans: setting === undefined ? "" : by.conditions.settingText(by.ways, setting),
    steps: [],
    grants: [
      {
        source: types[child].name,
        target: types[target].name,
        class: classes[classIndex].name,
        permissions: names,
        rules: by.provenance.rules(child, target, classIndex, excess),
      },
    ],
  };
}
