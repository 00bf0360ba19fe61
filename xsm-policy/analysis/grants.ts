/** Who is granted what, with conditions and constraints; and the index by target. */

import type { Context, Policy } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import { either, NEVER, type Ways, waysOf } from "./conditions.ts";
import { mayHold } from "./contexts.ts";

/** Pairs of types whose grants are remembered. */
const CACHED_PAIRS = 100_000;

/** Permissions of one class under one condition. */
export interface GrantCell {
  readonly class: number;
  /** The condition (`variantOf`). */
  readonly variant: number;
  readonly mask: number;
}

export class Grants {
  readonly relation: AccessRelation;
  readonly policy: Policy;
  /** For each class, the permissions that a constraint speaks of. */
  readonly constrained: readonly number[];
  readonly #variants: number[][];
  readonly #cells = new Map<number, readonly GrantCell[]>();
  #byTarget: { readonly first: Int32Array; readonly entries: Int32Array } | undefined;

  constructor(relation: AccessRelation) {
    this.relation = relation;
    this.policy = relation.policy;
    this.constrained = this.policy.classes.map(({ constraints }) =>
      constraints.reduce((mask, { permissions }) => mask | permissions, 0),
    );
    this.#variants = variantsByClass(relation);
  }

  /** Number of a class, or -1. */
  class(name: string): number {
    return this.policy.classes.findIndex((each) => each.name === name);
  }

  /** Bit mask of a permission; zero where the policy has no such class or permission. */
  mask(className: string, permission: string): number {
    const bit = this.policy.classes[this.class(className)]?.permissions.indexOf(permission) ?? -1;
    return bit === -1 ? 0 : (1 << bit) >>> 0;
  }

  /** When a single permission is granted by some rule; constraints are not looked at. */
  ruled(source: number, target: number, classIndex: number, mask: number): Ways {
    let ways = NEVER;
    for (const variant of this.#variants[classIndex] ?? []) {
      const granted = this.#mask(source, target, classIndex, variant);
      if ((granted & mask) !== 0) ways = either(ways, waysOf(variant));
    }
    return ways;
  }

  /** All that one type is granted on another, by class and condition. */
  cells(source: number, target: number): readonly GrantCell[] {
    const pair = source * this.policy.types.length + target;
    const known = this.#cells.get(pair);
    if (known !== undefined) return known;
    const found: GrantCell[] = [];
    for (const [classIndex, variants] of this.#variants.entries()) {
      for (const variant of variants) {
        const mask = this.#mask(source, target, classIndex, variant);
        if (mask !== 0) found.push({ class: classIndex, variant, mask });
      }
    }
    if (this.#cells.size === CACHED_PAIRS) this.#cells.clear();
    this.#cells.set(pair, found);
    return found;
  }

  #mask(source: number, target: number, classIndex: number, variant: number): number {
    const { relation } = this;
    const { table } = relation;
    const targets = relation.keysOf(target);
    let mask = 0;
    for (const sourceKey of relation.keysOf(source)) {
      for (const targetKey of targets) {
        const entry = table.find(sourceKey, targetKey, classIndex, variant);
        if (entry !== -1) mask |= table.values[entry];
      }
    }
    return mask;
  }

  /** When a single permission is granted between two contexts. */
  granted(source: Context, target: Context, classIndex: number, mask: number): Ways {
    if (mask === 0 || !this.passes(source, target, classIndex, mask)) return NEVER;
    return this.ruled(source.type, target.type, classIndex, mask);
  }

  /** Whether no constraint takes a permission away, for some levels. */
  passes(source: Context, target: Context, classIndex: number, mask: number): boolean {
    if ((this.constrained[classIndex] & mask) === 0) return true;
    return this.policy.classes[classIndex].constraints.every(
      ({ permissions, steps }) => (permissions & mask) === 0 || mayHold(steps, source, target),
    );
  }

  /** Numbers of the relation's entries about one target key. */
  entriesTo(key: number): Int32Array {
    this.#byTarget ??= this.#indexByTarget();
    const { first, entries } = this.#byTarget;
    return entries.subarray(first[key], first[key + 1]);
  }

  #indexByTarget(): { first: Int32Array; entries: Int32Array } {
    const { table } = this.relation;
    const first = new Int32Array(this.policy.types.length + this.policy.attributes.length + 2);
    for (let entry = 0; entry < table.count; entry++) first[table.target(entry) + 2]++;
    for (let key = 2; key < first.length; key++) first[key] += first[key - 1];
    const entries = new Int32Array(table.count);
    for (let entry = 0; entry < table.count; entry++) {
      entries[first[table.target(entry) + 1]++] = entry;
    }
    return { first, entries };
  }

  /** Types that hold `mask` on a target. */
  holdersOn(target: number, classIndex: number, mask: number): Set<number> {
    const { relation } = this;
    const { table } = relation;
    const holders = new Set<number>();
    for (const key of relation.keysOf(target)) {
      for (const entry of this.entriesTo(key)) {
        if (table.class(entry) !== classIndex || (table.values[entry] & mask) === 0) continue;
        for (const type of relation.typesOf(table.source(entry))) holders.add(type);
      }
    }
    return holders;
  }

  /** Types that a source holds `mask` on. */
  targetsOf(source: number, classIndex: number, mask: number): Set<number> {
    const { relation } = this;
    const { table } = relation;
    const targets = new Set<number>();
    for (const key of relation.keysOf(source)) {
      for (const entry of relation.entriesFrom(key)) {
        if (table.class(entry) !== classIndex || (table.values[entry] & mask) === 0) continue;
        for (const type of relation.typesOf(table.target(entry))) targets.add(type);
      }
    }
    return targets;
  }
}

/** For each class, the conditions under which something is granted, unconditional first. */
function variantsByClass({ table, policy }: AccessRelation): number[][] {
  const seen = policy.classes.map(() => new Set<number>());
  for (let entry = 0; entry < table.count; entry++) {
    seen[table.class(entry)].add(table.variant(entry));
  }
  return seen.map((variants) => [...variants].sort((one, other) => one - other));
}
