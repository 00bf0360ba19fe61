/** Sensitivities, categories, levels, ranges and contexts as the policy text names them. */

import type {
  ContextText,
  DominanceStatement,
  LevelDefinition,
  LevelText,
  NameSet,
  Node,
  RangeText,
  RangeTransition,
  UserDeclaration,
} from "./ast.ts";
import { BitSet } from "./bits.ts";
import {
  contextIsValid,
  dominates,
  EMPTY_RANGE,
  levelIsValid,
  levelText,
  sameRange,
} from "./mls.ts";
import type { Context, Level, Range } from "./policy.ts";
import type { RuleResolver } from "./resolve-rules.ts";
import { classSet } from "./resolve-sets.ts";
import type { ResolverState } from "./resolver-state.ts";
import { didYouMean } from "./suggest.ts";

export class LevelResolver {
  readonly #state: ResolverState;
  readonly #rangeTransitions = new Map<string, Range>();
  readonly #leveled = new Set<number>();

  constructor(state: ResolverState) {
    this.#state = state;
  }

  /** Numbers categories, and sensitivities in the order that `dominance` gives. */
  defineLevels(): void {
    const { tables, policy, blocks } = this.#state;
    for (const [, symbol] of tables.category.entries()) {
      if (symbol.aliasOf !== undefined) {
        policy.categories[symbol.aliasOf.index]?.aliases.push(symbol.name);
      } else if (symbol.declaredIn.length > 0) {
        symbol.index = policy.categories.length;
        policy.categories.push({ name: symbol.name, aliases: [] });
      }
    }
    for (const statement of blocks[0].statements) {
      if (statement.kind === "dominance") this.#dominance(statement);
    }
    for (const statement of blocks[0].statements) {
      if (statement.kind === "level") this.#level(statement);
    }
    this.#checkLevels();
  }

  #dominance(statement: DominanceStatement): void {
    const { policy, tables } = this.#state;
    for (const member of this.#state.tree.members(statement.order)) {
      const symbol = this.#state.find("sensitivity", member);
      if (symbol === undefined) continue;
      if (symbol.index !== -1) {
        this.#state.error("duplicate", `'${symbol.name}' stands twice in the dominance`, member);
        continue;
      }
      symbol.index = policy.sensitivities.length;
      policy.sensitivities.push({ name: symbol.name, aliases: [], categories: new BitSet() });
    }
    for (const [, symbol] of tables.sensitivity.entries()) {
      if (symbol.aliasOf !== undefined) {
        policy.sensitivities[symbol.aliasOf.index]?.aliases.push(symbol.name);
      } else if (symbol.index === -1 && symbol.declaredIn.length > 0) {
        const message = `sensitivity '${symbol.name}' is missing from the dominance`;
        this.#state.error("incomplete", message, statement);
      }
    }
  }

  #level(statement: LevelDefinition): void {
    const symbol = this.#state.find("sensitivity", statement.sensitivity);
    if (symbol === undefined || symbol.index === -1) return;
    const sensitivity = this.#state.policy.sensitivities[symbol.index];
    if (this.#leveled.has(symbol.index)) {
      this.#state.error("duplicate", `level '${symbol.name}' is defined twice`, statement);
      return;
    }
    this.#leveled.add(symbol.index);
    if (statement.categories === undefined) return;
    for (const category of this.#categories(statement.categories)) {
      sensitivity.categories.add(category);
    }
  }

  #checkLevels(): void {
    for (const [index, { name }] of this.#state.policy.sensitivities.entries()) {
      if (this.#leveled.has(index)) continue;
      this.#state.sink.error({ code: "incomplete", message: `sensitivity '${name}' has no level` });
    }
  }

  /** Category indexes of `c0.c3,c5`. */
  #categories(set: NameSet): number[] {
    return this.#state.tree.members(set).flatMap((member) => {
      const dot = member.text.indexOf(".");
      const first = this.#category(dot === -1 ? member.text : member.text.slice(0, dot), member);
      const last = dot === -1 ? first : this.#category(member.text.slice(dot + 1), member);
      if (first === -1 || last === -1) return [];
      if (last < first) this.#state.error("bad-range", "this range of categories is empty", member);
      return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
    });
  }

  #category(name: string, node: Node): number {
    const symbol = this.#state.tables.category.get(this.#state.tree.names.find(name));
    if (symbol !== undefined) return (symbol.aliasOf ?? symbol).index;
    const hint = didYouMean(
      name,
      this.#state.policy.categories.map((category) => category.name),
    );
    this.#state.error("unknown-category", `unknown category '${name}'`, node, { hint });
    return -1;
  }

  /** A level, checked against what its sensitivity may carry; undefined after an error. */
  level(text: LevelText): Level | undefined {
    const symbol = this.#state.find("sensitivity", text.sensitivity);
    if (symbol === undefined || symbol.index === -1) return undefined;
    const members = text.categories === undefined ? [] : this.#categories(text.categories);
    const level = { sensitivity: symbol.index, categories: BitSet.of(members) };
    if (levelIsValid(this.#state.policy, level)) return level;
    const shown = levelText(this.#state.policy, level);
    const message = `${shown}: a category here cannot go with sensitivity ${symbol.name}`;
    this.#state.error("bad-level", message, text, { hint: "see its 'level' statement" });
    return undefined;
  }

  /** A range; undefined after an error. */
  range(text: RangeText): Range | undefined {
    const low = this.level(text.low);
    const high = text.high === undefined ? low : this.level(text.high);
    return low === undefined || high === undefined ? undefined : { low, high };
  }

  /** Level and range of a user; undefined without MLS or after an error. */
  userLevel(statement: UserDeclaration): { level: Level; range: Range } | undefined {
    if (!this.#checkPresence(statement.level !== undefined, "a level and range", statement)) {
      return undefined;
    }
    if (statement.level === undefined || statement.range === undefined) return undefined;
    const level = this.level(statement.level);
    const range = this.range(statement.range);
    return level === undefined || range === undefined ? undefined : { level, range };
  }

  /** Levels stand exactly in MLS policies. */
  #checkPresence(present: boolean, what: string, node: Node): boolean {
    if (present === this.#state.policy.mls) return true;
    const message = present
      ? `${what} cannot stand in a policy without MLS`
      : `${what} must stand here: this is an MLS policy`;
    this.#state.error("mls", message, node, {
      hint: present ? "the policy declares no sensitivity" : "the policy declares sensitivities",
    });
    return false;
  }

  /** A context, checked for validity; undefined after an error. */
  context(text: ContextText): Context | undefined {
    const user = this.#state.find("user", text.user);
    const role = this.#state.find("role", text.role);
    const type = this.#state.find("type", text.type);
    if (!this.#checkPresence(text.range !== undefined, "a range", text)) return undefined;
    const range = text.range === undefined ? EMPTY_RANGE : this.range(text.range);
    if (user === undefined || role === undefined || type === undefined || range === undefined) {
      return undefined;
    }
    if (type.special || role.special) {
      const name = type.special ? text.type : text.role;
      this.#state.error("attribute-in-context", "an attribute cannot stand in a context", name);
      return undefined;
    }
    if (user.index === -1 || role.index === -1 || type.index === -1) return undefined;
    const context = { user: user.index, role: role.index, type: type.index, range };
    if (contextIsValid(this.#state.policy, context)) return context;
    this.#state.error("invalid-context", this.#whyInvalid(context), text);
    return undefined;
  }

  #whyInvalid(context: Context): string {
    const { policy } = this.#state;
    const user = policy.users[context.user];
    const role = policy.roles[context.role];
    const type = policy.types[context.type].name;
    if (context.role !== 0 && !role.types.has(context.type)) {
      return `role ${role.name} may not have type ${type}`;
    }
    if (context.role !== 0 && !user.roles.has(context.role)) {
      return `user ${user.name} may not have role ${role.name}`;
    }
    if (!dominates(context.range.high, context.range.low)) {
      return "the high level does not dominate the low one";
    }
    return `this range is not within that of user ${user.name}`;
  }

  /** `range_transition S T : C RANGE;` */
  rangeTransition(statement: RangeTransition, rules: RuleResolver): void {
    const sources = rules.plainTypes(statement.source).keys;
    const targets = rules.plainTypes(statement.target).keys;
    if (statement.classes === undefined) {
      this.#state.error("missing-class", "a range_transition must name a class", statement, {
        hint: "range_transition SOURCE TARGET:CLASS RANGE;",
      });
      return;
    }
    const classes = classSet(this.#state, statement.classes);
    if (!this.#checkPresence(true, "a range transition", statement)) return;
    const range = this.range(statement.range);
    if (range === undefined || !this.#state.holds) return;
    for (const source of sources) {
      for (const target of targets) {
        for (const index of classes) {
          this.#addRangeTransition({ source, target, class: index, range }, statement);
        }
      }
    }
  }

  #addRangeTransition(
    rule: { source: number; target: number; class: number; range: Range },
    statement: RangeTransition,
  ): void {
    const { policy } = this.#state;
    const key = `${rule.source} ${rule.target} ${rule.class}`;
    const known = this.#rangeTransitions.get(key);
    if (known === undefined) {
      this.#rangeTransitions.set(key, rule.range);
      policy.rangeTransitions.push(rule);
    } else if (!sameRange(known, rule.range)) {
      const source = policy.types[rule.source].name;
      const target = policy.types[rule.target].name;
      const message = `two different range transitions for ${source} ${target}`;
      this.#state.error("conflict", message, statement);
    }
  }
}
