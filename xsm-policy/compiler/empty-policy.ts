// A policy with nothing in it, which readers of text and of binaries fill.

import type { Policy } from "./policy.ts";

/** A policy without any rule or name. */
export function emptyPolicy(mls: boolean): Policy {
  return {
    tree: undefined,
    mls,
    commons: [],
    classes: [],
    initialSids: [],
    types: [],
    attributes: [],
    roles: [],
    users: [],
    booleans: [],
    sensitivities: [],
    categories: [],
    capabilities: [],
    conditionals: [],
    grantRules: [],
    typeRules: [],
    neverAllows: [],
    roleAllows: [],
    roleTransitions: [],
    rangeTransitions: [],
    devices: [],
  };
}
