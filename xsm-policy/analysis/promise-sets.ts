/** Turns the sets of names in assertions into types and permissions of a policy. */

import type { AssertedAccess, AssertedName, AssertedSet } from "../assertions/assertion.ts";
import { BitSet } from "../compiler/bits.ts";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import type { Grant, Policy } from "../compiler/policy.ts";
import { didYouMean } from "../compiler/suggest.ts";

const SELF = "self";

/** A set of types as an assertion means it. */
export interface AssertedTypes {
  readonly types: BitSet;
  /** The source itself is meant too; is not meant. */
  readonly self: boolean;
  readonly notSelf: boolean;
}

/** What a source may not do, by number. */
export interface ResolvedAccess {
  readonly targets: AssertedTypes;
  readonly grants: readonly Grant[];
}

/** Resolves names; each that is unknown is reported where it stands. */
export class PromiseSets {
  readonly #policy: Policy;
  readonly #report: (diagnostic: Diagnostic) => void;
  readonly #types = new Map<string, readonly number[]>();

  constructor(policy: Policy, report: (diagnostic: Diagnostic) => void) {
    this.#policy = policy;
    this.#report = report;
    for (const [index, { name, aliases }] of policy.types.entries()) {
      for (const each of [name, ...aliases]) this.#types.set(each, [index]);
    }
    for (const { name, types } of policy.attributes) this.#types.set(name, types);
  }

  /** The types that a set means; `self` may stand in it where `withSelf` says so. */
  types(set: AssertedSet, withSelf = false): AssertedTypes {
    const included = new BitSet(this.#policy.types.length);
    const excluded = new BitSet(this.#policy.types.length);
    let self = false;
    let notSelf = false;
    for (const name of set.names) {
      if (name.text === SELF && withSelf) {
        if (name.excluded) notSelf = true;
        else self = true;
        continue;
      }
      const into = name.excluded ? excluded : included;
      for (const type of this.#typesOf(name)) into.add(type);
    }
    const base = set.star ? BitSet.full(this.#policy.types.length) : included;
    base.deleteAll(excluded);
    if (!set.complement) return { types: base, self, notSelf };
    const rest = BitSet.full(this.#policy.types.length);
    rest.deleteAll(base);
    return { types: rest, self: notSelf, notSelf: self };
  }

  #typesOf(name: AssertedName): readonly number[] {
    const known = this.#types.get(name.text);
    if (known !== undefined) return known;
    this.#unknown(name, "type or attribute", this.#types.keys());
    return [];
  }

  #unknown(name: AssertedName, what: string, known: Iterable<string>): void {
    const hint = didYouMean(name.text, known);
    this.#report({
      severity: "error",
      code: "assertion-name",
      message: `unknown ${what} '${name.text}'`,
      span: name.span,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** What an access names: targets, and the permissions of each class. */
  access({ targets, classes, permissions }: AssertedAccess): ResolvedAccess {
    const all = this.#policy.classes;
    const named = classes.star
      ? [...all.keys()]
      : classes.names.flatMap((name) => this.#class(name));
    const meant = classes.complement
      ? [...all.keys()].filter((index) => !named.includes(index))
      : [...new Set(named)];
    const grants = meant
      .map((index) => ({ class: index, permissions: this.#permissions(permissions, index) }))
      .filter((grant) => grant.permissions !== 0);
    return { targets: this.types(targets, true), grants };
  }

  #class(name: AssertedName): number[] {
    const { classes } = this.#policy;
    const index = classes.findIndex((each) => each.name === name.text);
    if (index !== -1) return [index];
    const names = classes.map((each) => each.name);
    this.#unknown(name, "class", names);
    return [];
  }

  #permissions(set: AssertedSet, classIndex: number): number {
    const { name, permissions, allPermissions } = this.#policy.classes[classIndex];
    if (set.star) return allPermissions;
    let mask = 0;
    for (const member of set.names) {
      const bit = permissions.indexOf(member.text);
      if (bit !== -1) mask |= 1 << bit;
      else if (!set.complement) this.#unknown(member, `permission of class ${name}`, permissions);
    }
    return (set.complement ? allPermissions & ~mask : mask) >>> 0;
  }
}
