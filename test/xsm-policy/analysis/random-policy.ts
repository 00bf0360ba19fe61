/** Small random policies in which every kind of flow can occur. */

import { randomFrom } from "../generate.ts";

export const DOMAINS = ["d0_t", "d1_t", "d2_t", "d3_t"] as const;

const CLASSES: Readonly<Record<string, readonly string[]>> = {
  xen: ["settime", "readconsole", "writeconsole"],
  domain: ["create", "transition", "getdomaininfo", "setvcpucontext"],
  domain2: ["relabelfrom", "relabelto", "relabelself"],
  event: ["bind", "send", "status", "create", "reset"],
  grant: ["map_read", "map_write", "copy"],
  argo: ["enable", "register_single_source", "register_any_source", "send"],
};

const CHANNELS = ["c0_t", "c1_t"];
const OTHERS = ["xen_t", "object_t", "self_t", "view_t"];

/** The text of a policy; the same seed gives the same text. */
export function randomFlowPolicy(seed: number): string {
  return new Generator(seed).text();
}

class Generator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  text(): string {
    const classes = Object.entries(CLASSES);
    return [
      ...classes.map(([name]) => `class ${name}`),
      "sid xen",
      "sid domU",
      ...classes.map(([name, permissions]) => `class ${name} { ${permissions.join(" ")} }`),
      "attribute doms;\nattribute chan;\nattribute some;",
      ...DOMAINS.map((name) => `type ${name}, doms${this.#maybe(0.4, ", some")};`),
      ...CHANNELS.map((name) => `type ${name}, chan;`),
      ...OTHERS.map((name) => `type ${name}${this.#maybe(0.2, ", some")};`),
      "bool b0 true;\nbool b1 false;",
      ...this.#rules(),
      ...this.#transitions(),
      "role one_r;\nrole two_r;",
      `role one_r types { ${[...DOMAINS, ...CHANNELS, ...OTHERS].join(" ")} };`,
      `role two_r types { d0_t d1_t self_t view_t };`,
      this.#maybe(0.5, "allow one_r two_r;"),
      "user one_u roles { one_r two_r };\nuser two_u roles { two_r };",
      this.#maybe(0.5, "constrain grant { map_read copy } (u1 == u2 or t1 == d0_t);"),
      this.#maybe(0.3, "constrain event bind (u1 == u2);"),
      this.#maybe(0.2, "constrain argo send (r1 == r2 or u1 != u2);"),
      this.#maybe(0.2, "constrain grant map_write (t1 == some);"),
      "sid xen one_u:one_r:xen_t",
      "sid domU one_u:one_r:d3_t",
      "",
    ].join("\n");
  }

  #rules(): string[] {
    const created = DOMAINS.filter(() => this.#random() < 0.7);
    return [
      `allow xen_t { d3_t ${created.join(" ")} }:domain create;`,
      ...Array.from({ length: 6 + this.#below(8) }, () => this.#allow()),
      ...this.#channelRules(),
      `if (${this.#pick(["b0", "b0 && b1", "b0 ^ b1", "!b1"])}) {`,
      ...Array.from({ length: 1 + this.#below(4) }, () => this.#allow()),
      "} else {",
      this.#allow(),
      "}",
      "if (b1) {",
      this.#allow(),
      "}",
    ];
  }

  /** Halves of channels, and Argo, that random rules would hardly ever complete. */
  #channelRules(): string[] {
    return [
      this.#maybe(0.5, "allow doms chan:event { create send };"),
      this.#maybe(0.4, "allow chan doms:event bind;"),
      this.#maybe(0.3, "allow doms xen_t:argo { enable register_any_source };"),
      this.#maybe(0.3, "allow some doms:domain2 { relabelfrom relabelto };"),
    ];
  }

  #allow(): string {
    const names = Object.keys(CLASSES);
    const className = this.#pick(names);
    const permissions = CLASSES[className].filter(() => this.#random() < 0.4);
    if (permissions.length === 0) permissions.push(this.#pick(CLASSES[className]));
    const source = this.#pick([...DOMAINS, ...DOMAINS, ...CHANNELS, "some", "doms"]);
    const target = this.#pick([...DOMAINS, ...DOMAINS, ...CHANNELS, ...OTHERS, "some"]);
    return `allow ${source} ${target}:${className} { ${permissions.join(" ")} };`;
  }

  #transitions(): string[] {
    return [
      this.#maybe(0.6, "type_transition d0_t d0_t:domain self_t;"),
      this.#maybe(0.5, "type_transition d1_t d2_t:domain view_t;"),
      this.#maybe(0.7, "type_transition d0_t doms:event c0_t;"),
      this.#maybe(0.7, "type_transition { d1_t d2_t } doms:event c1_t;"),
      this.#maybe(0.3, "type_transition view_t doms:event c0_t;"),
      this.#maybe(0.3, "type_transition d3_t d0_t:event c0_t;"),
    ];
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)];
  }

  #maybe(chance: number, text: string): string {
    return this.#random() < chance ? text : "";
  }
}
