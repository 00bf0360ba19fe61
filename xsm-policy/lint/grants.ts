/** The allow rules of a policy, as lint rules walk them. */

import type { AccessRule } from "../compiler/ast.ts";
import type { Grant, GrantRule, Policy } from "../compiler/policy.ts";

/** An allow rule that stands in the source, with the types that its attributes stand for. */
export interface AllowRule {
  readonly index: number;
  readonly rule: GrantRule;
  readonly node: AccessRule;
  readonly grants: readonly Grant[];
  sources(): readonly number[];
  /** Without what `self` adds. */
  targets(): readonly number[];
}

/** Calls back for each allow rule, in source order. */
export function forEachAllow(policy: Policy, visit: (allow: AllowRule) => void): void {
  for (const [index, rule] of policy.grantRules.entries()) {
    if (rule.kind !== "allow" || rule.node === undefined) continue;
    visit({
      index,
      rule,
      // Every grant comes from an access rule of the tree.
      node: rule.node as AccessRule,
      grants: rule.grants,
      sources: () => typesOfKeys(policy, rule.sources.keys),
      targets: () => typesOfKeys(policy, rule.targets.keys),
    });
  }
}

/** The types that keys stand for, ascending and once each. */
export function typesOfKeys(policy: Policy, keys: readonly number[]): readonly number[] {
  const { types, attributes } = policy;
  if (keys.length === 1) {
    return keys[0] < types.length ? keys : attributes[keys[0] - types.length].types;
  }
  const all = keys.flatMap((key) =>
    key < types.length ? [key] : attributes[key - types.length].types,
  );
  return [...new Set(all)].sort((one, other) => one - other);
}
