/**
 * A policy as normalised `policy.conf`: one statement a line, names resolved, sets in braces and in
 * order, macros and optional blocks gone. Compiling it gives the same policy again.
 */

import { maskOfFirst } from "./classes.ts";
import { NOTHING_HOLDS, stepNames } from "./constraint-text.ts";
import { parentName } from "./declare.ts";
import { contextText, levelText, rangeText, SOURCE_DASH } from "./mls.ts";
import type {
  DeviceLabel,
  Grant,
  KeySet,
  NeverAllow,
  Policy,
  PolicyClass,
  PolicyUser,
  RuleCondition,
} from "./policy.ts";
import { CAPABILITIES } from "./policycap.ts";
import { conditionText } from "./resolve-condition.ts";

/** The whole text. */
export function confText(policy: Policy): string {
  return new ConfWriter(policy).text();
}

class ConfWriter {
  readonly #policy: Policy;
  readonly #lines: string[] = [];

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  text(): string {
    this.#head();
    if (this.#policy.mls) this.#mls();
    this.#types();
    this.#roles();
    this.#rules();
    this.#users();
    this.#constraints(false);
    this.#contexts();
    return `${this.#lines.join("\n")}\n`;
  }

  #add(line: string): void {
    this.#lines.push(line);
  }

  #head(): void {
    const { classes, commons, initialSids } = this.#policy;
    for (const { name } of classes) this.#add(`class ${name}`);
    for (const { name } of initialSids) this.#add(`sid ${name}`);
    for (const { name, permissions } of commons) {
      this.#add(`common ${name} { ${permissions.join(" ")} }`);
    }
    for (const definition of classes) this.#accessVector(definition);
    for (const { name, defaultUser, defaultRole, defaultType, defaultRange } of classes) {
      if (defaultUser !== "none") this.#add(`default_user { ${name} } ${defaultUser};`);
      if (defaultRole !== "none") this.#add(`default_role { ${name} } ${defaultRole};`);
      if (defaultType !== "none") this.#add(`default_type { ${name} } ${defaultType};`);
      if (defaultRange !== "none") {
        this.#add(`default_range { ${name} } ${defaultRange.replace("-", " ")};`);
      }
    }
  }

  #accessVector({ name, common, permissions }: PolicyClass): void {
    if (permissions.length === 0) return;
    const inherited = this.#policy.commons[common];
    const own = permissions.slice(inherited?.permissions.length ?? 0);
    const inherits = inherited === undefined ? "" : ` inherits ${inherited.name}`;
    this.#add(`class ${name}${inherits}${own.length === 0 ? "" : ` { ${own.join(" ")} }`}`);
  }

  #mls(): void {
    const { sensitivities, categories } = this.#policy;
    for (const { name, aliases } of sensitivities) {
      this.#add(`sensitivity ${name}${aliasClause(aliases)};`);
    }
    this.#add(`dominance { ${sensitivities.map(({ name }) => name).join(" ")} }`);
    for (const { name, aliases } of categories) {
      this.#add(`category ${name}${aliasClause(aliases)};`);
    }
    for (const [sensitivity, level] of sensitivities.entries()) {
      const text = levelText(this.#policy, { sensitivity, categories: level.categories });
      this.#add(`level ${text};`);
    }
    this.#constraints(true);
  }

  #types(): void {
    const { types, attributes, booleans, capabilities } = this.#policy;
    for (const number of capabilities) this.#add(`policycap ${CAPABILITIES[number]};`);
    for (const { name } of attributes) this.#add(`attribute ${name};`);
    for (const { name, expand } of attributes) {
      if (expand) this.#add(`expandattribute ${name} true;`);
    }
    for (const { name, aliases, attributes: own } of types) {
      const parts = [`type ${name}${aliasClause(aliases)}`, ...own.map((a) => attributes[a].name)];
      this.#add(`${parts.join(", ")};`);
    }
    for (const { name, bounds, permissive } of types) {
      const implied = bounds !== -1 && types[bounds].name === parentName(name);
      if (bounds !== -1 && !implied) this.#add(`typebounds ${types[bounds].name} ${name};`);
      if (permissive) this.#add(`permissive ${name};`);
    }
    for (const { name, value } of booleans) this.#add(`bool ${name} ${value};`);
  }

  #roles(): void {
    const { roles, types, classes, roleAllows, roleTransitions } = this.#policy;
    for (const role of roles.slice(1)) {
      this.#add(`role ${role.name};`);
      const members = role.types.toArray().map((type) => types[type].name);
      if (members.length > 0) this.#add(`role ${role.name} types ${setText(members)};`);
    }
    for (const { from, to } of roleAllows) {
      this.#add(`allow ${roles[from].name} ${roles[to].name};`);
    }
    for (const rule of roleTransitions) {
      const target = `${types[rule.type].name}:${classes[rule.class].name}`;
      const [role, result] = [roles[rule.role].name, roles[rule.result].name];
      this.#add(`role_transition ${role} ${target} ${result};`);
    }
    for (const rule of this.#policy.rangeTransitions) {
      const pair = `${types[rule.source].name} ${types[rule.target].name}`;
      const range = rangeText(this.#policy, rule.range, SOURCE_DASH);
      this.#add(`range_transition ${pair}:${classes[rule.class].name} ${range};`);
    }
  }

  #rules(): void {
    const { conditionals, booleans, neverAllows } = this.#policy;
    for (const line of this.#rulesUnder(undefined)) this.#add(line);
    for (const [index, { expression }] of conditionals.entries()) {
      const whenTrue = this.#rulesUnder({ index, branch: true });
      const whenFalse = this.#rulesUnder({ index, branch: false });
      if (whenTrue.length + whenFalse.length === 0) continue;
      this.#add(`if (${conditionText(expression, booleans)}) {`);
      for (const line of whenTrue) this.#add(`  ${line}`);
      if (whenFalse.length > 0) this.#add("} else {");
      for (const line of whenFalse) this.#add(`  ${line}`);
      this.#add("}");
    }
    for (const rule of neverAllows) this.#neverAllow(rule);
  }

  #rulesUnder(condition: RuleCondition | undefined): string[] {
    const { grantRules, typeRules, types, classes } = this.#policy;
    const lines: string[] = [];
    for (const rule of grantRules) {
      if (!sameCondition(rule.condition, condition)) continue;
      const pair = this.#pair(rule.sources, rule.targets, rule.self);
      if (pair === undefined) continue;
      for (const grant of rule.grants) lines.push(`${rule.kind} ${pair}:${this.#grant(grant)};`);
    }
    for (const rule of typeRules) {
      if (!sameCondition(rule.condition, condition)) continue;
      const pair = this.#pair(rule.sources, rule.targets, rule.self);
      const names = setText(rule.classes.map((index) => classes[index].name));
      if (pair !== undefined)
        lines.push(`${rule.kind} ${pair}:${names} ${types[rule.result].name};`);
    }
    return lines;
  }

  /** Source and target of a rule; undefined when one of them is empty. */
  #pair(sources: KeySet, targets: KeySet, self: boolean): string | undefined {
    const right = targets.keys.map((key) => this.#key(key));
    if (self) right.push("self");
    if (sources.keys.length === 0 || right.length === 0) return undefined;
    return `${setText(sources.keys.map((key) => this.#key(key)))} ${setText(right)}`;
  }

  #key(key: number): string {
    const { types, attributes } = this.#policy;
    return key < types.length ? types[key].name : attributes[key - types.length].name;
  }

  #grant(grant: Grant): string {
    const { name, permissions } = this.#policy.classes[grant.class];
    return `${name} ${permissionsText(grant.permissions, permissions)}`;
  }

  #neverAllow({ sources, targets, self, notSelf, grants }: NeverAllow): void {
    const left = this.#typeSet(sources.toArray(), []);
    const right = this.#typeSet(targets.toArray(), self ? ["self"] : notSelf ? ["-self"] : []);
    if (left === undefined || right === undefined) return;
    for (const grant of grants) this.#add(`neverallow ${left} ${right}:${this.#grant(grant)};`);
  }

  /** Types as a set, or as what is missing from all types where that is shorter. */
  #typeSet(members: readonly number[], extra: readonly string[]): string | undefined {
    const { types } = this.#policy;
    if (members.length === 0 && !extra.includes("self")) return undefined;
    const names = members.map((type) => types[type].name);
    if (extra.length > 0 || members.length * 2 <= types.length)
      return setText([...names, ...extra]);
    const inside = new Set(members);
    const outside = types.filter((_, type) => !inside.has(type)).map(({ name }) => name);
    return outside.length === 0 ? "*" : `~${setText(outside)}`;
  }

  #users(): void {
    const { users, roles, mls } = this.#policy;
    for (const user of users) {
      const names = setText(user.roles.toArray().map((role) => roles[role].name));
      const levels = mls ? this.#userLevels(user) : "";
      this.#add(`user ${user.name} roles ${names}${levels};`);
    }
  }

  #userLevels({ level, range }: PolicyUser): string {
    const text = rangeText(this.#policy, range, SOURCE_DASH);
    return ` level ${levelText(this.#policy, level)} range ${text}`;
  }

  #constraints(mls: boolean): void {
    const word = mls ? "mls" : "";
    for (const definition of this.#policy.classes) {
      for (const constraint of definition.constraints) {
        if (constraint.mls !== mls) continue;
        const permissions = permissionsText(constraint.permissions, definition.permissions);
        const expression = this.#expression(constraint.steps);
        this.#add(`${word}constrain ${definition.name} ${permissions} ${expression};`);
      }
      for (const constraint of definition.validateTransitions) {
        if (constraint.mls !== mls) continue;
        const expression = this.#expression(constraint.steps);
        this.#add(`${word}validatetrans ${definition.name} ${expression};`);
      }
    }
  }

  #expression(steps: PolicyClass["constraints"][number]["steps"]): string {
    const stack: string[] = [];
    for (const step of steps) {
      if (step.kind === "not") stack.push(`not ${stack.pop()}`);
      else if (step.kind === "and" || step.kind === "or") {
        const right = stack.pop();
        stack.push(`(${stack.pop()} ${step.kind} ${right})`);
      } else stack.push(stepNames(this.#policy, step));
    }
    const text = stack[0] ?? NOTHING_HOLDS;
    return text.startsWith("(") ? text : `(${text})`;
  }

  #contexts(): void {
    for (const { name, context } of this.#policy.initialSids) {
      if (context !== undefined)
        this.#add(`sid ${name} ${contextText(this.#policy, context, SOURCE_DASH)}`);
    }
    for (const device of this.#policy.devices) this.#device(device);
  }

  #device({ device, low, high, path, context }: DeviceLabel): void {
    const range = low === high ? hex(low) : `${hex(low)}-${hex(high)}`;
    const place = path === undefined ? range : `"${path}"`;
    this.#add(`${device} ${place} ${contextText(this.#policy, context, SOURCE_DASH)}`);
  }
}

function aliasClause(aliases: readonly string[]): string {
  return aliases.length === 0 ? "" : ` alias ${setText(aliases)}`;
}

/** `a`, or `{ a b }`. */
export function setText(names: readonly string[]): string {
  return names.length === 1 && names[0] !== undefined ? names[0] : `{ ${names.join(" ")} }`;
}

/** `create`, `{ create destroy }`, or `*` for all. */
export function permissionsText(mask: number, names: readonly string[]): string {
  if (mask >>> 0 === maskOfFirst(names.length)) return "*";
  return setText(names.filter((_, bit) => ((mask >>> bit) & 1) === 1));
}

function sameCondition(one: RuleCondition | undefined, other: RuleCondition | undefined): boolean {
  return one?.index === other?.index && one?.branch === other?.branch;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
