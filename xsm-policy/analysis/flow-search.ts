/** Decides questions about flow exactly: the shortest way, or a proof that there is none. */

import { BitSet } from "../compiler/bits.ts";
import type { ClosedCertificate } from "./certificate.ts";
import { type Assignment, all, any, Conditions, type Ways, withBoolean } from "./conditions.ts";
import { nothingSeen, type Query } from "./flow-expand.ts";
import type { FlowGraph } from "./flow-graph.ts";

/** Cases that are told apart by the booleans before the search gives up. */
const CASE_LIMIT_COUNT = 4096;

/** A question: does anything get from one set of nodes to another, but through a third? */
export interface FlowQuestion {
  readonly from: readonly number[];
  readonly to: BitSet;
  readonly through: BitSet;
}

export interface FlowPath {
  readonly kind: "path";
  /** The first is of `from`, the last of `to`; there are at least two. */
  readonly nodes: readonly number[];
  /** What each step needs. */
  readonly steps: readonly Ways[];
  /** A setting under which every step is possible; undefined where a value does not matter. */
  readonly assignment: Assignment;
}

export type FlowVerdict = FlowPath | ClosedCertificate;

/** Why a question was not decided. */
export class FlowSearchError extends Error {}

/** What a search from some nodes found. */
export interface Reached {
  /** The node before, -1 for one that `from` leads to at once, -2 for one not reached. */
  readonly parents: Int32Array;
  /** The nodes that were reached, nearest first. */
  readonly order: readonly number[];
  readonly firsts: ReadonlyMap<number, number>;
}

const NOT_REACHED = -2;

export class FlowSearch {
  readonly graph: FlowGraph;
  readonly conditions: Conditions;
  #cases = 0;

  constructor(graph: FlowGraph) {
    this.graph = graph;
    this.conditions = new Conditions(graph.policy);
  }

  /**
   * The shortest path, with a setting of the booleans that makes it possible, or the proof that
   * there is none under any setting.
   * @throws FlowSearchError when too many booleans would have to be told apart
   */
  decide(question: FlowQuestion, assignment: Assignment = this.conditions.open): FlowVerdict {
    this.#cases = 0;
    return this.#decide(question, assignment);
  }

  #decide(question: FlowQuestion, assignment: Assignment): FlowVerdict {
    if (++this.#cases > CASE_LIMIT_COUNT) {
      throw new FlowSearchError(
        `the answer depends on more than ${CASE_LIMIT_COUNT} settings of the booleans`,
      );
    }
    const reached = this.reach(question, assignment);
    const goal = reached.order.at(-1);
    if (goal === undefined || !question.to.has(goal)) {
      return { kind: "closed", nodes: [...reached.order].sort((one, other) => one - other) };
    }
    const nodes = pathTo(reached, goal);
    const steps = this.stepsOf(nodes);
    const needed = all(steps.map((ways) => this.#openWays(ways, assignment)));
    const setting = this.conditions.satisfy(needed, assignment);
    if (setting !== undefined) return { kind: "path", nodes, steps, assignment: setting };
    const boolean = this.#undecided(steps, assignment);
    const whenTrue = this.#decide(question, withBoolean(assignment, boolean, true));
    const whenFalse = this.#decide(question, withBoolean(assignment, boolean, false));
    if (whenTrue.kind !== "path" && whenFalse.kind !== "path") {
      return { kind: "split", boolean, whenTrue, whenFalse };
    }
    if (whenTrue.kind !== "path") return whenFalse;
    if (whenFalse.kind !== "path") return whenTrue;
    return whenTrue.nodes.length <= whenFalse.nodes.length ? whenTrue : whenFalse;
  }

  #openWays(ways: Ways, assignment: Assignment): Ways {
    return ways.filter((way) => this.conditions.isOpen([way], assignment));
  }

  /** A boolean that the steps depend on and that is not decided yet. */
  #undecided(steps: readonly Ways[], assignment: Assignment): number {
    const named = steps.flat(2).flatMap((variant) => this.conditions.booleansOf(variant));
    const open = named.find((boolean) => assignment[boolean] === undefined);
    if (open === undefined) throw new FlowSearchError("a path contradicts itself");
    return open;
  }

  /** What each step of a path needs. */
  stepsOf(nodes: readonly number[]): Ways[] {
    return nodes
      .slice(1)
      .map((to, index) => any(this.graph.reasons(nodes[index], to).map(({ ways }) => ways)));
  }

  /**
   * Everything that something in `from` reaches in one step or more, not entering `through`; stops
   * at the first node of `to`, which then is the last in `order`.
   */
  reach(question: FlowQuestion, assignment: Assignment, reverse = false): Reached {
    const { graph } = this;
    const parents = new Int32Array(graph.nodeCount).fill(NOT_REACHED);
    const order: number[] = [];
    const firsts = new Map<number, number>();
    const seeds = new Set(question.from);
    const expanded = new BitSet(graph.nodeCount);
    const query = this.#query(assignment, reverse, (node) => {
      return parents[node] === NOT_REACHED && !question.through.has(node);
    });
    const queue = [...seeds];
    for (let at = 0; at < queue.length; at++) {
      const node = queue[at];
      if (expanded.has(node)) continue;
      expanded.add(node);
      const isSeed = at < seeds.size;
      let goal = -1;
      graph.expand(node, query, (to) => {
        if (goal !== -1 || !query.wants(to)) return;
        parents[to] = isSeed ? -1 : node;
        if (isSeed) firsts.set(to, node);
        order.push(to);
        queue.push(to);
        if (question.to.has(to)) goal = to;
      });
      if (goal !== -1) break;
    }
    return { parents, order, firsts };
  }

  #query(assignment: Assignment, reverse: boolean, wants: Query["wants"]): Query {
    const { policy } = this.graph;
    const usable = new Uint8Array(policy.conditionals.length * 2 + 1);
    for (let variant = 0; variant < usable.length; variant++) {
      usable[variant] = this.conditions.holds(variant, assignment) === false ? 0 : 1;
    }
    return { usable, reverse, seen: nothingSeen(policy), wants };
  }
}

/** The path to a node that was reached, from a node of `from` on. */
export function pathTo({ parents, firsts }: Reached, goal: number): number[] {
  const path: number[] = [goal];
  for (let node = goal; ; ) {
    const parent = parents[node];
    if (parent === -1) {
      path.unshift(firsts.get(node) ?? node);
      return path;
    }
    path.unshift(parent);
    node = parent;
  }
}
