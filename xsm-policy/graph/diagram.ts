/** What is drawn: domains and objects, and what gets from one to another in one step. */

import type { FlowGraph, Reason } from "../analysis/flow-graph.ts";
import { EdgeList } from "../analysis/problem.ts";
import { type Means, meansOf } from "./means.ts";

export type NodeKind =
  /** A label that a domain can run under. */
  | "domain"
  /** A label that exists before any domain: the hypervisor, devices, what has no label. */
  | "system"
  /** A part of the machine that some write and others read. */
  | "object";

export interface DiagramNode {
  readonly id: string;
  readonly name: string;
  readonly kind: NodeKind;
}

/** One means by which something moves along a line. */
export interface LineMeans {
  readonly class: string;
  readonly means: Means;
  /** From the line's first end to its second, and back. */
  readonly forward: boolean;
  readonly backward: boolean;
  /** It depends on booleans. */
  readonly conditional: boolean;
  readonly permissions: readonly string[];
}

/** Everything that moves between two nodes in one step. */
export interface DiagramLine {
  readonly first: string;
  readonly second: string;
  readonly means: readonly LineMeans[];
  /** One of the two is a part of the machine. */
  readonly reachesObject: boolean;
}

export interface Diagram {
  readonly nodes: readonly DiagramNode[];
  readonly lines: readonly DiagramLine[];
}

export interface DiagramOptions {
  /** Types to draw; all that a domain or an initial SID has when absent. */
  readonly types?: ReadonlySet<number>;
  /** Classes whose flows are drawn; all when absent. */
  readonly classes?: ReadonlySet<string>;
}

/** Largest number of types in a drawing: more are no picture. */
export const MAX_TYPES = 150;

/** A drawing would have too many types. */
export class TooManyTypes extends Error {}

/**
 * The diagram of a policy's flows. Objects appear when they carry something from one node to
 * another; nodes without a line appear only when they were asked for.
 * @throws TooManyTypes when a choice has to be made
 */
export function buildDiagram(graph: FlowGraph, options: DiagramOptions = {}): Diagram {
  const types = drawnTypes(graph, options);
  if (types.length > MAX_TYPES) {
    throw new TooManyTypes(`${types.length} types are too many to draw; at most ${MAX_TYPES} are`);
  }
  const nodes = new NodeNames(graph, new Set(types));
  const lines = new Map<string, LineBuilder>();
  const edges = new EdgeList(graph);
  for (const node of nodes.all()) {
    for (const { to } of edges.from(node)) {
      const [from, goal] = [nodes.id(node), nodes.id(to)];
      if (from === undefined || goal === undefined || from === goal) continue;
      const isForward = from < goal;
      const [first, second] = isForward ? [from, goal] : [goal, from];
      const key = `${first}\n${second}`;
      const reachesObject = [node, to].some((each) => graph.place(each).part !== -1);
      const line = lines.get(key) ?? new LineBuilder(graph, { first, second, reachesObject });
      lines.set(key, line);
      for (const reason of graph.reasons(node, to)) line.add(reason, isForward, options.classes);
    }
  }
  const all = [...lines.values()]
    .map((line) => line.finish())
    .filter((line) => line.means.length > 0);
  return prune(nodes.nodes(), all, options.types !== undefined);
}

function drawnTypes(graph: FlowGraph, { types }: DiagramOptions): number[] {
  const all = [...graph.policy.types.keys()];
  if (types !== undefined) return all.filter((type) => types.has(type));
  return all.filter((type) => isLabel(graph, type));
}

/** Whether something can have a type as its own label. */
export function isLabel(graph: FlowGraph, type: number): boolean {
  return graph.acts[type] === 1 && !graph.isHidden(type);
}

/** Drops objects that carry nothing, and what then has no line. */
function prune(
  nodes: readonly DiagramNode[],
  lines: readonly DiagramLine[],
  keepsTypes: boolean,
): Diagram {
  const carriers = new Set(
    nodes.filter(({ id, kind }) => kind !== "object" || carries(id, lines)).map(({ id }) => id),
  );
  const kept = lines.filter(({ first, second }) => carriers.has(first) && carriers.has(second));
  const touched = new Set(kept.flatMap(({ first, second }) => [first, second]));
  const isDrawn = ({ id, kind }: DiagramNode): boolean =>
    touched.has(id) || (keepsTypes && kind !== "object");
  return {
    nodes: nodes.filter(isDrawn).sort(byId),
    lines: [...kept].sort(
      (one, other) => order(one.first, other.first) || order(one.second, other.second),
    ),
  };
}

/** Whether something arrives at a node from one side and leaves it to another. */
function carries(id: string, lines: readonly DiagramLine[]): boolean {
  const arrives = new Set<string>();
  const leaves = new Set<string>();
  for (const { first, second, means } of lines) {
    if (first !== id && second !== id) continue;
    const other = first === id ? second : first;
    const outward = means.some((each) => (first === id ? each.forward : each.backward));
    const inward = means.some((each) => (first === id ? each.backward : each.forward));
    if (inward) arrives.add(other);
    if (outward) leaves.add(other);
  }
  return [...arrives].some((one) => [...leaves].some((other) => other !== one));
}

/** The graph's nodes by the names under which they are drawn: colours of a type are one. */
class NodeNames {
  readonly #graph: FlowGraph;
  readonly #types: ReadonlySet<number>;

  constructor(graph: FlowGraph, types: ReadonlySet<number>) {
    this.#graph = graph;
    this.#types = types;
  }

  /** Numbers of all nodes of the types. */
  *all(): Generator<number> {
    for (const type of this.#types) {
      yield* this.#graph.nodesOf(type);
      yield* this.#graph.partsOf(type).filter((node) => this.id(node) !== undefined);
    }
  }

  /** The name of a node; undefined if it is not drawn. */
  id(node: number): string | undefined {
    const { type, part } = this.#graph.place(node);
    if (!this.#types.has(type)) return undefined;
    const { name } = this.#graph.policy.types[type];
    if (part === -1) return name;
    const partName = this.#graph.parts.name(part);
    return this.#graph.map.open.has(partName) ? undefined : `${name} (${partName})`;
  }

  nodes(): DiagramNode[] {
    const found = new Map<string, DiagramNode>();
    for (const node of this.all()) {
      const id = this.id(node);
      if (id !== undefined) found.set(id, { id, name: id, kind: this.#kind(node) });
    }
    return [...found.values()];
  }

  #kind(node: number): NodeKind {
    const { type, part } = this.#graph.place(node);
    if (part !== -1) return "object";
    const { initialSids } = this.#graph.policy;
    const isSystem = initialSids.some(
      ({ name, context }) => context?.type === type && !/^dom(0|U|DM)$/.test(name),
    );
    return isSystem ? "system" : "domain";
  }
}

/** Collects what moves between two nodes. */
class LineBuilder {
  readonly #graph: FlowGraph;
  readonly #ends: Omit<DiagramLine, "means">;
  readonly #byClass = new Map<string, { -readonly [Key in keyof LineMeans]: LineMeans[Key] }>();

  constructor(graph: FlowGraph, ends: Omit<DiagramLine, "means">) {
    this.#graph = graph;
    this.#ends = ends;
  }

  add({ uses, ways }: Reason, isForward: boolean, classes: ReadonlySet<string> | undefined): void {
    const [use] = uses;
    if (use === undefined) return;
    const { name, permissions } = this.#graph.policy.classes[use.class];
    if (classes !== undefined && !classes.has(name)) return;
    const known = this.#byClass.get(name) ?? {
      class: name,
      means: meansOf(name),
      forward: false,
      backward: false,
      conditional: true,
      permissions: [],
    };
    if (isForward) known.forward = true;
    else known.backward = true;
    if (ways.some((way) => way.length === 0)) known.conditional = false;
    const permission = permissions[use.permission];
    known.permissions = [...new Set([...known.permissions, permission])].sort(order);
    this.#byClass.set(name, known);
  }

  /** A line that goes one way begins where the flow does. */
  finish(): DiagramLine {
    const means = [...this.#byClass.values()].sort((one, other) => order(one.class, other.class));
    if (means.some(({ forward }) => forward)) {
      return { ...this.#ends, means };
    }
    const turned = means.map((each) => ({ ...each, forward: true, backward: false }));
    const { first, second } = this.#ends;
    return { ...this.#ends, first: second, second: first, means: turned };
  }
}

function byId(one: DiagramNode, other: DiagramNode): number {
  return order(one.id, other.id);
}

function order(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
