/** Which types a domain can have: no flow passes through a label that nothing can ever bear. */

import type { Grants } from "./grants.ts";

/** Permissions that let a domain of a new type come to be. */
const CREATION: readonly (readonly [string, string])[] = [
  ["domain", "create"],
  ["xenolith", "create_domain"],
];

/**
 * For each type, 1 if a rule lets someone create a domain of it or relabel one to it, or an initial
 * SID has it. Every type acts in a policy that grants no creation at all: it is a part of one.
 */
export function actingTypes(grants: Grants): Uint8Array {
  const { policy } = grants;
  const acts = new Uint8Array(policy.types.length);
  const created = CREATION.flatMap(([className, permission]) => [
    ...targetsAnywhere(grants, className, permission),
  ]);
  if (created.length === 0) return acts.fill(1);
  for (const type of created) acts[type] = 1;
  for (const { context } of policy.initialSids) if (context !== undefined) acts[context.type] = 1;
  spreadByRelabelling(grants, acts);
  return acts;
}

function targetsAnywhere(grants: Grants, className: string, permission: string): Set<number> {
  const { relation } = grants;
  const { table } = relation;
  const classIndex = grants.class(className);
  const mask = grants.mask(className, permission);
  const targets = new Set<number>();
  if (mask === 0) return targets;
  for (let entry = 0; entry < table.count; entry++) {
    if (table.class(entry) !== classIndex || (table.values[entry] & mask) === 0) continue;
    for (const type of relation.typesOf(table.target(entry))) targets.add(type);
  }
  return targets;
}

/** A type acts if a domain that acts can be relabelled to it. */
function spreadByRelabelling(grants: Grants, acts: Uint8Array): void {
  const domain = grants.class("domain");
  const transition = grants.mask("domain", "transition");
  const relabelled = new Set([
    ...targetsAnywhere(grants, "domain2", "relabelto"),
    ...targetsAnywhere(grants, "domain2", "relabelself"),
  ]);
  if (transition === 0 || relabelled.size === 0) return;
  const queue = [...acts.keys()].filter((type) => acts[type] === 1);
  for (let source = queue.pop(); source !== undefined; source = queue.pop()) {
    for (const target of grants.targetsOf(source, domain, transition)) {
      if (acts[target] === 1 || !relabelled.has(target)) continue;
      acts[target] = 1;
      queue.push(target);
    }
  }
}
