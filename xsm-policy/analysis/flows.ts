/** Who can reach whom: the shortest way for each pair, nearest first. */

import { BitSet } from "../compiler/bits.ts";
import { ContextError, contextFromText } from "../compiler/context-text.ts";
import { didYouMean } from "../compiler/suggest.ts";
import { ALWAYS, type Assignment, all, type Ways } from "./conditions.ts";
import type { FlowGraph } from "./flow-graph.ts";
import { type FlowQuestion, FlowSearch, pathTo, type Reached } from "./flow-search.ts";

/** A way from one node to another. */
export interface Flow {
  readonly nodes: readonly number[];
  /** A setting of the booleans under which every step is possible. */
  readonly assignment: Assignment;
}

/** A name that is no type, attribute or context of the policy. */
export class UnknownNodeError extends Error {}

/**
 * The nodes that a name means: of a type, of an attribute's types, or of one full context.
 * @throws UnknownNodeError
 */
export function nodesNamed(graph: FlowGraph, name: string): number[] {
  const { policy } = graph;
  if (name.includes(":")) return nodesOfContext(graph, name);
  const type = policy.types.findIndex((each) => each.name === name || each.aliases.includes(name));
  const attribute = policy.attributes.find((each) => each.name === name);
  const types = type === -1 ? attribute?.types : [type];
  if (types === undefined) {
    const hint = didYouMean(
      name,
      [...policy.types, ...policy.attributes].map((each) => each.name),
    );
    const advice = hint === undefined ? "" : `; ${hint}`;
    throw new UnknownNodeError(`unknown type or attribute '${name}'${advice}`);
  }
  const real = types.filter((each) => !graph.isHidden(each));
  return (real.length === 0 ? types : real).flatMap((each) => graph.nodesWithParts(each));
}

function nodesOfContext(graph: FlowGraph, name: string): number[] {
  try {
    const { type, user, role } = contextFromText(graph.policy, name);
    return graph.contexts.coloursOf(type).flatMap((colour) => {
      const own = graph.contexts.colours[colour];
      const isMeant = !graph.contexts.areColoured || (own.user === user && own.role === role);
      return isMeant ? [graph.node(type, colour)] : [];
    });
  } catch (failure) {
    if (!(failure instanceof ContextError)) throw failure;
    throw new UnknownNodeError(failure.message);
  }
}

/**
 * The shortest flow from some nodes to each node that they reach; with `reverse`, to them from
 * each node that reaches them. Nearest first.
 */
export function flowsAround(
  graph: FlowGraph,
  nodes: readonly number[],
  through: BitSet,
  { reverse = false, assignment }: { reverse?: boolean; assignment?: Assignment } = {},
): Flow[] {
  const search = new FlowSearch(graph);
  const setting = assignment ?? search.conditions.open;
  const question: FlowQuestion = { from: nodes, to: new BitSet(), through };
  const reached = search.reach(question, setting, reverse);
  const needs = new PathNeeds(search, reached, reverse);
  const flows: Flow[] = [];
  for (const node of reached.order) {
    const possible = search.conditions.satisfy(needs.of(node), setting);
    if (possible !== undefined) {
      const path = pathTo(reached, node);
      flows.push({ nodes: reverse ? path.reverse() : path, assignment: possible });
      continue;
    }
    const ends = BitSet.of(reverse ? nodes : [node]);
    const decided = search.decide({ from: reverse ? [node] : nodes, to: ends, through }, setting);
    if (decided.kind === "path") flows.push(decided);
  }
  return flows.sort((one, other) => one.nodes.length - other.nodes.length);
}

/** What the path to each node needs, step by step along the tree of the search. */
class PathNeeds {
  readonly #search: FlowSearch;
  readonly #reached: Reached;
  readonly #reverse: boolean;
  readonly #known = new Map<number, Ways>();

  constructor(search: FlowSearch, reached: Reached, reverse: boolean) {
    this.#search = search;
    this.#reached = reached;
    this.#reverse = reverse;
  }

  /** What the path to a node needs. Nodes are asked for nearest first. */
  of(node: number): Ways {
    // Without conditions in the policy no path needs anything.
    if (this.#search.graph.policy.conditionals.length === 0) return ALWAYS;
    const parent = this.#reached.parents[node];
    const before = parent === -1 ? (this.#reached.firsts.get(node) ?? node) : parent;
    const step = this.#reverse ? [node, before] : [before, node];
    const needed = parent === -1 ? ALWAYS : (this.#known.get(parent) ?? ALWAYS);
    const ways = all([needed, ...this.#search.stepsOf(step)]);
    this.#known.set(node, ways);
    return ways;
  }
}

/** The nearest flow for each pair of types, where contexts are told apart. */
export function nearestByType(graph: FlowGraph, flows: readonly Flow[]): Flow[] {
  const nearest = new Map<string, Flow>();
  for (const flow of flows) {
    const { type: from, part: fromPart } = graph.place(flow.nodes[0]);
    const { type: to, part: toPart } = graph.place(flow.nodes[flow.nodes.length - 1]);
    const key = `${from} ${fromPart} ${to} ${toPart}`;
    if (!nearest.has(key)) nearest.set(key, flow);
  }
  return [...nearest.values()];
}
