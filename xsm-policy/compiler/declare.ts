/**
 * First pass of name resolution: who declares what, and who requires it.
 *
 * In text order, because the language wants an attribute before the type that bears it, a type
 * before its alias, and a parent role before a child; rules may come before what they name.
 */

import {
  AccessRule,
  type BooleanDeclaration,
  type Name,
  type NameSet,
  type RequireBlock,
  type Requirement,
  type Statement,
  type TypeDeclaration,
} from "./ast.ts";
import { type Block, GLOBAL_BLOCK } from "./blocks.ts";
import type { Membership, ResolverState } from "./resolver-state.ts";
import type { PolicySymbol, SymbolKind } from "./symbols.ts";

/** Declares the symbols of all blocks. */
export function declareSymbols(state: ResolverState): void {
  predeclareObjectRole(state);
  declareBlock(state, state.blocks[GLOBAL_BLOCK]);
  state.block = GLOBAL_BLOCK;
}

/** object_r exists without a declaration; any user may hold it, with any type. */
function predeclareObjectRole(state: ResolverState): void {
  const symbol = state.tables.role.add(state.tree.names.intern("object_r"), false);
  symbol.blocks.push(GLOBAL_BLOCK);
  symbol.declaredIn.push(GLOBAL_BLOCK);
}

function declareBlock(state: ResolverState, block: Block): void {
  for (const statement of block.statements) {
    if (statement instanceof AccessRule) continue;
    state.block = block.index;
    if (statement.kind !== "optional") {
      declareStatement(state, statement, block);
      continue;
    }
    const body = state.blocks[state.blockOf.get(statement) ?? GLOBAL_BLOCK];
    declareBlock(state, body);
    if (body.otherwise !== -1) declareBlock(state, state.blocks[body.otherwise]);
  }
}

function declareStatement(state: ResolverState, statement: Statement, block: Block): void {
  switch (statement.kind) {
    case "attribute":
      declare(state, "type", statement.name, true, block);
      break;
    case "attribute_role":
      declare(state, "role", statement.name, true, block);
      break;
    case "type":
      declareType(state, statement, block);
      break;
    case "typealias":
      declareAliases(state, "type", findType(state, statement.name), statement.aliases, block);
      break;
    case "typeattribute":
      addTypeMemberships(state, findType(state, statement.name), statement.attributes, block);
      break;
    case "bool":
      declareBoolean(state, statement, block);
      break;
    case "role":
      declareRole(state, statement.name, statement.attributes, block);
      break;
    case "roleattribute":
      addMemberships(
        state,
        "role",
        state.find("role", statement.name),
        statement.attributes,
        block,
      );
      break;
    case "user":
      declareUser(state, statement.name, block);
      break;
    case "sensitivity":
    case "category":
      declareMlsName(state, statement.kind, statement.name, statement.aliases, block);
      break;
    case "require":
      requireAll(state, statement, block);
      break;
    case "if":
      requireInBranches(state, [...statement.whenTrue, ...statement.whenFalse], block);
      break;
    default:
  }
}

/**
 * Makes a name mean something in a block; a second meaning is reported, and nothing is given back.
 */
export function declare(
  state: ResolverState,
  kind: SymbolKind,
  name: Name,
  special: boolean,
  block: Block,
): PolicySymbol | undefined {
  if (block.isElse) {
    state.error("misplaced", "nothing can be declared in the else part of an optional block", name);
    return undefined;
  }
  const known = state.tables[kind].get(name.id);
  if (known !== undefined && !mayDeclareAgain(kind, known, special)) {
    const text = state.tree.text(name);
    state.error("duplicate", `'${text}' is declared twice`, name, {
      ...state.note("the other declaration is here", known.node),
      hint: kind === "type" ? "types, attributes and aliases share one name space" : undefined,
    });
    return undefined;
  }
  const symbol = known ?? state.tables[kind].add(name.id, special);
  symbol.node ??= name;
  symbol.declaredIn.push(block.index);
  if (!symbol.blocks.includes(block.index)) symbol.blocks.push(block.index);
  return symbol;
}

function mayDeclareAgain(kind: SymbolKind, known: PolicySymbol, special: boolean): boolean {
  if (known.special !== special || known.aliasOf !== undefined) return false;
  if (known.declaredIn.length === 0) return true;
  return (kind === "role" || kind === "user") && !special;
}

function declareType(state: ResolverState, statement: TypeDeclaration, block: Block): void {
  if (statement.name.id === state.self) {
    state.error("reserved-word", "'self' cannot be the name of a type", statement.name);
    return;
  }
  const symbol = declare(state, "type", statement.name, false, block);
  if (symbol === undefined) return;
  if (statement.aliases !== undefined) {
    declareAliases(state, "type", symbol, statement.aliases, block);
  }
  if (statement.attributes !== undefined) {
    addTypeMemberships(state, symbol, statement.attributes, block);
  }
}

/** A type, not an attribute, that must be known already. */
function findType(state: ResolverState, name: Name): PolicySymbol | undefined {
  const symbol = state.find("type", name);
  if (symbol === undefined || !symbol.special) return symbol;
  state.error("not-a-type", `'${symbol.name}' is an attribute, not a type`, name);
  return undefined;
}

function declareAliases(
  state: ResolverState,
  kind: "type" | "sensitivity" | "category",
  of: PolicySymbol | undefined,
  aliases: NameSet,
  block: Block,
): void {
  if (of === undefined) return;
  for (const alias of state.tree.members(aliases)) {
    if (alias.text.includes(".")) {
      state.error("dotted-name", "an alias cannot contain '.'", alias);
    }
    const known = state.tables[kind].get(alias.id);
    if (known !== undefined) {
      const note = state.note("the other declaration is here", known.node);
      state.error("duplicate", `'${alias.text}' is declared twice`, alias, note);
      continue;
    }
    const symbol = state.tables[kind].add(alias.id, false, of);
    symbol.node = alias;
    symbol.declaredIn.push(block.index);
    symbol.blocks.push(block.index);
  }
}

function addTypeMemberships(
  state: ResolverState,
  type: PolicySymbol | undefined,
  attributes: NameSet,
  block: Block,
): void {
  addMemberships(state, "type", type, attributes, block);
}

function addMemberships(
  state: ResolverState,
  kind: "type" | "role",
  member: PolicySymbol | undefined,
  attributes: NameSet,
  block: Block,
): void {
  const list: Membership[] = kind === "type" ? state.typeMemberships : state.roleMemberships;
  for (let index = 0; index < attributes.count; index++) {
    const name = state.tree.member(attributes.first + index);
    const attribute = state.tables[kind].get(name.id);
    if (attribute === undefined) {
      const later = "an attribute must be declared before it is used";
      const hint = state.tables[kind].suggest(name.id) ?? later;
      state.error("unknown-attribute", `unknown attribute '${name.text}'`, name, { hint });
    } else if (!attribute.special) {
      const note = state.note("declared here", attribute.node);
      state.error("not-an-attribute", `'${name.text}' is a ${kind}, not an attribute`, name, note);
    } else if (state.find(kind, name) !== undefined && member !== undefined) {
      list.push({ member, attribute, block: block.index });
    }
  }
}

function declareBoolean(state: ResolverState, statement: BooleanDeclaration, block: Block): void {
  const { name, tunable, value } = statement;
  if (state.tree.text(name).includes(".")) {
    state.error("dotted-name", "the name of a boolean cannot contain '.'", name);
    return;
  }
  const symbol = declare(state, "boolean", name, tunable, block);
  if (symbol !== undefined) state.booleanValues.set(symbol, value);
}

function declareRole(
  state: ResolverState,
  name: Name,
  attributes: NameSet | undefined,
  block: Block,
): void {
  checkParent(state, "role", name);
  const symbol = declare(state, "role", name, false, block);
  if (attributes !== undefined) addMemberships(state, "role", symbol, attributes, block);
}

function declareUser(state: ResolverState, name: Name, block: Block): void {
  checkParent(state, "user", name);
  declare(state, "user", name, false, block);
}

/** The role `a.b` is bounded by the role `a`, which must be there first; likewise users. */
function checkParent(state: ResolverState, kind: "role" | "user", name: Name): void {
  const parent = parentName(state.tree.text(name));
  if (parent === undefined || state.tables[kind].get(state.tree.names.find(parent))) return;
  state.error(
    "unknown-parent",
    `${kind} '${parent}' does not exist, and it bounds this one`,
    name,
    {
      hint: `declare ${parent} first, or take the '.' out of the name`,
    },
  );
}

/** The name up to its last dot; undefined without one. */
export function parentName(name: string): string | undefined {
  const dot = name.lastIndexOf(".");
  return dot === -1 ? undefined : name.slice(0, dot);
}

function declareMlsName(
  state: ResolverState,
  kind: "sensitivity" | "category",
  name: Name,
  aliases: NameSet | undefined,
  block: Block,
): void {
  if (state.tree.text(name).includes(".")) {
    state.error("dotted-name", `the name of a ${kind} cannot contain '.'`, name);
  }
  const symbol = declare(state, kind, name, false, block);
  if (aliases !== undefined) declareAliases(state, kind, symbol, aliases, block);
}

function requireInBranches(
  state: ResolverState,
  statements: readonly Statement[],
  block: Block,
): void {
  for (const statement of statements) {
    if (statement.kind === "require") requireAll(state, statement, block);
  }
}

function requireAll(state: ResolverState, statement: RequireBlock, block: Block): void {
  if (block.isElse) {
    const message = "nothing can be required in the else part of an optional block";
    state.error("misplaced", message, statement);
    return;
  }
  for (const requirement of statement.requirements) {
    if (requirement.what === "class") requireClass(state, requirement, block);
    else requireSymbols(state, requirement, block);
  }
}

const REQUIRED_KIND: Readonly<
  Record<Exclude<Requirement["what"], "class">, [SymbolKind, boolean]>
> = {
  type: ["type", false],
  attribute: ["type", true],
  role: ["role", false],
  attribute_role: ["role", true],
  user: ["user", false],
  bool: ["boolean", false],
  tunable: ["boolean", true],
  sensitivity: ["sensitivity", false],
  category: ["category", false],
};

function requireSymbols(state: ResolverState, requirement: Requirement, block: Block): void {
  if (requirement.what === "class") return;
  const [kind, special] = REQUIRED_KIND[requirement.what];
  for (const name of state.tree.members(requirement.names)) {
    const known = state.tables[kind].get(name.id);
    if (known !== undefined && known.special !== special && known.aliasOf === undefined) {
      const note = state.note("declared here", known.node);
      state.error("wrong-kind", `'${name.text}' is no ${requirement.what}`, name, note);
      continue;
    }
    const symbol = known ?? state.tables[kind].add(name.id, special);
    if (!symbol.blocks.includes(block.index)) symbol.blocks.push(block.index);
    block.required.push(symbol);
  }
}

/** Classes and permissions cannot come later, so a missing one is settled here. */
function requireClass(state: ResolverState, requirement: Requirement, block: Block): void {
  const [name] = state.tree.members(requirement.names);
  if (state.tables.class.get(name.id) === undefined) block.impossible = true;
  const permissions = requirement.permissions;
  const known = state.policy.classes.find((candidate) => candidate.name === name.text);
  if (permissions === undefined || known === undefined) return;
  for (const permission of state.tree.members(permissions)) {
    if (known.permissions.includes(permission.text)) continue;
    const message = `class ${name.text} has no permission '${permission.text}'`;
    state.error("unknown-permission", message, permission);
  }
}
