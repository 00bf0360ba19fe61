/** Roles and users: role types, role allow, role transitions, user declarations. */

import type { NameSet, RoleAllow, RoleTransition, RoleTypes, UserDeclaration } from "./ast.ts";
import { BitSet } from "./bits.ts";
import { dominates, sameLevel, sameRange } from "./mls.ts";
import type { LevelResolver } from "./resolve-mls.ts";
import type { RuleResolver } from "./resolve-rules.ts";
import { classSet, listed } from "./resolve-sets.ts";
import type { ResolverState } from "./resolver-state.ts";
import type { PolicySymbol } from "./symbols.ts";

export class RoleResolver {
  readonly #state: ResolverState;
  readonly #rules: RuleResolver;
  readonly #levels: LevelResolver;
  readonly #allowed = new Set<number>();
  readonly #transitions = new Map<string, number>();
  /** Role transitions as written, before role attributes are expanded. */
  readonly #written = new Set<string>();
  readonly #declaredUsers = new Set<number>();

  constructor(state: ResolverState, rules: RuleResolver, levels: LevelResolver) {
    this.#state = state;
    this.#rules = rules;
    this.#levels = levels;
  }

  /** `role R types T;` for a role, or for all roles of a role attribute. */
  types(statement: RoleTypes): void {
    const symbol = this.#state.find("role", statement.name);
    const { keys } = this.#rules.plainTypes(statement.types);
    if (symbol === undefined || !this.#state.holds) return;
    const { roles } = this.#state.policy;
    for (const role of this.#members(symbol)) {
      // object_r goes with every type as it is.
      if (role > 0) for (const type of keys) roles[role].types.add(type);
    }
  }

  /** `allow R1 R2;` */
  allow(statement: RoleAllow): void {
    const from = this.roleSet(statement.from);
    const to = this.roleSet(statement.to);
    if (!this.#state.holds) return;
    for (const source of from) {
      for (const target of to) {
        const key = source * 0x1_0000 + target;
        if (this.#allowed.has(key)) continue;
        this.#allowed.add(key);
        this.#state.policy.roleAllows.push({ from: source, to: target });
      }
    }
  }

  /** `role_transition R T : C NEW;` */
  transition(statement: RoleTransition): void {
    const roles = this.roleSet(statement.roles);
    const { keys } = this.#rules.plainTypes(statement.types);
    const classes = this.#transitionClasses(statement);
    const symbol = this.#state.find("role", statement.result);
    if (symbol === undefined) return;
    if (symbol.special) {
      const message = `'${symbol.name}' is a role attribute; the new role must be a role`;
      this.#state.error("not-a-role", message, statement.result);
      return;
    }
    if (this.#repeats(statement, keys, classes) || !this.#state.holds) return;
    for (const role of roles) {
      for (const type of keys) {
        for (const index of classes) {
          this.#addTransition({ role, type, class: index, result: symbol.index }, statement);
        }
      }
    }
  }

  /** Whether a role, or a role attribute as such, is given a second transition; reports it. */
  #repeats(statement: RoleTransition, types: readonly number[], classes: number[]): boolean {
    const { policy, tree } = this.#state;
    for (const member of tree.members(statement.roles)) {
      for (const type of types) {
        for (const index of classes) {
          const place = `${policy.types[type].name}:${policy.classes[index].name}`;
          const key = `${member.text} ${place}`;
          if (this.#written.has(key)) {
            this.#state.error("conflict", `there are two role transitions for ${key}`, statement);
            return true;
          }
          this.#written.add(key);
        }
      }
    }
    return false;
  }

  #transitionClasses(statement: RoleTransition): number[] {
    if (statement.classes !== undefined) return classSet(this.#state, statement.classes);
    this.#state.error("missing-class", "a role_transition must name a class", statement, {
      hint: "role_transition ROLE TYPE:CLASS NEW; (the default, process, is no class of Xen)",
    });
    return [];
  }

  #addTransition(
    rule: { role: number; type: number; class: number; result: number },
    statement: RoleTransition,
  ): void {
    const { policy } = this.#state;
    const key = `${rule.role} ${rule.type} ${rule.class}`;
    const known = this.#transitions.get(key);
    if (known === rule.result) return;
    if (known !== undefined) {
      const role = policy.roles[rule.role].name;
      const place = `${role} ${policy.types[rule.type].name}:${policy.classes[rule.class].name}`;
      const message = `there are two different role transitions for ${place}`;
      this.#state.error("conflict", message, statement);
      return;
    }
    this.#transitions.set(key, rule.result);
    policy.roleTransitions.push(rule);
  }

  /** `user U roles R [level L range R];` */
  user(statement: UserDeclaration): void {
    const roles = this.roleSet(statement.roles);
    const symbol = this.#state.tables.user.get(statement.name.id);
    const { policy } = this.#state;
    const level = this.#levels.userLevel(statement);
    if (symbol === undefined || symbol.index === -1 || !this.#state.holds) return;
    const user = policy.users[symbol.index];
    for (const role of roles) user.roles.add(role);
    if (level === undefined) return;
    const again = this.#declaredUsers.has(symbol.index);
    if (again && !(sameLevel(user.level, level.level) && sameRange(user.range, level.range))) {
      const message = `user '${user.name}' is declared twice with different levels`;
      this.#state.error("conflict", message, statement);
    }
    const within =
      dominates(level.level, level.range.low) && dominates(level.range.high, level.level);
    if (!within) {
      this.#state.error("bad-range", "the default level is not within the user's range", statement);
    }
    this.#declaredUsers.add(symbol.index);
    user.level = level.level;
    user.range = level.range;
  }

  /** Role indexes of a set, role attributes replaced by their roles. */
  roleSet(set: NameSet): number[] {
    const roles = new BitSet();
    for (const member of listed(this.#state, set, { one: "a role", many: "roles" })) {
      const symbol = this.#state.find("role", member);
      if (symbol === undefined) continue;
      for (const role of this.#members(symbol)) roles.add(role);
    }
    return roles.toArray();
  }

  /** A role itself, or the roles of a role attribute, attributes of attributes included. */
  #members(symbol: PolicySymbol, seen = new Set<PolicySymbol>()): number[] {
    if (!symbol.special) return symbol.index === -1 ? [] : [symbol.index];
    if (seen.has(symbol)) return [];
    seen.add(symbol);
    const members = this.#state.roleAttributes.get(symbol) ?? new Set();
    return [...members].flatMap((member) => this.#members(member, seen));
  }
}
