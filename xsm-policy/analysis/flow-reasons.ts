/** Why an edge of the flow graph is there: the permissions, and when they are granted. */

import type { Context } from "../compiler/policy.ts";
import type { Compound } from "./compounds.ts";
import { ALWAYS, any, both, type Ways, waysOf } from "./conditions.ts";
import { bitsOf, type FlowGraph } from "./flow-graph.ts";
import type { View } from "./labels.ts";

/** A permission of one type on another that has a part in a flow. */
export interface GrantUse {
  readonly source: number;
  readonly target: number;
  readonly class: number;
  /** Bit number. */
  readonly permission: number;
}

/** One way in which something gets from a node to the next. */
export interface Reason {
  readonly kind: "write" | "read" | "channel" | "argo" | "relabel" | "open";
  /** All of these are needed. */
  readonly uses: readonly GrantUse[];
  readonly ways: Ways;
}

export class FlowReasons {
  readonly #graph: FlowGraph;

  constructor(graph: FlowGraph) {
    this.#graph = graph;
  }

  /** Every way in which something gets from one node to another in one step. */
  all(from: number, to: number): Reason[] {
    const graph = this.#graph;
    const start = graph.place(from);
    const end = graph.place(to);
    const found: Reason[] = [];
    if (start.part === -1 && graph.acts[start.type] === 1 && !graph.isHidden(end.type)) {
      found.push(...this.#simpleReasons(from, to, start.type, end.type, end.part, "write", ALWAYS));
    }
    if (end.part === -1 && graph.acts[end.type] === 1 && !graph.isHidden(start.type)) {
      const { type, part } = start;
      found.push(...this.#simpleReasons(to, from, end.type, type, part, "read", ALWAYS));
    }
    if (start.part !== -1 && graph.map.open.has(graph.parts.name(start.part)) && end.part === -1) {
      if (graph.acts[end.type] === 1) found.push({ kind: "open", uses: [], ways: ALWAYS });
    }
    if (start.part !== -1 || end.part !== -1) return found;
    found.push(...this.byView(from, to));
    for (const each of graph.compounds) found.push(...this.byCompound(each, from, to));
    return found;
  }

  /** The flows of a compound kind. */
  byCompound(compound: Compound, from: number, to: number): Reason[] {
    const graph = this.#graph;
    const start = graph.place(from);
    const end = graph.place(to);
    if (graph.acts[start.type] === 0 || graph.acts[end.type] === 0) return [];
    return compound.reasons(start, end).filter(({ ways }) => ways.length > 0);
  }

  /** The flows between a device model and whom it serves, under the label that it sees. */
  byView(from: number, to: number): Reason[] {
    const graph = this.#graph;
    const start = graph.place(from);
    const end = graph.place(to);
    const found: Reason[] = [];
    const add = (view: View, viewer: number, owner: number, flow: "write" | "read"): void => {
      if (graph.acts[view.viewer] === 0) return;
      const { label, ways } = view;
      found.push(...this.#simpleReasons(viewer, owner, view.viewer, label, -1, flow, ways));
    };
    for (const view of graph.labels.seenBy(start.type)) {
      if (view.owner === end.type) add(view, from, to, "write");
    }
    for (const view of graph.labels.seenBy(end.type)) {
      if (view.owner === start.type) add(view, to, from, "read");
    }
    return found;
  }

  /** What `actor` may do to `object`, which is seen under the type `label`. */
  #simpleReasons(
    actor: number,
    object: number,
    source: number,
    label: number,
    part: number,
    flow: "write" | "read",
    needed: Ways,
  ): Reason[] {
    const graph = this.#graph;
    const found = new Map<number, Reason>();
    const from = graph.contexts.context(source, graph.place(actor).colour);
    const targets = this.#targetContexts(object).map((context) => ({ ...context, type: label }));
    for (const cell of graph.grants.cells(source, label)) {
      const lane = graph.lanes.of(cell.class, part);
      for (const bit of bitsOf(lane === undefined ? 0 : cell.mask & lane[flow])) {
        const mask = (1 << bit) >>> 0;
        const passes = targets.some((to) => graph.grants.passes(from, to, cell.class, mask));
        if (!passes) continue;
        const uses = [{ source, target: label, class: cell.class, permission: bit }];
        const key = cell.class * 32 + bit;
        const ways = any([found.get(key)?.ways ?? [], both(needed, waysOf(cell.variant))]);
        found.set(key, { kind: flow, uses, ways });
      }
    }
    return [...found.values()].filter(({ ways }) => ways.length > 0);
  }

  /** Whether the constraints leave some permission of `mask`, in any colour of a part's type. */
  mayAct(
    source: number,
    colour: number,
    target: number,
    classIndex: number,
    mask: number,
  ): boolean {
    const graph = this.#graph;
    const from = graph.contexts.context(source, colour);
    return this.#targetContexts(target).some((to) =>
      bitsOf(mask).some((bit) => graph.grants.passes(from, to, classIndex, (1 << bit) >>> 0)),
    );
  }

  #targetContexts(node: number): Context[] {
    const { contexts } = this.#graph;
    const { type, colour, part } = this.#graph.place(node);
    if (part === -1) return [contexts.context(type, colour)];
    return contexts.coloursOf(type).map((each) => contexts.context(type, each));
  }
}
