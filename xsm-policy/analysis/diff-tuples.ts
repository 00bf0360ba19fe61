/**
 * Which access tuples a policy has and another has not. Only entries that differ are expanded, so
 * that a small change of a large policy costs little.
 */

import type { Policy } from "../compiler/policy.ts";
import { conditionOf } from "../compiler/relation.ts";
import { Conditions } from "./conditions.ts";
import { bitsOf } from "./flow-graph.ts";
import type { Grants } from "./grants.ts";

/** Permissions of one type on another in one class that stand on one side only. */
export interface TupleChange {
  readonly source: string;
  readonly target: string;
  readonly class: string;
  readonly permissions: readonly string[];
  /** The condition under which they stand; empty if none. */
  readonly condition: string;
}

/** The tuples of `one` that `other` does not have, in the order of their names. */
export function tuplesMissing(one: Grants, other: Grants): TupleChange[] {
  return new TupleComparison(one, other).missing();
}

class TupleComparison {
  readonly #one: Grants;
  readonly #other: Grants;
  readonly #types: Int32Array;
  readonly #attributes: Int32Array;
  readonly #classes: readonly (Int8Array | undefined)[];
  readonly #classNumbers: readonly number[];
  readonly #variants: readonly number[];
  /** For each class, whether the permissions have the same bits on both sides. */
  readonly #hasSameBits: readonly boolean[];
  #last = -1;
  /** By source, target, class and condition: the permissions that are missing. */
  readonly #found = new Map<string, number>();

  constructor(one: Grants, other: Grants) {
    this.#one = one;
    this.#other = other;
    this.#types = numbersIn(one.policy.types, other.policy.types);
    this.#attributes = numbersIn(one.policy.attributes, other.policy.attributes);
    this.#classNumbers = one.policy.classes.map(({ name }) => other.class(name));
    this.#classes = one.policy.classes.map((each, index) => {
      const partner = other.policy.classes[this.#classNumbers[index]];
      if (partner === undefined) return undefined;
      return Int8Array.from(each.permissions, (name) => partner.permissions.indexOf(name));
    });
    this.#variants = variantsIn(one.policy, other.policy);
    this.#hasSameBits = this.#classes.map(
      (bits) => bits?.every((bit, own) => bit === own) ?? false,
    );
  }

  missing(): TupleChange[] {
    const { table } = this.#one.relation;
    for (let entry = 0; entry < table.count; entry++) {
      const lost = this.#lostAt(entry);
      if (lost !== 0) this.#expand(entry, lost);
    }
    this.#memberships();
    return this.#changes();
  }

  /** Permissions of an entry that the other policy's entry of the same names has not. */
  #lostAt(entry: number): number {
    const { table } = this.#one.relation;
    const value = table.values[entry];
    const source = this.#key(table.source(entry));
    const target = this.#key(table.target(entry));
    const classIndex = table.class(entry);
    const variant = this.#variants[table.variant(entry)];
    if (source === -1 || target === -1 || variant === -1) return value;
    const bits = this.#classes[classIndex];
    if (bits === undefined) return value;
    const found = this.#entryOf(source, target, this.#classNumbers[classIndex], variant);
    if (found === -1) return value;
    const granted = this.#other.relation.table.values[found];
    return granted === value && this.#hasSameBits[classIndex] ? 0 : value & ~mapBack(granted, bits);
  }

  /** An entry of the other policy: most often the one after that found last. */
  #entryOf(source: number, target: number, classIndex: number, variant: number): number {
    const { table } = this.#other.relation;
    const next = this.#last + 1;
    const isNext =
      next < table.count &&
      table.pairs[next] === source * 0x1_0000 + target &&
      table.class(next) === classIndex &&
      table.variant(next) === variant;
    const found = isNext ? next : table.find(source, target, classIndex, variant);
    if (found !== -1) this.#last = found;
    return found;
  }

  /** The key of the same name in the other policy, or -1. */
  #key(key: number): number {
    const count = this.#one.policy.types.length;
    if (key < count) return this.#types[key];
    const attribute = this.#attributes[key - count];
    return attribute === -1 ? -1 : this.#other.policy.types.length + attribute;
  }

  #expand(entry: number, lost: number): void {
    const { relation } = this.#one;
    const { table } = relation;
    for (const source of relation.typesOf(table.source(entry))) {
      for (const target of relation.typesOf(table.target(entry))) {
        this.#test(source, target, entry, lost);
      }
    }
  }

  /** Records what of `lost` no other entry of the other policy makes up for. */
  #test(source: number, target: number, entry: number, lost: number): void {
    const { table } = this.#one.relation;
    const classIndex = table.class(entry);
    const variant = table.variant(entry);
    const missing = lost & ~this.#granted(source, target, classIndex, variant);
    if (missing === 0) return;
    const key = `${source} ${target} ${classIndex} ${variant}`;
    this.#found.set(key, (this.#found.get(key) ?? 0) | missing);
  }

  /** What the other policy grants to the types of the same names, in this policy's bits. */
  #granted(source: number, target: number, classIndex: number, variant: number): number {
    const from = this.#types[source];
    const to = this.#types[target];
    const condition = this.#variants[variant];
    const bits = this.#classes[classIndex];
    if (from === -1 || to === -1 || condition === -1 || bits === undefined) return 0;
    const { relation } = this.#other;
    const number = this.#classNumbers[classIndex];
    let mask = 0;
    for (const sourceKey of relation.keysOf(from)) {
      for (const targetKey of relation.keysOf(to)) {
        const found = relation.table.find(sourceKey, targetKey, number, condition);
        if (found !== -1) mask |= relation.table.values[found];
      }
    }
    return mapBack(mask, bits);
  }

  /** Types that left an attribute, though the attribute's rules are the same. */
  #memberships(): void {
    const { relation, policy } = this.#one;
    const { table } = relation;
    for (const [index, { types }] of policy.attributes.entries()) {
      const partner = this.#other.policy.attributes[this.#attributes[index]];
      if (partner === undefined) continue;
      const left = types.filter((type) => {
        return this.#types[type] === -1 || !partner.members.has(this.#types[type]);
      });
      if (left.length === 0) continue;
      const key = policy.types.length + index;
      for (const entry of relation.entriesFrom(key)) {
        for (const target of relation.typesOf(table.target(entry))) {
          for (const source of left) this.#test(source, target, entry, table.values[entry]);
        }
      }
      for (const entry of this.#one.entriesTo(key)) {
        for (const source of relation.typesOf(table.source(entry))) {
          for (const target of left) this.#test(source, target, entry, table.values[entry]);
        }
      }
    }
  }

  #changes(): TupleChange[] {
    const { types, classes } = this.#one.policy;
    const conditions = new Conditions(this.#one.policy);
    const changes = [...this.#found].map(([key, mask]) => {
      const [source, target, classIndex, variant] = key.split(" ").map(Number);
      const { name, permissions } = classes[classIndex];
      return {
        source: types[source].name,
        target: types[target].name,
        class: name,
        permissions: bitsOf(mask).map((bit) => permissions[bit]),
        condition: conditions.text(variant),
      };
    });
    return changes.sort(byNames);
  }
}

function byNames(one: TupleChange, other: TupleChange): number {
  return (
    order(one.source, other.source) ||
    order(one.target, other.target) ||
    order(one.class, other.class) ||
    order(one.condition, other.condition)
  );
}

function order(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

interface Named {
  readonly name: string;
}

/** For each of `all`, the number that its name has in `other`, or -1. */
function numbersIn(all: readonly Named[], other: readonly Named[]): Int32Array {
  const numbers = new Map(other.map(({ name }, index) => [name, index]));
  return Int32Array.from(all, ({ name }) => numbers.get(name) ?? -1);
}

/** For each condition of a policy by its variant number, that of the same text in another. */
function variantsIn(one: Policy, other: Policy): number[] {
  const count = (policy: Policy): number => policy.conditionals.length * 2 + 1;
  const texts = new Conditions(other);
  const known = new Map<string, number>();
  for (let variant = 0; variant < count(other); variant++) known.set(texts.text(variant), variant);
  const own = new Conditions(one);
  return Array.from({ length: count(one) }, (_, variant) => {
    return conditionOf(variant) === undefined ? 0 : (known.get(own.text(variant)) ?? -1);
  });
}

/** An access vector of the other policy in this one's bits. */
function mapBack(mask: number, bits: Int8Array): number {
  let result = 0;
  for (let bit = 0; bit < bits.length; bit++) {
    if (bits[bit] !== -1 && ((mask >>> bits[bit]) & 1) === 1) result |= 1 << bit;
  }
  return result;
}
