/** Flows that need several permissions at once: event channels, Argo, and changes of label. */

import type { Context } from "../compiler/policy.ts";
import { all, any, both, either, NEVER, type Ways } from "./conditions.ts";
import type { FlowGraph } from "./flow-graph.ts";
import type { GrantUse, Reason } from "./flow-reasons.ts";

/** A type in one of its colours. */
export interface Party {
  readonly type: number;
  readonly colour: number;
}

export interface Compound {
  /** Types that such a flow may lead to from `type`, or in reverse come from; too many do no harm.
   *  */
  candidates(type: number, reverse: boolean): Iterable<number>;
  /** The flows of this kind from one domain to another. */
  reasons(from: Party, to: Party): Reason[];
}

/** The compound flows that a policy can have. */
export function compounds(graph: FlowGraph): Compound[] {
  const { map, grants } = graph;
  const isKnown = (className: string, permission: string, flow: string): boolean =>
    map.of(className, permission).flow === flow && grants.mask(className, permission) !== 0;
  const found: Compound[] = [];
  if (isKnown("event", "bind", "channel")) found.push(new Channels(graph));
  if (isKnown("argo", "send", "argo")) found.push(new Argo(graph));
  if (isKnown("domain", "transition", "relabel")) found.push(new Relabelling(graph));
  return found;
}

/** One end's half of a channel, with what it takes. */
interface Half {
  readonly label: number;
  readonly target: number;
  /** That the label results, and may be bound to the other side. */
  readonly bound: Ways;
  /** That the end itself may make it; that anybody may. */
  readonly own: Ways;
  readonly anyone: Ways;
}

/**
 * Event channels. Each end makes a half that is bound to the other end's domain; one of the two may
 * be made by somebody else, such as the toolstack. A domain then reaches its peer if it may send,
 * or if the peer may ask for the status: it sees the channel closed.
 */
class Channels implements Compound {
  readonly #graph: FlowGraph;
  readonly #event: number;
  readonly #creators = new Map<number, Ways>();
  #selfBound: readonly number[] | undefined;

  constructor(graph: FlowGraph) {
    this.#graph = graph;
    this.#event = graph.grants.class("event");
  }

  candidates(type: number): Iterable<number> {
    const { labels } = this.#graph;
    const found = new Set<number>(this.#unruled());
    for (const label of this.#labelsOf(type)) {
      for (const target of labels.channelTargets(label)) found.add(target);
    }
    for (const { owner } of labels.seenBy(type)) found.add(owner);
    for (const { viewer } of labels.viewsOf(type)) found.add(viewer);
    return found;
  }

  /** Types to which channels may be bound that have the type's own label. */
  #unruled(): readonly number[] {
    const { grants } = this.#graph;
    const bind = grants.mask("event", "bind");
    this.#selfBound ??= [...this.#graph.policy.types.keys()].filter(
      (type) => grants.ruled(type, type, this.#event, bind).length > 0,
    );
    return this.#selfBound;
  }

  /** The labels under which a domain's half can be made: its own, or as a device model sees it. */
  #labelsOf(type: number): number[] {
    const views = this.#graph.labels.viewsOf(type).map(({ label }) => label);
    return [...new Set([type, ...views])];
  }

  #halves(from: Party, to: Party): Half[] {
    const { labels, contexts } = this.#graph;
    const seen = labels.seenBy(from.type).filter(({ owner }) => owner === to.type);
    const targets = new Set([to.type, ...seen.map(({ label }) => label)]);
    const halves: Half[] = [];
    for (const source of this.#labelsOf(from.type)) {
      for (const target of targets) {
        for (const channel of labels.channel(source, target)) {
          const object = contexts.object(channel.type, from.colour);
          const peer = { ...contexts.context(to.type, to.colour), type: target };
          const bind = this.#allowed(object, peer, "bind");
          const bound = both(channel.ways, bind);
          if (bound.length === 0) continue;
          const maker = contexts.context(from.type, from.colour);
          const own = source === from.type ? this.#allowed(maker, object, "create") : NEVER;
          const anyone = either(own, this.#creatorsOf(channel.type));
          halves.push({ label: channel.type, target, bound, own, anyone });
        }
      }
    }
    return halves.filter(({ anyone }) => anyone.length > 0);
  }

  #allowed(source: Context, target: Context, permission: string): Ways {
    const { grants } = this.#graph;
    return grants.granted(source, target, this.#event, grants.mask("event", permission));
  }

  /** When some domain may create channels of a label. */
  #creatorsOf(label: number): Ways {
    const known = this.#creators.get(label);
    if (known !== undefined) return known;
    const { grants, acts } = this.#graph;
    const create = grants.mask("event", "create");
    let ways = NEVER;
    for (const holder of grants.holdersOn(label, this.#event, create)) {
      if (acts[holder] === 0) continue;
      ways = either(ways, grants.ruled(holder, label, this.#event, create));
    }
    this.#creators.set(label, ways);
    return ways;
  }

  reasons(from: Party, to: Party): Reason[] {
    const found: Reason[] = [];
    for (const half of this.#halves(from, to)) {
      for (const back of this.#halves(to, from)) {
        const made = either(both(half.own, back.anyone), both(half.anyone, back.own));
        const open = all([half.bound, back.bound, made]);
        if (open.length === 0) continue;
        const send = this.#signal(from, half, "send");
        const status = this.#signal(to, back, "status");
        const uses = this.#uses(from, to, half, back);
        if (send.length > 0) {
          const sending = this.#use(from.type, half.label, "send");
          found.push({ kind: "channel", uses: [sending, ...uses], ways: both(open, send) });
        } else if (status.length > 0) {
          const asking = this.#use(to.type, back.label, "status");
          found.push({ kind: "channel", uses: [asking, ...uses], ways: both(open, status) });
        }
      }
    }
    return found;
  }

  #signal(party: Party, half: Half, permission: string): Ways {
    const { contexts } = this.#graph;
    const subject = contexts.context(party.type, party.colour);
    return this.#allowed(subject, contexts.object(half.label, party.colour), permission);
  }

  #uses(from: Party, to: Party, half: Half, back: Half): GrantUse[] {
    return [
      this.#use(from.type, half.label, "create"),
      this.#use(half.label, half.target, "bind"),
      this.#use(to.type, back.label, "create"),
      this.#use(back.label, back.target, "bind"),
    ];
  }

  #use(source: number, target: number, permission: string): GrantUse {
    return useOf(this.#graph, source, target, "event", permission);
  }
}

function useOf(
  { grants }: FlowGraph,
  source: number,
  target: number,
  className: string,
  permission: string,
): GrantUse {
  const mask = grants.mask(className, permission);
  return { source, target, class: grants.class(className), permission: 31 - Math.clz32(mask) };
}

/** Argo: both sides take part, and the receiver has a ring for the sender or for anyone. */
class Argo implements Compound {
  readonly #graph: FlowGraph;
  readonly #argo: number;
  readonly #xen: number;

  constructor(graph: FlowGraph) {
    this.#graph = graph;
    this.#argo = graph.grants.class("argo");
    const sid = graph.policy.initialSids.find(({ name }) => name === "xen");
    this.#xen = sid?.context?.type ?? -1;
  }

  candidates(type: number, reverse: boolean): Iterable<number> {
    const { grants } = this.#graph;
    const send = grants.mask("argo", "send");
    if (this.#xen === -1) return [];
    return reverse
      ? grants.holdersOn(type, this.#argo, send)
      : grants.targetsOf(type, this.#argo, send);
  }

  reasons(from: Party, to: Party): Reason[] {
    if (this.#xen === -1) return [];
    const send = this.#allowed(from, to, "send");
    if (send.length === 0) return [];
    const xen = { type: this.#xen, colour: 0 };
    const single = this.#allowed(to, from, "register_single_source");
    const anyone = this.#allowed(to, xen, "register_any_source");
    const enabled = both(this.#allowed(from, xen, "enable"), this.#allowed(to, xen, "enable"));
    const ways = all([send, enabled, either(single, anyone)]);
    if (ways.length === 0) return [];
    const ring =
      single.length > 0
        ? this.#use(to.type, from.type, "register_single_source")
        : this.#use(to.type, this.#xen, "register_any_source");
    const uses = [
      this.#use(from.type, to.type, "send"),
      ring,
      this.#use(from.type, this.#xen, "enable"),
      this.#use(to.type, this.#xen, "enable"),
    ];
    return [{ kind: "argo", uses, ways }];
  }

  /** The hypervisor's own label is a single context, whose colour the policy gives. */
  #allowed(from: Party, to: Party, permission: string): Ways {
    const { contexts, grants, policy } = this.#graph;
    const sid = policy.initialSids.find(({ name }) => name === "xen")?.context;
    const isXen = to.type === this.#xen && sid !== undefined;
    const target = isXen ? sid : contexts.context(to.type, to.colour);
    const source = contexts.context(from.type, from.colour);
    return grants.granted(source, target, this.#argo, grants.mask("argo", permission));
  }

  #use(source: number, target: number, permission: string): GrantUse {
    return useOf(this.#graph, source, target, "argo", permission);
  }
}

/** A change of label: what the domain holds, it holds under the new label too. */
class Relabelling implements Compound {
  readonly #graph: FlowGraph;
  readonly #domain: number;
  readonly #roleAllows: ReadonlySet<string>;

  constructor(graph: FlowGraph) {
    this.#graph = graph;
    this.#domain = graph.grants.class("domain");
    this.#roleAllows = new Set(graph.policy.roleAllows.map(({ from, to }) => `${from} ${to}`));
  }

  candidates(type: number, reverse: boolean): Iterable<number> {
    const { grants } = this.#graph;
    const transition = grants.mask("domain", "transition");
    return reverse
      ? grants.holdersOn(type, this.#domain, transition)
      : grants.targetsOf(type, this.#domain, transition);
  }

  reasons(from: Party, to: Party): Reason[] {
    if (from.type === to.type || !this.#mayChangeRole(from, to)) return [];
    const change = this.#allowed(from, to, "domain", "transition");
    if (change.length === 0) return [];
    const transition = useOf(this.#graph, from.type, to.type, "domain", "transition");
    const reasons: Reason[] = [];
    const itself = both(change, this.#allowed(from, to, "domain2", "relabelself"));
    if (itself.length > 0) {
      const self = useOf(this.#graph, from.type, to.type, "domain2", "relabelself");
      reasons.push({ kind: "relabel", uses: [self, transition], ways: itself });
    }
    reasons.push(...this.#byOthers(from, to, change, transition));
    return reasons;
  }

  #byOthers(from: Party, to: Party, change: Ways, transition: GrantUse): Reason[] {
    const { grants, contexts, acts } = this.#graph;
    const domain2 = grants.class("domain2");
    const relabelTo = grants.mask("domain2", "relabelto");
    const reasons: Reason[] = [];
    for (const other of grants.holdersOn(to.type, domain2, relabelTo)) {
      if (acts[other] === 0) continue;
      const ways = any(
        contexts.coloursOf(other).map((colour) => {
          const by = { type: other, colour };
          const take = this.#allowed(by, from, "domain2", "relabelfrom");
          return all([change, take, this.#allowed(by, to, "domain2", "relabelto")]);
        }),
      );
      if (ways.length === 0) continue;
      const uses = [
        useOf(this.#graph, other, from.type, "domain2", "relabelfrom"),
        useOf(this.#graph, other, to.type, "domain2", "relabelto"),
        transition,
      ];
      reasons.push({ kind: "relabel", uses, ways });
    }
    return reasons;
  }

  /** Without colours some role goes with both types: that of objects does. */
  #mayChangeRole(from: Party, to: Party): boolean {
    const { contexts } = this.#graph;
    const before = contexts.colours[from.colour].role;
    const after = contexts.colours[to.colour].role;
    return !contexts.areColoured || before === after || this.#roleAllows.has(`${before} ${after}`);
  }

  #allowed(from: Party, to: Party, className: string, permission: string): Ways {
    const { contexts, grants } = this.#graph;
    const source = contexts.context(from.type, from.colour);
    const target = contexts.context(to.type, to.colour);
    const mask = grants.mask(className, permission);
    return grants.granted(source, target, grants.class(className), mask);
  }
}
