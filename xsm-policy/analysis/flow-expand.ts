/** Finds the edges of the flow graph from a node on, in time that grows with the rules alone. */

import { BitSet } from "../compiler/bits.ts";
import type { Policy } from "../compiler/policy.ts";
import type { Ways } from "./conditions.ts";
import type { FlowGraph } from "./flow-graph.ts";

/** What an entry of the relation moves: the whole target, unconstrained; or something else. */
const PLAIN_WRITE = 1;
const PLAIN_READ = 2;
const SPECIAL = 4;

/** How a search looks at the graph. */
export interface Query {
  /** For each condition's variant number, 1 unless the setting rules it out. */
  readonly usable: Uint8Array;
  /** Edges against their direction. */
  readonly reverse: boolean;
  /** What the search has done with each key, so that it does it once. */
  readonly seen: SeenKeys;
  /** Whether a visit to a node would be news. */
  readonly wants: (node: number) => boolean;
}

/** For each key, 1 for what need not be done again. Holds where no constraint has a say. */
export interface SeenKeys {
  /** The rules of this source were followed; the rules about this target were. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** The key's types were visited as targets, as wholes; its acting types as sources. */
  readonly targets: Uint8Array;
  readonly sources: Uint8Array;
}

/** The record of a search that begins. */
export function nothingSeen({ types, attributes }: Policy): SeenKeys {
  const fresh = (): Uint8Array => new Uint8Array(types.length + attributes.length);
  return { from: fresh(), to: fresh(), targets: fresh(), sources: fresh() };
}

export class FlowExpansion {
  readonly #graph: FlowGraph;
  #flags: Uint8Array | undefined;
  #partNodes: BitSet | undefined;
  readonly #targetNodes: (readonly number[] | undefined)[] = [];
  readonly #sourceNodes: (readonly number[] | undefined)[] = [];

  constructor(graph: FlowGraph) {
    this.#graph = graph;
  }

  /** Calls back for the nodes that one step leads to (or from, in reverse), at least those wanted.
   *  */
  expand(node: number, query: Query, visit: (to: number) => void): void {
    const graph = this.#graph;
    const { type, colour, part } = graph.place(node);
    if (part !== -1) {
      this.#expandToPart(node, query, visit);
      this.#expandOpen(part, query, visit);
      return;
    }
    if (graph.acts[type] === 1) {
      this.#expandFrom(type, colour, query, visit);
      if (query.reverse) this.#expandToOpen(query, visit);
    }
    if (!graph.isHidden(type)) this.#expandTo(type, colour, query, visit);
    this.#expandViews(type, colour, query, visit);
    for (const compound of graph.compounds) {
      for (const other of compound.candidates(type, query.reverse)) {
        for (const to of graph.nodesOf(other)) {
          if (!query.wants(to)) continue;
          const [from, goal] = query.reverse ? [to, node] : [node, to];
          const reasons = graph.reasonsFor.byCompound(compound, from, goal);
          if (reasons.some(({ ways }) => isUsable(ways, query.usable))) visit(to);
        }
      }
    }
  }

  /** Along what `type` itself may do to others. */
  #expandFrom(type: number, colour: number, query: Query, visit: (to: number) => void): void {
    const graph = this.#graph;
    const { relation } = graph.grants;
    const { table } = relation;
    const { from, targets } = query.seen;
    const plain = query.reverse ? PLAIN_READ : PLAIN_WRITE;
    const ways = this.#entryWays();
    for (const key of relation.keysOf(type)) {
      const isFresh = from[key] === 0;
      from[key] = 1;
      const entries = relation.entriesFrom(key);
      for (let index = 0; index < entries.length; index++) {
        const entry = entries[index];
        const flags = ways[entry];
        if ((flags & SPECIAL) !== 0) this.#expandSpecial(entry, type, colour, query, visit);
        if ((flags & plain) === 0 || !isFresh) continue;
        const target = table.pairs[entry] & 0xffff;
        if (targets[target] === 1 || query.usable[table.variant(entry)] === 0) continue;
        targets[target] = 1;
        for (const to of this.#nodesOfKey(target, -1)) if (query.wants(to)) visit(to);
      }
    }
  }

  /** Along an entry about parts of objects, or one that a constraint restricts. */
  #expandSpecial(
    entry: number,
    type: number,
    colour: number,
    query: Query,
    visit: (to: number) => void,
  ): void {
    const graph = this.#graph;
    const { table } = graph.grants.relation;
    if (query.usable[table.variant(entry)] === 0) return;
    const classIndex = table.class(entry);
    const constrained = graph.grants.constrained[classIndex];
    for (const { part, read, write } of graph.lanes.byClass[classIndex]) {
      const moved = table.values[entry] & (query.reverse ? read : write);
      const isFree = (moved & ~constrained) !== 0;
      // What is free and concerns the whole target is no special case.
      if (moved === 0 || (isFree && part === -1)) continue;
      for (const to of this.#nodesOfKey(table.target(entry), part)) {
        if (!query.wants(to)) continue;
        if (isFree || graph.reasonsFor.mayAct(type, colour, to, classIndex, moved)) visit(to);
      }
    }
  }

  /** Along what others may do to `type`. */
  #expandTo(type: number, colour: number, query: Query, visit: (to: number) => void): void {
    const graph = this.#graph;
    const { relation } = graph.grants;
    const { table } = relation;
    const { to: seenTo, sources } = query.seen;
    const plain = query.reverse ? PLAIN_WRITE : PLAIN_READ;
    const ways = this.#entryWays();
    for (const key of relation.keysOf(type)) {
      const isFresh = seenTo[key] === 0;
      seenTo[key] = 1;
      const entries = graph.grants.entriesTo(key);
      for (let index = 0; index < entries.length; index++) {
        const entry = entries[index];
        const flags = ways[entry];
        if ((flags & SPECIAL) !== 0) {
          this.#expandActors(entry, graph.node(type, colour), query, visit);
        }
        if ((flags & plain) === 0 || !isFresh) continue;
        const source = table.pairs[entry] >>> 16;
        if (sources[source] === 1 || query.usable[table.variant(entry)] === 0) continue;
        sources[source] = 1;
        for (const to of this.#actingNodesOfKey(source)) if (query.wants(to)) visit(to);
      }
    }
  }

  /** Along what others may do to one part of a type. */
  #expandToPart(node: number, query: Query, visit: (to: number) => void): void {
    const graph = this.#graph;
    for (const key of graph.grants.relation.keysOf(graph.place(node).type)) {
      for (const entry of graph.grants.entriesTo(key)) {
        this.#expandActors(entry, node, query, visit);
      }
    }
  }

  /** To those whom an entry lets act on a node, so far as constraints leave it to them. */
  #expandActors(entry: number, node: number, query: Query, visit: (to: number) => void): void {
    const graph = this.#graph;
    const { table } = graph.grants.relation;
    const { part } = graph.place(node);
    const classIndex = table.class(entry);
    const lane = graph.lanes.of(classIndex, part);
    if (lane === undefined || query.usable[table.variant(entry)] === 0) return;
    const moved = table.values[entry] & (query.reverse ? lane.write : lane.read);
    if (moved === 0) return;
    const isFree = (moved & ~graph.grants.constrained[classIndex]) !== 0;
    for (const to of this.#actingNodesOfKey(table.source(entry))) {
      if (!query.wants(to)) continue;
      const { type, colour } = graph.place(to);
      if (isFree || graph.reasonsFor.mayAct(type, colour, node, classIndex, moved)) visit(to);
    }
  }

  /** For each entry of the relation: which way it moves information, and whether that is simple. */
  #entryWays(): Uint8Array {
    const graph = this.#graph;
    if (this.#flags !== undefined) return this.#flags;
    const { table } = graph.grants.relation;
    const flags = new Uint8Array(table.count);
    for (let entry = 0; entry < table.count; entry++) {
      const classIndex = table.class(entry);
      const value = table.values[entry];
      const free = value & ~graph.grants.constrained[classIndex];
      for (const { part, read, write } of graph.lanes.byClass[classIndex]) {
        if (part === -1 && (free & write) !== 0) flags[entry] |= PLAIN_WRITE;
        if (part === -1 && (free & read) !== 0) flags[entry] |= PLAIN_READ;
        const mayBeSpecial = part === -1 ? value & ~free : value;
        if ((mayBeSpecial & (read | write)) !== 0) flags[entry] |= SPECIAL;
      }
    }
    this.#flags = flags;
    return flags;
  }

  /** The nodes of a key's types as targets; labels that are only how domains are seen have none. */
  #nodesOfKey(key: number, part: number): readonly number[] {
    const graph = this.#graph;
    const known = part === -1 ? this.#targetNodes[key] : undefined;
    if (known !== undefined) return known;
    const types = graph.grants.relation.typesOf(key).filter((type) => !graph.isHidden(type));
    if (part !== -1) return types.map((type) => graph.partNode(type, part));
    const nodes = types.flatMap((type) => graph.nodesOf(type));
    this.#targetNodes[key] = nodes;
    return nodes;
  }

  /** The nodes of a key's types that can act. */
  #actingNodesOfKey(key: number): readonly number[] {
    const graph = this.#graph;
    const known = this.#sourceNodes[key];
    if (known !== undefined) return known;
    const types = graph.grants.relation.typesOf(key).filter((type) => graph.acts[type] === 1);
    const nodes = types.flatMap((type) => graph.nodesOf(type));
    this.#sourceNodes[key] = nodes;
    return nodes;
  }

  /** Between a device model and those that it serves, under the labels that it sees. */
  #expandViews(type: number, colour: number, query: Query, visit: (to: number) => void): void {
    const graph = this.#graph;
    const here = graph.node(type, colour);
    const others = [
      ...graph.labels.seenBy(type).map(({ owner }) => owner),
      ...graph.labels.viewsOf(type).map(({ viewer }) => viewer),
    ];
    for (const other of new Set(others)) {
      for (const to of graph.nodesOf(other)) {
        if (!query.wants(to)) continue;
        const [from, goal] = query.reverse ? [to, here] : [here, to];
        const reasons = graph.reasonsFor.byView(from, goal);
        if (reasons.some(({ ways }) => isUsable(ways, query.usable))) visit(to);
      }
    }
  }

  /** The nodes of a type's parts that some rule speaks of. */
  partsOf(type: number): number[] {
    const graph = this.#graph;
    return Array.from({ length: graph.parts.count }, (_, part) =>
      graph.partNode(type, part),
    ).filter((node) => this.#existingParts().has(node));
  }

  #existingParts(): BitSet {
    const graph = this.#graph;
    if (this.#partNodes !== undefined) return this.#partNodes;
    const found = new BitSet(graph.nodeCount);
    const { relation } = graph.grants;
    const { table } = relation;
    for (let entry = 0; entry < table.count; entry++) {
      if (this.#actingNodesOfKey(table.source(entry)).length === 0) continue;
      for (const { part, read, write } of graph.lanes.byClass[table.class(entry)]) {
        if (part === -1 || (table.values[entry] & (read | write)) === 0) continue;
        for (const type of relation.typesOf(table.target(entry))) {
          found.add(graph.partNode(type, part));
        }
      }
    }
    this.#partNodes = found;
    return found;
  }

  /** From a part that every domain reads unasked. */
  #expandOpen(part: number, query: Query, visit: (to: number) => void): void {
    const graph = this.#graph;
    if (query.reverse || !graph.map.open.has(graph.parts.name(part))) return;
    for (let type = 0; type < graph.typeCount; type++) {
      if (graph.acts[type] === 1) for (const to of graph.nodesOf(type)) visit(to);
    }
  }

  #expandToOpen(query: Query, visit: (to: number) => void): void {
    const graph = this.#graph;
    for (const part of graph.parts.named(graph.map.open)) {
      for (let type = 0; type < graph.typeCount; type++) {
        const to = graph.partNode(type, part);
        if (this.#existingParts().has(to) && query.wants(to)) visit(to);
      }
    }
  }
}

function isUsable(ways: Ways, usable: Uint8Array): boolean {
  return ways.some((way) => way.every((variant) => usable[variant] === 1));
}
