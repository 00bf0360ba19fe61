/** Classes, commons, permissions, defaults for new objects, initial SIDs: the head of a policy. */

import type {
  AccessVectorDefinition,
  CommonDefinition,
  DefaultRule,
  NameSet,
  Statement,
} from "./ast.ts";
import { GLOBAL_BLOCK } from "./blocks.ts";
import { declare } from "./declare.ts";
import { CLASS_LIMIT_COUNT, CLASS_PERMISSION_LIMIT_COUNT } from "./limits.ts";
import type { DefaultFrom, DefaultRange, PolicyClass } from "./policy.ts";
import { classSet } from "./resolve-sets.ts";
import type { ResolverState } from "./resolver-state.ts";

/** Fills in classes, commons and initial SIDs; these stand outside every block. */
export function defineClasses(state: ResolverState): void {
  for (const statement of state.blocks[GLOBAL_BLOCK].statements) defineHead(state, statement);
}

function defineHead(state: ResolverState, statement: Statement): void {
  const { policy, tree } = state;
  switch (statement.kind) {
    case "class": {
      const symbol = declare(state, "class", statement.name, false, state.blocks[GLOBAL_BLOCK]);
      if (symbol === undefined) return;
      symbol.index = policy.classes.length;
      if (symbol.index === CLASS_LIMIT_COUNT) {
        state.error("too-many", `more than ${CLASS_LIMIT_COUNT} classes`, statement);
      }
      policy.classes.push(newClass(symbol.name, statement));
      return;
    }
    case "initial-sid": {
      const name = tree.text(statement.name);
      const known = policy.initialSids.find((sid) => sid.name === name);
      if (known !== undefined) {
        const note = state.note("the other declaration is here", known.declared);
        state.error("duplicate", `initial SID '${name}' is declared twice`, statement, note);
        return;
      }
      policy.initialSids.push({ name, context: undefined, declared: statement });
      return;
    }
    case "common":
      defineCommon(state, statement);
      return;
    case "access-vector":
      defineAccessVector(state, statement);
      return;
    default:
  }
}

/** A class without permissions yet. */
export function newClass(name: string, declared: Statement | undefined): PolicyClass {
  return {
    name,
    common: -1,
    permissions: [],
    allPermissions: 0,
    constraints: [],
    validateTransitions: [],
    defaultUser: "none",
    defaultRole: "none",
    defaultType: "none",
    defaultRange: "none",
    ...(declared === undefined ? {} : { declared }),
  };
}

function defineCommon(state: ResolverState, statement: CommonDefinition): void {
  const block = state.blocks[GLOBAL_BLOCK];
  const symbol = declare(state, "common", statement.name, false, block);
  if (symbol === undefined) return;
  symbol.index = state.policy.commons.length;
  const permissions: string[] = [];
  addPermissions(state, permissions, statement.permissions);
  state.policy.commons.push({ name: symbol.name, permissions, declared: statement });
}

function defineAccessVector(state: ResolverState, statement: AccessVectorDefinition): void {
  const symbol = state.find("class", statement.name);
  if (symbol === undefined) return;
  const definition = state.policy.classes[symbol.index];
  if (definition.common !== -1 || definition.permissions.length > 0) {
    state.error("duplicate", `the permissions of ${symbol.name} are given twice`, statement);
    return;
  }
  if (statement.inherits !== undefined) {
    const common = state.find("common", statement.inherits);
    if (common !== undefined) {
      definition.common = common.index;
      definition.permissions.push(...state.policy.commons[common.index].permissions);
    }
  }
  if (statement.permissions !== undefined) {
    addPermissions(state, definition.permissions, statement.permissions);
  }
  definition.allPermissions = maskOfFirst(definition.permissions.length);
}

/** The lowest `count` bits, unsigned. */
export function maskOfFirst(count: number): number {
  return count >= 32 ? 0xffff_ffff : (1 << count) - 1;
}

function addPermissions(state: ResolverState, permissions: string[], set: NameSet): void {
  for (const name of state.tree.members(set)) {
    if (permissions.includes(name.text)) {
      state.error("duplicate", `permission '${name.text}' is given twice`, name);
    } else if (permissions.length === CLASS_PERMISSION_LIMIT_COUNT) {
      const limit = `a class has at most ${CLASS_PERMISSION_LIMIT_COUNT} permissions`;
      state.error("too-many", limit, name, { hint: "make a second class" });
      return;
    } else permissions.push(name.text);
  }
}

/** Applies a `default_user`, `default_role`, `default_type` or `default_range` statement. */
export function applyDefault(state: ResolverState, statement: DefaultRule): void {
  const value =
    statement.part === undefined ? statement.from : `${statement.from}-${statement.part}`;
  for (const index of classSet(state, statement.classes)) {
    const definition = state.policy.classes[index];
    const before = currentDefault(definition, statement.component);
    if (before !== "none" && before !== value) {
      const message = `${definition.name} has another default ${statement.component}: ${before}`;
      state.error("conflict", message, statement);
    } else setDefault(definition, statement.component, value);
  }
}

function currentDefault(definition: PolicyClass, component: DefaultRule["component"]): string {
  if (component === "user") return definition.defaultUser;
  if (component === "role") return definition.defaultRole;
  return component === "type" ? definition.defaultType : definition.defaultRange;
}

function setDefault(definition: PolicyClass, component: DefaultRule["component"], value: string) {
  if (component === "user") definition.defaultUser = value as DefaultFrom;
  else if (component === "role") definition.defaultRole = value as DefaultFrom;
  else if (component === "type") definition.defaultType = value as DefaultFrom;
  else definition.defaultRange = value as DefaultRange;
}
