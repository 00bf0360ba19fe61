/** What all parts of a binary policy share: numbers, sets, levels, contexts. */

import type { BitSet } from "./bits.ts";
import { ByteWriter } from "./byte-writer.ts";
import { sameLevel } from "./mls.ts";
import type { Context, Level, Policy, Range } from "./policy.ts";
import type { PolicydbVersion } from "./policydb-format.ts";

/** Why a policy cannot be written in a version; `message` says what stands in the way. */
export class PolicydbError extends Error {}

export class PolicydbEncoder {
  readonly policy: Policy;
  readonly version: PolicydbVersion;
  readonly out = new ByteWriter();

  constructor(policy: Policy, version: PolicydbVersion) {
    this.policy = policy;
    this.version = version;
  }

  /** A set as libsepol writes it: 64 bits a node, empty nodes left out; members ascending. */
  bitmap(members: readonly number[]): void {
    const nodes: [number, number, number][] = [];
    for (const member of members) {
      const start = member - (member % 64);
      if (nodes.at(-1)?.[0] !== start) nodes.push([start, 0, 0]);
      const node = nodes[nodes.length - 1];
      node[member % 64 < 32 ? 1 : 2] |= 1 << (member % 32);
    }
    const high = nodes.length === 0 ? 0 : nodes[nodes.length - 1][0] + 64;
    this.out.u32(64, high, nodes.length);
    for (const [start, low, upper] of nodes) this.out.u32(start, low, upper);
  }

  set(set: BitSet): void {
    this.bitmap(set.toArray());
  }

  #sensitivity(level: Level): number {
    return this.policy.mls ? level.sensitivity + 1 : 0;
  }

  level(level: Level): void {
    this.out.u32(this.#sensitivity(level));
    this.set(level.categories);
  }

  /** A range stands even in a policy without MLS. */
  range({ low, high }: Range): void {
    const same = sameLevel(low, high);
    if (same) this.out.u32(1, this.#sensitivity(low));
    else this.out.u32(2, this.#sensitivity(low), this.#sensitivity(high));
    this.set(low.categories);
    if (!same) this.set(high.categories);
  }

  context({ user, role, type, range }: Context): void {
    this.out.u32(user + 1, role + 1, type + 1);
    this.range(range);
  }
}
