/** Writes a question about flow out as plain data: all nodes, all edges, with what each needs. */

import type { FlowProblem, ProblemEdge } from "./certificate.ts";
import { any } from "./conditions.ts";
import { nothingSeen, type Query } from "./flow-expand.ts";
import type { FlowGraph } from "./flow-graph.ts";
import type { FlowQuestion } from "./flow-search.ts";

/** All edges of a graph; kept, because each question needs them. */
export class EdgeList {
  readonly #graph: FlowGraph;
  readonly #edges: (readonly ProblemEdge[] | undefined)[] = [];

  constructor(graph: FlowGraph) {
    this.#graph = graph;
  }

  /** The edges that leave a node. */
  from(node: number): readonly ProblemEdge[] {
    const known = this.#edges[node];
    if (known !== undefined) return known;
    const { policy } = this.#graph;
    const targets = new Set<number>();
    const query: Query = {
      usable: new Uint8Array(policy.conditionals.length * 2 + 1).fill(1),
      reverse: false,
      seen: nothingSeen(policy),
      wants: (to) => !targets.has(to),
    };
    this.#graph.expand(node, query, (to) => targets.add(to));
    const edges = [...targets].map((to) => ({
      from: node,
      to,
      ways: any(this.#graph.reasons(node, to).map(({ ways }) => ways)),
    }));
    this.#edges[node] = edges;
    return edges;
  }

  /** The edges that leave any of some nodes. */
  fromAll(nodes: Iterable<number>): ProblemEdge[] {
    const edges: ProblemEdge[] = [];
    for (const node of nodes) edges.push(...this.from(node));
    return edges;
  }

  /** A question with all nodes and edges. */
  problem(question: FlowQuestion): FlowProblem {
    const all = Array.from({ length: this.#graph.nodeCount }, (_, node) => node);
    return { ...this.#frame(question), edges: this.fromAll(all) };
  }

  /** A question with the edges that leave `nodes`: all that a certificate about them needs. */
  partialProblem(question: FlowQuestion, nodes: Iterable<number>): FlowProblem {
    return { ...this.#frame(question), edges: this.fromAll(new Set([...question.from, ...nodes])) };
  }

  #frame({ from, to, through }: FlowQuestion): Omit<FlowProblem, "edges"> {
    const { policy } = this.#graph;
    return {
      nodes: Array.from({ length: this.#graph.nodeCount }, (_, node) => this.#graph.text(node)),
      booleans: policy.booleans.map(({ name }) => name),
      conditions: policy.conditionals.map(({ expression }) => expression),
      from,
      to: to.toArray(),
      through: through.toArray(),
    };
  }
}
