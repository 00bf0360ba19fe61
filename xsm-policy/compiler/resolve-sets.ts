/** Sets of types, classes and permissions as rules name them. */

import type { NameSet, SetMember } from "./ast.ts";
import { BitSet } from "./bits.ts";
import { CLASS_PERMISSION_LIMIT_COUNT } from "./limits.ts";
import type { Grant, KeySet } from "./policy.ts";
import type { ResolverState } from "./resolver-state.ts";
import type { SetColumns } from "./set-columns.ts";
import { didYouMean } from "./suggest.ts";

/** What a set of types may contain besides names. */
export interface SetPermission {
  /** `*` and `~` (neverallow). */
  readonly wild: boolean;
  /** `self` (targets). */
  readonly self: boolean;
}

/** A set of types after resolution. */
export interface TypeSet {
  readonly keys: KeySet;
  /** For `*` and `~` instead of `keys`: the types, of which there are likely many. */
  readonly bits?: BitSet;
  readonly self: boolean;
  /** `~self` or `{ x -self }`: the source itself is exempt. */
  readonly notSelf: boolean;
}

const NOTHING: KeySet = { keys: [] };
const NO_SET: TypeSet = { keys: NOTHING, self: false, notSelf: false };

/** Turns name sets into key sets; sets of one name, the common case, are made only once. */
export class SetResolver {
  readonly #state: ResolverState;
  readonly #single: TypeSet[] = [];
  readonly #expanded = new Map<KeySet, KeySet>();
  readonly #typeCount: number;

  constructor(state: ResolverState) {
    this.#state = state;
    this.#typeCount = state.policy.types.length;
  }

  /** The types and attributes of a set; attributes stay whole unless something is taken away. */
  types(set: NameSet, permission: SetPermission): TypeSet {
    const sole = set.count === 1 && !set.star && !set.complement ? set.first : -1;
    return this.#sole(sole) ?? this.#general(set, permission);
  }

  /** The same for a set in columns. */
  typesAt(sets: SetColumns, set: number, permission: SetPermission): TypeSet {
    return this.#sole(sets.soleMember(set)) ?? this.#general(sets.at(set), permission);
  }

  /** The set of one name, if it is one that may be used here. */
  #sole(member: number): TypeSet | undefined {
    if (member === -1) return undefined;
    const { tree, keyOf, global, blocks } = this.#state;
    const id = tree.nameIds[member];
    const known = id >= 0 && keyOf[id] >= 0 && (blocks.length === 1 || global[id] === 1);
    return known ? this.#one(keyOf[id]) : undefined;
  }

  #one(key: number): TypeSet {
    this.#single[key] ??= { keys: this.#expandable({ keys: [key] }), self: false, notSelf: false };
    return this.#single[key];
  }

  /** Replaces attributes marked by `expandattribute ... true`. */
  #expandable(set: KeySet): KeySet {
    const { attributes } = this.#state.policy;
    const marked = set.keys.some(
      (key) => key >= this.#typeCount && attributes[key - this.#typeCount].expand,
    );
    if (!marked) return set;
    const keys = new BitSet();
    for (const key of set.keys) {
      const attribute = key < this.#typeCount ? undefined : attributes[key - this.#typeCount];
      if (attribute?.expand) keys.addAll(attribute.members);
      else keys.add(key);
    }
    return { keys: keys.toArray() };
  }

  /** The same set with every attribute replaced by its types. */
  expand(set: KeySet): KeySet {
    if (set.keys.every((key) => key < this.#typeCount)) return set;
    const known = this.#expanded.get(set);
    if (known !== undefined) return known;
    const expanded = { keys: this.typeBits(set).toArray() };
    this.#expanded.set(set, expanded);
    return expanded;
  }

  /** The types of a set as bits. */
  typeBits(set: KeySet): BitSet {
    const bits = new BitSet(this.#typeCount);
    for (const key of set.keys) this.#addTypes(bits, key);
    return bits;
  }

  #addTypes(bits: BitSet, key: number): void {
    if (key < this.#typeCount) bits.add(key);
    else bits.addAll(this.#state.policy.attributes[key - this.#typeCount].members);
  }

  #general(set: NameSet, permission: SetPermission): TypeSet {
    if ((set.star || set.complement) && !permission.wild) {
      const found = set.star ? "*" : "~";
      this.#state.error("set-operator", `'${found}' is allowed only in neverallow`, set, {
        hint: "name an attribute, or take types away with { attribute -type }",
      });
      return NO_SET;
    }
    const types = this.#typeCount;
    if (set.star) return { ...NO_SET, bits: BitSet.full(types) };
    return this.#members(set, permission);
  }

  #members(set: NameSet, permission: SetPermission): TypeSet {
    const included = new BitSet(this.#typeCount);
    const excluded = new BitSet(this.#typeCount);
    let excludes = false;
    let self = false;
    let notSelf = false;
    for (let index = 0; index < set.count; index++) {
      const stored = this.#state.tree.nameIds[set.first + index];
      const id = stored < 0 ? ~stored : stored;
      if (id === this.#state.self) {
        if (!this.#allowsSelf(set, index, stored < 0, permission)) return NO_SET;
        if (stored < 0) notSelf = true;
        else self = true;
        continue;
      }
      const key = this.#key(set, index, id);
      if (key === -1) continue;
      if (stored >= 0) included.add(key);
      else {
        this.#addTypes(excluded, key);
        excludes = true;
      }
    }
    if (set.complement) return this.#complement(included, excluded, self);
    if (!excludes) {
      return { keys: this.#expandable({ keys: included.toArray() }), self, notSelf };
    }
    const bits = this.typeBits({ keys: included.toArray() });
    bits.deleteAll(excluded);
    return { keys: { keys: bits.toArray() }, self, notSelf };
  }

  /** `~{ ... }`; `~self` alone means everything but the source itself. */
  #complement(included: BitSet, excluded: BitSet, self: boolean): TypeSet {
    const bits = this.typeBits({ keys: included.toArray() });
    bits.deleteAll(excluded);
    const all = BitSet.full(this.#typeCount);
    all.deleteAll(bits);
    return { keys: NOTHING, bits: all, self: false, notSelf: self };
  }

  #allowsSelf(set: NameSet, index: number, minus: boolean, permission: SetPermission): boolean {
    const member = this.#state.tree.member(set.first + index);
    if (!permission.self) {
      this.#state.error("misplaced-self", "'self' can only be a target", member);
      return false;
    }
    if (minus && !permission.wild) {
      this.#state.error("misplaced-self", "'-self' is allowed only in neverallow", member, {
        hint: "list the pairs, or give the objects a type of their own",
      });
      return false;
    }
    return true;
  }

  #key(set: NameSet, index: number, id: number): number {
    const { keyOf, global, blocks } = this.#state;
    const key = keyOf[id];
    if (key !== -1 && (blocks.length === 1 || global[id] === 1)) return key;
    const symbol = this.#state.find("type", this.#state.tree.member(set.first + index));
    return symbol === undefined ? -1 : key;
  }
}

/** The members of a set that may only list names; `*`, `~` and `-` in it are errors. */
export function listed(
  state: ResolverState,
  set: NameSet,
  { one, many }: { readonly one: string; readonly many: string },
): SetMember[] {
  if (set.star || set.complement) {
    const message = `'${set.star ? "*" : "~"}' cannot stand for ${many}`;
    state.error("set-operator", message, set, { hint: `list the ${many}: { a b }` });
    return [];
  }
  const members = state.tree.members(set);
  for (const member of members.filter(({ excluded }) => excluded)) {
    state.error("set-operator", `${one} cannot be excluded with '-'`, member);
  }
  return members.filter(({ excluded }) => !excluded);
}

/** Classes of a set, ascending and without repeats. */
export function classSet(state: ResolverState, set: NameSet): number[] {
  const classes: number[] = [];
  for (const member of listed(state, set, { one: "a class", many: "classes" })) {
    const symbol = state.find("class", member);
    if (symbol !== undefined && !classes.includes(symbol.index)) classes.push(symbol.index);
  }
  return classes.sort((one, other) => one - other);
}

/** Turns class and permission sets into grants. */
export class GrantResolver {
  readonly #state: ResolverState;
  readonly #classOf: Int32Array;
  readonly #permissionOf: Int32Array;
  readonly #bits: Int8Array;
  readonly #permissionCount: number;
  readonly #singles: (readonly Grant[])[] = [];

  constructor(state: ResolverState) {
    const { names } = state.tree;
    const { classes } = state.policy;
    this.#state = state;
    this.#classOf = new Int32Array(names.count).fill(-1);
    for (const [id, symbol] of state.tables.class.entries()) this.#classOf[id] = symbol.index;
    this.#permissionOf = new Int32Array(names.count).fill(-1);
    const numbers = new Map<string, number>();
    for (const { permissions } of classes) {
      for (const name of permissions) {
        if (!numbers.has(name)) numbers.set(name, numbers.size);
      }
    }
    for (const [name, number] of numbers) this.#permissionOf[names.find(name)] = number;
    this.#permissionCount = numbers.size;
    this.#bits = new Int8Array(classes.length * numbers.size).fill(-1);
    for (const [index, { permissions }] of classes.entries()) {
      for (const [bit, name] of permissions.entries()) {
        this.#bits[index * numbers.size + (numbers.get(name) ?? 0)] = bit;
      }
    }
  }

  /** The permissions of a rule for each of its classes; empty after an error. */
  grants(sets: SetColumns, firstSet: number): readonly Grant[] {
    const { nameIds } = this.#state.tree;
    const sole = sets.soleMember(firstSet + 2);
    const id = sole === -1 ? -1 : nameIds[sole];
    const index = id >= 0 ? this.#classOf[id] : -1;
    const permissions = sets.soleMember(firstSet + 3);
    if (index >= 0 && permissions !== -1) {
      const bit = this.#bit(index, nameIds[permissions]);
      if (bit >= 0) return this.#single(index, bit);
    }
    const set = sets.at(firstSet + 3);
    if (index >= 0) return this.#one(index, this.mask(index, set));
    return classSet(this.#state, sets.at(firstSet + 2)).flatMap((one) =>
      this.#one(one, this.mask(one, set)),
    );
  }

  /** The bit of a permission in a class, or -1. */
  #bit(classIndex: number, id: number): number {
    const number = id >= 0 ? this.#permissionOf[id] : -1;
    return number >= 0 ? this.#bits[classIndex * this.#permissionCount + number] : -1;
  }

  /** A grant of one permission; made once for each. */
  #single(index: number, bit: number): readonly Grant[] {
    const place = index * CLASS_PERMISSION_LIMIT_COUNT + bit;
    this.#singles[place] ??= [{ class: index, permissions: (1 << bit) >>> 0 }];
    return this.#singles[place];
  }

  #one(index: number, mask: number): readonly Grant[] {
    return mask === 0 ? [] : [{ class: index, permissions: mask }];
  }

  /** The access vector of a permission set in one class, unsigned. */
  mask(classIndex: number, set: NameSet): number {
    const all = this.#state.policy.classes[classIndex].allPermissions;
    if (set.star) return all;
    const { nameIds } = this.#state.tree;
    let mask = 0;
    for (let index = set.first; index < set.first + set.count; index++) {
      const bit = this.#bit(classIndex, nameIds[index]);
      if (bit >= 0) mask |= 1 << bit;
      else this.#unknown(classIndex, index);
    }
    return ((set.complement ? ~mask : mask) & all) >>> 0;
  }

  #unknown(classIndex: number, index: number): void {
    const member = this.#state.tree.member(index);
    if (member.excluded) {
      this.#state.error("set-operator", "a permission cannot be excluded with '-'", member, {
        hint: "use ~{ ... } for all permissions but some",
      });
      return;
    }
    const { name, permissions } = this.#state.policy.classes[classIndex];
    const message = `class ${name} has no permission '${member.text}'`;
    const elsewhere = this.#state.policy.classes.filter((other) =>
      other.permissions.includes(member.text),
    );
    const owners = elsewhere.map((other) => other.name).join(", ");
    const hint =
      elsewhere.length > 0 ? `class ${owners} has it` : didYouMean(member.text, permissions);
    this.#state.error("unknown-permission", message, member, { hint });
  }
}
