/** What two binary policies have in common, taken out of both: most of their rules. */

import type { GrantRule, Policy } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";

/**
 * Both policies without the unconditional allow rules that stand in both. A binary has one rule for
 * each source, target and class; where names are numbered differently, or a policy is no binary,
 * nothing is taken out.
 */
export function withoutSharedRules(one: AccessRelation, other: AccessRelation): [Policy, Policy] {
  const areBinaries = one.policy.tree === undefined && other.policy.tree === undefined;
  if (!areBinaries || !namesAreEqual(one.policy, other.policy)) return [one.policy, other.policy];
  return [unshared(one, other), unshared(other, one)];
}

function namesAreEqual(one: Policy, other: Policy): boolean {
  const texts = ({ types, attributes, classes }: Policy): string[] => [
    ...types.map(({ name }) => name),
    "",
    ...attributes.map(({ name }) => name),
    "",
    ...classes.map(({ name, permissions }) => `${name} ${permissions.join(" ")}`),
  ];
  const others = texts(other);
  const own = texts(one);
  return own.length === others.length && own.every((text, index) => text === others[index]);
}

function unshared({ policy }: AccessRelation, { table }: AccessRelation): Policy {
  const isShared = ({ kind, sources, targets, grants, condition }: GrantRule): boolean => {
    if (kind !== "allow" || condition !== undefined) return false;
    const [{ class: classIndex, permissions }] = grants;
    const entry = table.find(sources.keys[0], targets.keys[0], classIndex, 0);
    return entry !== -1 && table.values[entry] === permissions;
  };
  return { ...policy, grantRules: policy.grantRules.filter((rule) => !isShared(rule)) };
}
