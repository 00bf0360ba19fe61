/** Gives every symbol that is declared in a block that holds its place in the policy. */

import { BitSet } from "./bits.ts";
import { isDeclared } from "./blocks.ts";
import { parentName } from "./declare.ts";
import { KEY_LIMIT_COUNT } from "./limits.ts";
import { emptyLevel } from "./mls.ts";
import type { Membership, ResolverState } from "./resolver-state.ts";
import type { PolicySymbol } from "./symbols.ts";

/** Numbers types, attributes, roles, users, booleans, categories; fills in memberships. */
export function indexSymbols(state: ResolverState): void {
  indexTypes(state);
  indexKeys(state);
  indexRoles(state);
  indexUsers(state);
  indexBooleans(state);
  joinAttributes(state);
}

function holding(state: ResolverState, symbol: PolicySymbol): boolean {
  return symbol.aliasOf === undefined && isDeclared(symbol, state.blocks);
}

function indexTypes(state: ResolverState): void {
  const { types, attributes } = state.policy;
  for (const [, symbol] of state.tables.type.entries()) {
    if (!holding(state, symbol)) continue;
    const { name, node } = symbol;
    const declared = node === undefined ? {} : { declared: node };
    if (symbol.special) {
      symbol.index = attributes.length;
      attributes.push({ name, types: [], members: new BitSet(), expand: false, ...declared });
    } else {
      symbol.index = types.length;
      const fresh = { aliases: [], attributes: [], bounds: -1, permissive: false };
      types.push({ name, ...fresh, ...declared });
    }
  }
  for (const [, symbol] of state.tables.type.entries()) {
    const target = symbol.aliasOf;
    if (target === undefined || target.index === -1 || !isDeclared(symbol, state.blocks)) continue;
    types[target.index].aliases.push(symbol.name);
  }
  if (types.length + attributes.length > KEY_LIMIT_COUNT) {
    state.sink.error({
      code: "too-many",
      message: `more than ${KEY_LIMIT_COUNT} types and attributes`,
    });
  }
}

/** Fills the columns that turn a name number into a type or an attribute at once. */
function indexKeys(state: ResolverState): void {
  const { names } = state.tree;
  state.keyOf = new Int32Array(names.count).fill(-1);
  state.global = new Uint8Array(names.count);
  const typeCount = state.policy.types.length;
  for (const [id, symbol] of state.tables.type.entries()) {
    const target = symbol.aliasOf ?? symbol;
    if (target.index === -1) continue;
    state.keyOf[id] = target.special ? typeCount + target.index : target.index;
    state.global[id] = symbol.blocks.includes(0) ? 1 : 0;
  }
}

function indexRoles(state: ResolverState): void {
  const { roles, types } = state.policy;
  for (const [, symbol] of state.tables.role.entries()) {
    if (!holding(state, symbol) || symbol.special) continue;
    symbol.index = roles.length;
    const declared = symbol.node === undefined ? {} : { declared: symbol.node };
    roles.push({ name: symbol.name, types: new BitSet(types.length), bounds: -1, ...declared });
  }
  for (const role of roles) role.bounds = parentIndex(role.name, roles);
}

function indexUsers(state: ResolverState): void {
  const { users } = state.policy;
  for (const [, symbol] of state.tables.user.entries()) {
    if (!holding(state, symbol)) continue;
    symbol.index = users.length;
    const level = emptyLevel();
    users.push({
      name: symbol.name,
      roles: new BitSet(),
      level,
      range: { low: level, high: level },
      bounds: -1,
      ...(symbol.node === undefined ? {} : { declared: symbol.node }),
    });
  }
  for (const user of users) user.bounds = parentIndex(user.name, users);
}

function parentIndex(name: string, all: readonly { readonly name: string }[]): number {
  const parent = parentName(name);
  return parent === undefined ? -1 : all.findIndex((candidate) => candidate.name === parent);
}

function indexBooleans(state: ResolverState): void {
  const { booleans } = state.policy;
  for (const [, symbol] of state.tables.boolean.entries()) {
    if (!holding(state, symbol)) continue;
    const value = state.booleanValues.get(symbol) ?? false;
    if (symbol.special) {
      state.tunables.set(symbol, value);
      continue;
    }
    symbol.index = booleans.length;
    const declared = symbol.node === undefined ? {} : { declared: symbol.node };
    booleans.push({ name: symbol.name, value, ...declared });
  }
}

function joinAttributes(state: ResolverState): void {
  const { types, attributes } = state.policy;
  for (const { member, attribute } of heldMemberships(state, state.typeMemberships)) {
    if (member.index === -1 || attribute.index === -1) continue;
    attributes[attribute.index].members.add(member.index);
  }
  for (const [index, attribute] of attributes.entries()) {
    for (const type of attribute.members.toArray()) {
      attribute.types.push(type);
      types[type].attributes.push(index);
    }
  }
  for (const { member, attribute } of heldMemberships(state, state.roleMemberships)) {
    const members = state.roleAttributes.get(attribute) ?? new Set();
    members.add(member);
    state.roleAttributes.set(attribute, members);
  }
}

function heldMemberships(state: ResolverState, all: readonly Membership[]): Membership[] {
  return all.filter(({ block }) => state.blocks[block].enabled);
}
