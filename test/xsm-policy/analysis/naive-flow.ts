/**
 * Flows by brute force: every pair of full contexts, every setting of the booleans, by the decision
 * engine. What the analysis finds by its index and its search must be the same.
 */

import { DecisionEngine } from "../../../xsm-policy/compiler/decision.ts";
import { contextIsValid, contextText, EMPTY_RANGE } from "../../../xsm-policy/compiler/mls.ts";
import type { Context, Policy } from "../../../xsm-policy/compiler/policy.ts";
import type { AccessRelation } from "../../../xsm-policy/compiler/relation.ts";

/** Permissions with simple directions, by hand: class, permission, and part of the target. */
const WRITES = [
  ["xen", "settime", "clock"],
  ["xen", "writeconsole", "console"],
  ["domain", "create", ""],
  ["domain", "setvcpucontext", ""],
  ["event", "reset", ""],
  ["grant", "map_read", ""],
  ["grant", "map_write", ""],
  ["grant", "copy", ""],
] as const;
const READS = [
  ["xen", "readconsole", "console"],
  ["domain", "getdomaininfo", ""],
  ["grant", "map_read", ""],
] as const;

/** The shortest number of steps from one type to another under any setting; undefined: none. */
export function naiveDistance(
  relation: AccessRelation,
  from: string,
  to: string,
  through: readonly string[],
): number | undefined {
  const { policy } = relation;
  const count = policy.booleans.length;
  let best: number | undefined;
  for (let setting = 0; setting < 1 << count; setting++) {
    const booleans = policy.booleans.map((_, bit) => ((setting >> bit) & 1) === 1);
    const found = new NaiveGraph(relation, booleans).distance(from, to, through);
    if (found !== undefined && (best === undefined || found < best)) best = found;
  }
  return best;
}

class NaiveGraph {
  readonly #policy: Policy;
  readonly #relation: AccessRelation;
  readonly #booleans: readonly boolean[];
  readonly #engine: DecisionEngine;
  readonly #contexts: readonly Context[];
  readonly #acts: ReadonlySet<number>;
  readonly #domains: ReadonlySet<string>;
  readonly #edges = new Map<string, Set<string>>();

  constructor(relation: AccessRelation, booleans: readonly boolean[]) {
    this.#policy = relation.policy;
    this.#relation = relation;
    this.#booleans = booleans;
    this.#engine = new DecisionEngine(relation, booleans);
    this.#contexts = allContexts(this.#policy);
    const { acts, domains } = actingTypes(relation);
    this.#acts = acts;
    this.#domains = new Set([...domains].map((type) => this.#policy.types[type].name));
    for (const one of this.#contexts) for (const other of this.#contexts) this.#connect(one, other);
    // A clock that nobody can set is no way for anything.
    const clocks = [...this.#policy.types.keys()].filter((type) => this.#isSet(type));
    for (const type of clocks) {
      for (const reader of this.#contexts) {
        const isActing = this.#acts.has(reader.type);
        if (isActing) this.#edge(this.#part(type, "clock"), this.#name(reader));
      }
    }
  }

  distance(from: string, to: string, through: readonly string[]): number | undefined {
    const typeOf = (node: string): string => node.split(/[: ]/)[2];
    // What is a part of a domain's label only by a stray rule is not the domain.
    const isPartOfDomain = (node: string): boolean =>
      node.startsWith("-") && this.#domains.has(typeOf(node));
    const isEnd = (node: string, type: string): boolean =>
      typeOf(node) === type && !isPartOfDomain(node);
    let frontier = new Set([...this.#edges.keys()].filter((node) => isEnd(node, from)));
    for (const node of frontier) if (through.includes(typeOf(node))) frontier.delete(node);
    const seen = new Set<string>();
    for (let steps = 1; frontier.size > 0; steps++) {
      const next = new Set<string>();
      for (const node of frontier) {
        for (const target of this.#edges.get(node) ?? []) {
          if (seen.has(target) || through.includes(typeOf(target))) continue;
          if (isEnd(target, to)) return steps;
          seen.add(target);
          next.add(target);
        }
      }
      frontier = next;
    }
    return undefined;
  }

  #name(context: Context): string {
    return contextText(this.#policy, context);
  }

  /** Whether any rule lets anyone set this clock, under any setting. */
  #isSet(type: number): boolean {
    let found = false;
    this.#relation.cells(({ source, target, class: index, permissions }) => {
      if (!this.#acts.has(source)) return;
      const { name, permissions: names } = this.#policy.classes[index];
      const bit = names.indexOf("settime");
      if (name === "xen" && target === type && (permissions >>> bit) & 1) found = true;
    });
    return found;
  }

  #part(type: number, part: string): string {
    return `-:-:${this.#policy.types[type].name} ${part}`;
  }

  #edge(from: string, to: string): void {
    const targets = this.#edges.get(from) ?? new Set();
    this.#edges.set(from, targets.add(to));
  }

  #may(source: Context, target: Context, of: string, permission: string): boolean {
    const index = this.#policy.classes.findIndex(({ name }) => name === of);
    const bit = this.#policy.classes[index].permissions.indexOf(permission);
    return ((this.#engine.allowed(source, target, index) >>> bit) & 1) === 1;
  }

  #classIndex(of: string): number {
    return this.#policy.classes.findIndex(({ name }) => name === of);
  }

  /** Whether domains are only seen under a label. */
  #isHidden(type: number): boolean {
    const domain = this.#classIndex("domain");
    return (
      !this.#acts.has(type) &&
      this.#policy.typeRules.some(
        (rule) =>
          rule.kind === "type_transition" &&
          rule.classes.includes(domain) &&
          rule.result === type &&
          !(rule.sources.keys.length === 1 && rule.sources.keys[0] === type),
      )
    );
  }

  #connect(one: Context, other: Context): void {
    if (!this.#acts.has(one.type)) return;
    if (!this.#isHidden(other.type)) this.#simple(one, other, other);
    const seen = this.#view(other, one);
    if (seen !== undefined) this.#simple(one, other, seen);
    if (!this.#acts.has(other.type)) return;
    if (this.#signals(one, other) || this.#argo(one, other) || this.#relabels(one, other)) {
      this.#edge(this.#name(one), this.#name(other));
    }
  }

  /** The label under which a domain is seen by one of another type, where it has one of its own. */
  #view(owner: Context, viewer: Context): Context | undefined {
    if (owner.type === viewer.type) return undefined;
    const seen = this.#engine.transition(owner, viewer, this.#classIndex("domain"));
    return seen === undefined || seen.type === owner.type ? undefined : seen;
  }

  #simple(actor: Context, object: Context, label: Context): void {
    for (const [of, permission, part] of WRITES) {
      // Only objects have parts: a domain that is seen under another label is a whole.
      if (part !== "" && label !== object) continue;
      if (!this.#may(actor, label, of, permission)) continue;
      const to = part === "" ? this.#name(object) : this.#part(label.type, part);
      this.#edge(this.#name(actor), to);
    }
    for (const [of, permission, part] of READS) {
      if (part !== "" && label !== object) continue;
      if (!this.#may(actor, label, of, permission)) continue;
      const from = part === "" ? this.#name(object) : this.#part(label.type, part);
      this.#edge(from, this.#name(actor));
    }
  }

  #halves(from: Context, to: Context) {
    const event = this.#classIndex("event");
    const labels = new Set([from.type]);
    for (const viewer of this.#contexts) labels.add(this.#view(from, viewer)?.type ?? from.type);
    const seen = this.#view(to, from);
    const targets = seen === undefined ? [to] : [to, seen];
    return [...labels].flatMap((type) =>
      targets.flatMap((target) => {
        const channel = this.#engine.transition({ ...from, type }, target, event);
        if (channel === undefined || !this.#may(channel, target, "event", "bind")) return [];
        const own = type === from.type && this.#may(from, channel, "event", "create");
        const byAnyone = [...this.#acts].some((creator) => {
          const granted = this.#relation.permissions(creator, channel.type, event, this.#booleans);
          return ((granted >>> this.#createBit(event)) & 1) === 1;
        });
        return [{ channel, own, byAnyone }];
      }),
    );
  }

  #createBit(event: number): number {
    return this.#policy.classes[event].permissions.indexOf("create");
  }

  #signals(from: Context, to: Context): boolean {
    return this.#halves(from, to).some((half) =>
      this.#halves(to, from).some((back) => {
        const isOpen = (half.own && back.byAnyone) || (half.byAnyone && back.own);
        const sends = this.#may(from, half.channel, "event", "send");
        return isOpen && (sends || this.#may(to, back.channel, "event", "status"));
      }),
    );
  }

  #argo(from: Context, to: Context): boolean {
    const xen = this.#policy.initialSids[0].context;
    if (xen === undefined) return false;
    const hasRing =
      this.#may(to, from, "argo", "register_single_source") ||
      this.#may(to, xen, "argo", "register_any_source");
    const both = [from, to].every((each) => this.#may(each, xen, "argo", "enable"));
    return hasRing && both && this.#may(from, to, "argo", "send");
  }

  #relabels(from: Context, to: Context): boolean {
    if (from.type === to.type || !this.#may(from, to, "domain", "transition")) return false;
    if (this.#may(from, to, "domain2", "relabelself")) return true;
    return this.#contexts.some(
      (by) =>
        this.#acts.has(by.type) &&
        this.#may(by, from, "domain2", "relabelfrom") &&
        this.#may(by, to, "domain2", "relabelto"),
    );
  }
}

function allContexts(policy: Policy): Context[] {
  return [...policy.types.keys()].flatMap((type) =>
    [...policy.users.keys()].flatMap((user) =>
      [...policy.roles.keys()]
        .map((role) => ({ user, role, type, range: EMPTY_RANGE }))
        .filter((context) => contextIsValid(policy, context)),
    ),
  );
}

/** Types that are created, are initial SIDs, or that a domain that acts can be relabelled to. */
function actingTypes(relation: AccessRelation): { acts: Set<number>; domains: Set<number> } {
  const { policy } = relation;
  const tuples = new Set<string>();
  relation.cells(({ source, target, class: index, permissions }) => {
    for (const [bit, name] of policy.classes[index].permissions.entries()) {
      if ((permissions >>> bit) & 1) tuples.add(`${source} ${target} ${name}`);
    }
  });
  const types = [...policy.types.keys()];
  const hasAnywhere = (target: number, permission: string): boolean =>
    types.some((source) => tuples.has(`${source} ${target} ${permission}`));
  const eventCreate = policy.classes.findIndex(({ name }) => name === "event");
  const domainCreate = new Set<number>();
  relation.cells(({ target, class: index, permissions }) => {
    const bit = policy.classes[index].permissions.indexOf("create");
    if (index !== eventCreate && bit !== -1 && (permissions >>> bit) & 1) domainCreate.add(target);
  });
  const acts = new Set(domainCreate);
  for (const { context } of policy.initialSids) if (context !== undefined) acts.add(context.type);
  for (let before = -1; before !== acts.size; ) {
    before = acts.size;
    for (const source of [...acts]) {
      for (const target of types) {
        const isRelabelled = hasAnywhere(target, "relabelto") || hasAnywhere(target, "relabelself");
        if (!isRelabelled || !tuples.has(`${source} ${target} transition`)) continue;
        acts.add(target);
        domainCreate.add(target);
      }
    }
  }
  return { acts, domains: domainCreate };
}
