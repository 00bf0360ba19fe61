/** Which types a domain can have: no flow passes through a label that nothing can ever bear. */

import type { Grants } from "./grants.ts";

/** Permissions that let a domain of a new type come to be. */
const CREATION: readonly (readonly [string, string])[] = [
  ["domain", "create"],
  ["xenolith", "create_domain"],
];

export interface ActingTypes {
  /** For each type, 1 if a rule lets someone create a domain of it, or relabel one to it. */
  readonly domains: Uint8Array;
  /** The same, and the types of initial SIDs: the hypervisor acts under some of them. */
  readonly acts: Uint8Array;
}

/** Every type acts in a policy that grants no creation at all: it is a part of one. */
export function actingTypes(grants: Grants): ActingTypes {
  const { policy } = grants;
  const domains = new Uint8Array(policy.types.length);
  const created = CREATION.flatMap(([className, permission]) => [
    ...targetsAnywhere(grants, className, permission),
  ]);
  if (created.length === 0) return { domains: domains.fill(1), acts: domains };
  for (const type of created) domains[type] = 1;
  const acts = domains.slice();
  for (const { context } of policy.initialSids) if (context !== undefined) acts[context.type] = 1;
  spreadByRelabelling(grants, acts, domains);
  return { domains, acts };
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
    // An attribute may be empty.
    if (relation.typesOf(table.source(entry)).length === 0) continue;
    for (const type of relation.typesOf(table.target(entry))) targets.add(type);
  }
  return targets;
}

/** A type acts if a domain that acts can be relabelled to it. */
function spreadByRelabelling(grants: Grants, acts: Uint8Array, domains: Uint8Array): void {
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
      if (!relabelled.has(target)) continue;
      domains[target] = 1;
      if (acts[target] === 1) continue;
      acts[target] = 1;
      queue.push(target);
    }
  }
}
