/** L014: an operation that is refused to everybody, because its one target was overlooked. */

import { BitSet } from "../../compiler/bits.ts";
import type { Related } from "../../compiler/diagnostic.ts";
import type { GrantKind, Policy } from "../../compiler/policy.ts";
import { buildRelation } from "../../compiler/relation.ts";
import {
  declaredPermission,
  type LintContext,
  listText,
  noteAt,
  permissionBit,
  typeOfSid,
} from "../context.ts";
import { forEachAllow } from "../grants.ts";
import type { LintRule } from "../rule.ts";

/** How many rules that grant the permission elsewhere are shown. */
const SHOWN_RULES = 3;

export const ungrantedOperation: LintRule = {
  id: "L014",
  name: "ungranted-operation",
  severity: "warning",
  summary: "nobody may do an operation: nothing is granted on the one target that it asks about",
  check(context, report) {
    const { policy } = context;
    for (const { class: index, permission, target, operations } of missingGrants(context)) {
      const { name } = policy.classes[index];
      const at = declaredPermission(context, name, permission);
      if (at === undefined) continue;
      const on = policy.types[target].name;
      const verb = operations.length === 1 ? "asks" : "ask";
      report({
        message: `${listText(operations, 7)} ${verb} for ${name} ${permission} about ${on}: nobody has it`,
        at,
        hint: `grant it on ${on} to who shall do this, or state with dontaudit that none shall`,
        related: grantsElsewhere(context, index, permission),
      });
    }
  },
};

/** A permission that nobody holds on the one type about which operations ask. */
interface MissingGrant {
  readonly class: number;
  readonly permission: string;
  readonly target: number;
  readonly operations: string[];
}

function missingGrants({ policy, hypervisor }: LintContext): Iterable<MissingGrant> {
  const granted = new GrantedOn(policy);
  const missing = new Map<string, MissingGrant>();
  for (const { operation, class: of, permission, sid } of hypervisor.questions) {
    const target = sid === undefined ? -1 : typeOfSid(policy, sid);
    const index = policy.classes.findIndex(({ name }) => name === of);
    if (target === -1 || index === -1) continue;
    const bit = permissionBit(policy, index, permission);
    if ((bit & ~granted.mask(target, index)) === 0) continue;
    const key = `${index} ${permission} ${target}`;
    const known = missing.get(key) ?? { class: index, permission, target, operations: [] };
    known.operations.push(operation);
    missing.set(key, known);
  }
  return missing.values();
}

/** What is granted, or refused on purpose by a dontaudit, on each target, whoever asks. */
class GrantedOn {
  readonly #masks = new Map<string, number>();

  constructor(policy: Policy) {
    for (const kind of ["allow", "dontaudit"] satisfies GrantKind[]) {
      const relation = buildRelation(policy, kind);
      const { table } = relation;
      for (let entry = 0; entry < table.count; entry++) {
        for (const target of relation.typesOf(table.target(entry))) {
          const key = `${target} ${table.class(entry)}`;
          this.#masks.set(key, (this.#masks.get(key) ?? 0) | table.values[entry]);
        }
      }
    }
  }

  mask(target: number, classIndex: number): number {
    return this.#masks.get(`${target} ${classIndex}`) ?? 0;
  }
}

/** Rules that grant the permission on other targets. */
function grantsElsewhere(context: LintContext, classIndex: number, name: string): Related[] {
  const { policy } = context;
  const bit = 1 << policy.classes[classIndex].permissions.indexOf(name);
  const found: Related[] = [];
  const seen = new BitSet();
  forEachAllow(policy, ({ node, grants, targets }) => {
    const gives = grants.some((grant) => grant.class === classIndex && grant.permissions & bit);
    if (!gives || found.length === SHOWN_RULES) return;
    const fresh = targets().filter((type) => !seen.has(type));
    if (fresh.length === 0) return;
    for (const type of fresh) seen.add(type);
    const names = listText(fresh.map((type) => policy.types[type].name));
    found.push(noteAt(context, `it is granted on ${names} here`, node));
  });
  return found;
}
