/**
 * Random small policies over the whole language, most of them right, some of them wrong in one
 * place: same seed, same text.
 */

import { randomFrom } from "../generate.ts";
import { spoil } from "./random-mistake.ts";

export interface RandomPolicy {
  readonly text: string;
  /** Whether checkpolicy must be told so with -M. */
  readonly mls: boolean;
}

const CLASSES: readonly (readonly [string, readonly string[]])[] = [
  ["domain", ["create", "destroy", "transition", "pause"]],
  ["event", ["bind", "send", "status"]],
  ["grant", ["look", "touch", "copy"]],
  ["vault", ["look", "touch", "open", "shut"]],
];
/** Permissions of the common that two of the classes inherit. */
const COMMON = ["look", "touch"];
const INHERITING = ["grant", "vault"];
const SENSITIVITIES = ["s0", "s1", "s2"];
const CATEGORIES = ["c0", "c1", "c2", "c3", "c4"];
/** One policy in this many has a mistake put into it. */
const POLICIES_PER_MISTAKE = 4;
/** Makes the policy of a seed. */
export function randomPolicy(seed: number): RandomPolicy {
  return new PolicyMaker(seed).make();
}

class PolicyMaker {
  readonly #random: () => number;
  readonly #types: string[] = [];
  readonly #attributes: string[] = [];
  readonly #roles: string[] = [];
  readonly #roleAttributes: string[] = [];
  readonly #users: string[] = [];
  readonly #booleans: string[] = [];
  readonly #tunables: string[] = [];
  readonly #roleTypes = new Map<string, string[]>();
  #mls = false;
  #mistake = false;

  constructor(seed: number) {
    this.#random = randomFrom(seed * 2_654_435 + 17);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)];
  }

  #some<T>(list: readonly T[], least = 1): T[] {
    const count = least + this.#below(Math.max(1, Math.min(3, list.length)));
    return [...new Set(Array.from({ length: count }, () => this.#pick(list)))];
  }

  make(): RandomPolicy {
    this.#mls = this.#chance(0.3);
    this.#mistake = this.#below(POLICIES_PER_MISTAKE) === 0;
    const lines = [
      ...this.#head(),
      ...(this.#mls ? this.#levels() : []),
      ...this.#declarations(),
      ...this.#body(),
      ...this.#userLines(),
      ...this.#constraints(),
      ...this.#contexts(),
    ];
    if (this.#mistake) spoil(lines, this.#random);
    return { text: `${lines.join("\n")}\n`, mls: this.#mls };
  }

  #head(): string[] {
    const withCommon = this.#chance(0.5);
    const vectors = CLASSES.map(([name, permissions]) => {
      if (!withCommon || !INHERITING.includes(name))
        return `class ${name} ${set(permissions, true)}`;
      const own = permissions.filter((permission) => !COMMON.includes(permission));
      return `class ${name} inherits looks ${set(own, true)}`;
    });
    const defaults = this.#chance(0.2) ? this.#defaults() : [];
    return [
      ...CLASSES.map(([name]) => `class ${name}`),
      "sid xenboot",
      "sid xen",
      ...(withCommon ? [`common looks ${set(COMMON, true)}`] : []),
      ...vectors,
      ...defaults,
    ];
  }

  #defaults(): string[] {
    const side = () => this.#pick(["source", "target"]);
    const range = this.#mls
      ? [`default_range grant ${side()} ${this.#pick(["low", "high", "low-high"])};`]
      : [];
    return [
      `default_user ${this.#classes()} ${side()};`,
      `default_role ${this.#class()} ${side()};`,
      `default_type ${this.#class()} ${side()};`,
      ...range,
    ];
  }

  #class(): string {
    return this.#pick(CLASSES)[0];
  }

  #classes(): string {
    return set(this.#some(CLASSES.map(([name]) => name)));
  }

  #levels(): string[] {
    return [
      ...SENSITIVITIES.map(
        (name, index) => `sensitivity ${name}${index === 1 ? " alias mid" : ""};`,
      ),
      `dominance { ${SENSITIVITIES.join(" ")} }`,
      ...CATEGORIES.map((name, index) => `category ${name}${index === 2 ? " alias two" : ""};`),
      "level s0:c0.c4;",
      "level s1:c0.c2,c4;",
      "level s2:c0.c4;",
      ...Array.from({ length: 1 + this.#below(2) }, () => {
        const expression = this.#constraintExpression(2, true, false);
        return `mlsconstrain ${this.#classWithPermissions().join(" ")} (${expression});`;
      }),
      ...(this.#chance(0.3)
        ? [`mlsvalidatetrans ${this.#class()} (${this.#constraintExpression(2, true, true)});`]
        : []),
    ];
  }

  #level(): string {
    const sensitivity = this.#pick(["s0", "s2"]);
    if (this.#chance(0.4)) return sensitivity;
    return `${sensitivity}:${this.#pick(["c0", "c1.c3", "c0,c2", "c4", "c0.c4"])}`;
  }

  #declarations(): string[] {
    const lines: string[] = [];
    const names = (stem: string, count: number, list: string[]) => {
      for (let index = 0; index < count; index++) list.push(`${stem}${index}`);
    };
    names("attr", 1 + this.#below(3), this.#attributes);
    names("ty_", 2 + this.#below(6), this.#types);
    names("role_r", 1 + this.#below(2), this.#roles);
    names("roleattr", this.#chance(0.3) ? 1 : 0, this.#roleAttributes);
    names("user_u", 1 + this.#below(2), this.#users);
    names("bool_b", this.#below(4), this.#booleans);
    names("tune_b", this.#chance(0.2) ? 1 : 0, this.#tunables);
    for (const name of this.#attributes) lines.push(`attribute ${name};`);
    for (const name of this.#roleAttributes) lines.push(`attribute_role ${name};`);
    if (this.#chance(0.1)) lines.push(`expandattribute ${this.#pick(this.#attributes)} true;`);
    for (const name of this.#types) lines.push(this.#typeLine(name));
    for (const name of this.#roles) {
      const attributes = this.#chance(0.5) ? this.#roleAttributes : [];
      lines.push(`role ${[name, ...attributes].join(", ")};`);
    }
    const late = this.#chance(0.3);
    const booleans = [
      ...this.#booleans.map((name) => `bool ${name} ${this.#chance(0.5)};`),
      ...this.#tunables.map((name) => `tunable ${name} ${this.#chance(0.5)};`),
    ];
    return late ? [...lines, ...this.#rules(3), ...booleans] : [...lines, ...booleans];
  }

  #typeLine(name: string): string {
    const alias = this.#chance(0.15) ? ` alias ${name}_alias` : "";
    const attributes = this.#chance(0.6) ? this.#some(this.#attributes, 0) : [];
    return `type ${[name + alias, ...attributes].join(", ")};`;
  }

  #type(): string {
    return this.#pick(this.#types);
  }

  /** A set of types as a rule names it. */
  #typeSet(wild: boolean): string {
    const dice = this.#random();
    if (dice < 0.5) return this.#type();
    if (dice < 0.65) return this.#pick(this.#attributes);
    if (dice < 0.75) return `{ ${this.#pick(this.#attributes)} -${this.#type()} }`;
    if (dice < 0.8) return `${this.#pick(this.#attributes)} - ${this.#type()}`;
    if (dice < 0.9 || !wild)
      return set([...this.#some(this.#types), ...this.#some(this.#attributes, 0)]);
    if (dice < 0.93) return "*";
    return `~${this.#chance(0.5) ? this.#type() : set(this.#some(this.#types), true)}`;
  }

  #target(wild: boolean): string {
    const dice = this.#random();
    if (dice < 0.12) return "self";
    if (dice < 0.18) return `{ ${this.#type()} self }`;
    return this.#typeSet(wild);
  }

  #classWithPermissions(): [string, string] {
    const [name, permissions] = this.#pick(CLASSES);
    const dice = this.#random();
    if (dice < 0.1) return [name, "*"];
    if (dice < 0.2) return [name, `~${set(this.#some(permissions))}`];
    if (dice < 0.3)
      return ["{ grant vault }", this.#pick(["look", "touch", "{ look touch }", "*"])];
    return [name, set(this.#some(permissions))];
  }

  #accessRule(kind: string): string {
    const wild = kind === "neverallow";
    const [classes, permissions] = this.#classWithPermissions();
    return `${kind} ${this.#typeSet(wild)} ${this.#target(wild)}:${classes} ${permissions};`;
  }

  #typeRule(): string {
    const kind = this.#pick(["type_transition", "type_transition", "type_member", "type_change"]);
    const target = this.#chance(0.1) ? "self" : this.#typeSet(false);
    return `${kind} ${this.#typeSet(false)} ${target}:${this.#class()} ${this.#type()};`;
  }

  #rules(count: number): string[] {
    return Array.from({ length: count }, () => this.#rule());
  }

  #rule(): string {
    const dice = this.#random();
    if (dice < 0.6) return this.#accessRule("allow");
    if (dice < 0.66) return this.#accessRule("auditallow");
    if (dice < 0.74) return this.#accessRule("dontaudit");
    if (dice < 0.77) return this.#accessRule("auditdeny");
    if (dice < 0.8) return this.#accessRule("neverallow");
    if (dice < 0.83) return this.#typeRule();
    if (dice < 0.86) return `typeattribute ${this.#type()} ${this.#pick(this.#attributes)};`;
    if (dice < 0.87) return `typealias ${this.#type()} alias al${this.#below(1000)};`;
    if (dice < 0.88) return `permissive ${this.#type()};`;
    if (dice < 0.9) return this.#roleRule();
    if (dice < 0.91) return `typebounds ${this.#type()} ${this.#type()};`;
    if (dice < 0.92 && this.#mls) return this.#rangeTransition();
    return ";";
  }

  #rangeTransition(): string {
    const range = this.#chance(0.5) ? this.#level() : "s0 - s2:c0.c4";
    const pair = `${this.#typeSet(false)} ${this.#typeSet(false)}`;
    return `range_transition ${pair}:${this.#class()} ${range};`;
  }

  #roleRule(): string {
    const role = () => this.#pick([...this.#roles, ...this.#roleAttributes]);
    if (this.#chance(0.5)) return `allow ${role()} ${set([role(), this.#pick(this.#roles)])};`;
    const classes = this.#chance(0.5) ? "domain" : this.#classes();
    const target = `${this.#typeSet(false)}:${classes}`;
    return `role_transition ${role()} ${target} ${this.#pick(this.#roles)};`;
  }

  #body(): string[] {
    const lines = this.#rules(2 + this.#below(10));
    lines.push(`allow ${this.#type()} ${this.#type()}:domain create;`);
    for (let left = this.#below(3); left > 0; left--) lines.push(...this.#conditional());
    if (this.#chance(0.25)) lines.push(...this.#optional(0));
    if (this.#chance(0.1)) lines.push("policycap open_perms;");
    for (const role of [...this.#roles, ...this.#roleAttributes]) {
      const members = this.#some(this.#types);
      this.#roleTypes.set(role, members);
      lines.push(`role ${role} types ${set(members)};`);
    }
    return lines;
  }

  #condition(depth: number): string {
    const dice = this.#random();
    if (depth === 0 || dice < 0.4) return this.#pick(this.#booleans);
    if (dice < 0.5) return `!${this.#condition(depth - 1)}`;
    if (dice < 0.6) return `(${this.#condition(depth - 1)})`;
    const operator = this.#pick(["&&", "||", "^", "==", "!=", "and", "or", "xor", "eq"]);
    return `${this.#condition(depth - 1)} ${operator} ${this.#condition(depth - 1)}`;
  }

  #conditional(): string[] {
    const useTunable = this.#tunables.length > 0 && this.#chance(0.5);
    if (!useTunable && this.#booleans.length === 0) return [];
    const condition = useTunable ? this.#pick(this.#tunables) : this.#condition(3);
    const rule = () => {
      const dice = this.#random();
      if (dice < 0.1) return this.#typeRule();
      return this.#accessRule(dice < 0.8 ? "allow" : this.#pick(["auditallow", "dontaudit"]));
    };
    const branch = () => Array.from({ length: this.#below(3) }, () => `  ${rule()}`);
    const otherwise = this.#chance(0.5) ? ["} else {", ...branch()] : [];
    return [`if (${condition}) {`, ...branch(), ...otherwise, "}"];
  }

  /** An optional block that requires something that may or may not exist. */
  #optional(depth: number): string[] {
    const missing = this.#chance(0.4);
    const required = missing ? `nowhere${depth}_t` : this.#type();
    const own = `own${this.#below(10_000)}_t`;
    const body = [
      "optional {",
      `  require { type ${required}; class domain { create }; }`,
      `  allow ${required} ${this.#type()}:domain create;`,
      ...(this.#chance(0.3) ? [`  type ${own};`, `  allow ${own} ${required}:event send;`] : []),
      ...(this.#chance(0.3) ? [`  ${this.#accessRule("allow")}`] : []),
      ...(depth === 0 && this.#chance(0.3) ? this.#optional(1) : []),
    ];
    if (!this.#chance(0.4)) return [...body, "}"];
    return [...body, "} else {", `  ${this.#accessRule("allow")}`, "}"];
  }

  #userLines(): string[] {
    return this.#users.map((user) => {
      const roles = [this.#roles[0], ...this.#some([...this.#roles, ...this.#roleAttributes], 0)];
      const levels = this.#mls ? " level s0 range s0 - s2:c0.c4" : "";
      return `user ${user} roles ${set([...new Set(roles)])}${levels};`;
    });
  }

  #constraintExpression(depth: number, levels: boolean, third: boolean): string {
    const dice = this.#random();
    if (depth > 0 && dice < 0.15)
      return `not ${this.#constraintExpression(depth - 1, levels, third)}`;
    if (depth > 0 && dice < 0.5) {
      const part = () => this.#constraintExpression(depth - 1, levels, third);
      return `(${part()} ${this.#pick(["and", "or"])} ${part()})`;
    }
    return this.#constraintPrimary(levels, third);
  }

  #constraintPrimary(levels: boolean, third: boolean): string {
    const equal = this.#pick(["==", "!="]);
    const ordered = this.#pick(["==", "!=", "dom", "domby", "incomp", "eq"]);
    const side = this.#pick(third ? ["1", "2", "3"] : ["1", "2"]);
    const choices = [
      `u1 ${equal} u2`,
      `r1 ${ordered} r2`,
      `t1 ${equal} t2`,
      "sameuser",
      `t${side} ${equal} ${set(this.#some([...this.#types, ...this.#attributes]))}`,
      `r${side} ${equal} ${set(this.#some([...this.#roles, ...this.#roleAttributes]))}`,
      ...(levels ? [] : [`u${side} ${equal} ${set(this.#some(this.#users))}`]),
      ...(levels ? [`${this.#pick(["l1", "h1"])} ${ordered} ${this.#pick(["l2", "h2"])}`] : []),
      ...(levels ? [`l1 ${ordered} h1`, `l2 ${ordered} h2`] : []),
      ...(third ? [] : [`source type ${this.#type()}`, `target role ${this.#pick(this.#roles)}`]),
    ];
    // In the MLS section types, roles and users are not declared yet, but they may be named.
    return this.#types.length === 0 ? this.#early(choices, levels) : this.#pick(choices);
  }

  #early(choices: readonly string[], levels: boolean): string {
    const safe = choices.filter((choice) => !/undefined|[a-z]+_|attr/.test(choice));
    return levels ? this.#pick(safe.filter((choice) => !/\{|== $|!= $/.test(choice))) : "u1 == u2";
  }

  #constraints(): string[] {
    const lines: string[] = [];
    for (let left = this.#below(3); left > 0; left--) {
      const [classes, permissions] = this.#classWithPermissions();
      const expression = this.#constraintExpression(3, false, false);
      lines.push(`constrain ${classes} ${permissions} (${expression});`);
    }
    if (this.#chance(0.2)) {
      lines.push(`validatetrans ${this.#classes()} ${this.#constraintExpression(2, false, true)};`);
    }
    return lines;
  }

  #context(): string {
    const role = this.#chance(0.3) ? "object_r" : this.#roles[0];
    const types = role === "object_r" ? this.#types : (this.#roleTypes.get(role) ?? this.#types);
    const range = this.#mls ? `:${this.#pick(["s0", "s0 - s2:c0.c4", "s0:c1", "s0 - s0:c0"])}` : "";
    return `${this.#pick(this.#users)}:${role}:${this.#pick(types)}${range}`;
  }

  #contexts(): string[] {
    const lines = [`sid xenboot ${this.#context()}`, `sid xen ${this.#context()}`];
    if (!this.#chance(0.3)) return lines;
    const base = this.#below(1000);
    return [
      ...lines,
      `pirqcon ${base} ${this.#context()}`,
      `iomemcon ${base}-0x${(base + this.#below(50)).toString(16)} ${this.#context()}`,
      `ioportcon ${base + 100} ${this.#context()}`,
      `pcidevicecon 0x${base.toString(16)} ${this.#context()}`,
      `devicetreecon "/soc/dev${base}" ${this.#context()}`,
    ];
  }
}

/** `a`, or `{ a b }`; with `braces`, braces even around one name. */
function set(names: readonly string[], braces = false): string {
  return names.length === 1 && !braces ? names[0] : `{ ${names.join(" ")} }`;
}
