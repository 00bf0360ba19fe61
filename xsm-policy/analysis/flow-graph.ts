/**
 * The graph of information flow. Its nodes are types (where constraints tell users and roles
 * apart: contexts) and parts of objects, such as the console; an edge says that something can get
 * from one node to the next in one step. Edges are found when they are asked for, because a large
 * policy has millions.
 */

import { BitSet } from "../compiler/bits.ts";
import type { Context, Policy } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import { actingTypes } from "./acting.ts";
import { type Compound, compounds } from "./compounds.ts";
import { ALWAYS, any, both, type Ways, waysOf } from "./conditions.ts";
import { Contexts } from "./contexts.ts";
import { type DirectionMap, readDirectionMap } from "./direction-map.ts";
import { Grants } from "./grants.ts";
import { DerivedLabels, type View } from "./labels.ts";
import { type Lane, lanesOf, PartTable } from "./lanes.ts";

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

export class FlowGraph {
  readonly policy: Policy;
  readonly map: DirectionMap;
  readonly grants: Grants;
  readonly contexts: Contexts;
  readonly labels: DerivedLabels;
  /** For each type, 1 if a domain can have it (or the hypervisor itself has). */
  readonly acts: Uint8Array;
  readonly parts: PartTable;
  readonly #lanes: readonly (readonly Lane[])[];
  /** For each class, its lanes by number of the part plus one. */
  readonly #laneByPart: readonly (readonly Lane[])[];
  readonly #compounds: readonly Compound[];
  #partNodes: BitSet | undefined;
  readonly #targetNodes: (readonly number[] | undefined)[] = [];
  readonly #sourceNodes: (readonly number[] | undefined)[] = [];

  constructor(relation: AccessRelation, map: DirectionMap = readDirectionMap()) {
    this.policy = relation.policy;
    this.map = map;
    this.grants = new Grants(relation);
    this.parts = new PartTable();
    this.#lanes = this.policy.classes.map((each) => lanesOf(each, map, this.parts));
    this.#laneByPart = this.#lanes.map((lanes) => {
      const byPart: Lane[] = [];
      for (const lane of lanes) byPart[lane.part + 1] = lane;
      return byPart;
    });
    const masks = this.policy.classes.map(({ name, permissions }) =>
      permissions.reduce((mask, permission, bit) => {
        return map.of(name, permission).flow === "none" ? mask : mask | (1 << bit);
      }, 0),
    );
    this.contexts = new Contexts(this.policy, masks);
    this.labels = new DerivedLabels(this.policy);
    this.acts = actingTypes(this.grants);
    this.#compounds = compounds(this);
  }

  get typeCount(): number {
    return this.policy.types.length;
  }

  get nodeCount(): number {
    return this.typeCount * (this.contexts.colours.length + this.parts.count);
  }

  /** The node of a type in one of its colours. */
  node(type: number, colour: number): number {
    return type * this.contexts.colours.length + colour;
  }

  /** The nodes of a type in all its colours. */
  nodesOf(type: number): number[] {
    return this.contexts.coloursOf(type).map((colour) => this.node(type, colour));
  }

  partNode(type: number, part: number): number {
    return this.typeCount * (this.contexts.colours.length + part) + type;
  }

  /** Type, colour and part (-1: the type as a whole) of a node. */
  place(node: number): { type: number; colour: number; part: number } {
    const colours = this.contexts.colours.length;
    const plain = this.typeCount * colours;
    if (node < plain) return { type: Math.floor(node / colours), colour: node % colours, part: -1 };
    const rest = node - plain;
    const part = Math.floor(rest / this.typeCount);
    return { type: rest % this.typeCount, colour: 0, part };
  }

  /** A node's name: `type`, `user:role:type`, or `type (part)`. */
  text(node: number): string {
    const { type, colour, part } = this.place(node);
    if (part === -1) return this.contexts.text(type, colour);
    return `${this.policy.types[type].name} (${this.parts.name(part)})`;
  }

  /** Whether a label is only how domains are seen: no domain has it as its own. */
  isHidden(type: number): boolean {
    return this.acts[type] === 0 && this.labels.isView(type);
  }

  /** Calls back for the nodes that one step leads to (or from, in reverse), at least those wanted. */
  expand(node: number, query: Query, visit: (to: number) => void): void {
    const { type, colour, part } = this.place(node);
    if (part !== -1) {
      this.#expandTo(type, colour, part, query, visit);
      this.#expandOpen(part, query, visit);
      return;
    }
    if (this.acts[type] === 1) {
      this.#expandFrom(type, colour, query, visit);
      if (query.reverse) this.#expandToOpen(query, visit);
    }
    if (!this.isHidden(type)) this.#expandTo(type, colour, -1, query, visit);
    this.#expandViews(type, colour, query, visit);
    for (const compound of this.#compounds) {
      for (const other of compound.candidates(type, query.reverse)) {
        for (const to of this.nodesOf(other)) {
          if (!query.wants(to)) continue;
          const [from, goal] = query.reverse ? [to, node] : [node, to];
          const reasons = this.#compoundReasons(compound, from, goal);
          if (reasons.some(({ ways }) => isUsable(ways, query.usable))) visit(to);
        }
      }
    }
  }

  /** Along what `type` itself may do to others. */
  #expandFrom(type: number, colour: number, query: Query, visit: (to: number) => void): void {
    const { relation, constrained } = this.grants;
    const { table } = relation;
    const { from, targets } = query.seen;
    for (const key of relation.keysOf(type)) {
      const isFresh = from[key] === 0;
      from[key] = 1;
      for (const entry of relation.entriesFrom(key)) {
        if (query.usable[table.variant(entry)] === 0) continue;
        const classIndex = table.class(entry);
        const target = table.target(entry);
        for (const lane of this.#lanes[classIndex]) {
          const moved = table.values[entry] & (query.reverse ? lane.read : lane.write);
          if (moved === 0) continue;
          const isFree = (moved & ~constrained[classIndex]) !== 0;
          if (isFree && (!isFresh || (lane.part === -1 && targets[target] === 1))) continue;
          if (isFree && lane.part === -1) targets[target] = 1;
          for (const to of this.#nodesOfKey(target, lane.part)) {
            if (!query.wants(to)) continue;
            if (isFree || this.#mayAct(type, colour, to, classIndex, moved)) visit(to);
          }
        }
      }
    }
  }

  /** Along what others may do to `type`, or to one part of it. */
  #expandTo(
    type: number,
    colour: number,
    part: number,
    query: Query,
    visit: (to: number) => void,
  ): void {
    const { relation, constrained } = this.grants;
    const { table } = relation;
    const { to: seenTo, sources } = query.seen;
    const here = part === -1 ? this.node(type, colour) : this.partNode(type, part);
    for (const key of relation.keysOf(type)) {
      const isFresh = part !== -1 || seenTo[key] === 0;
      if (part === -1) seenTo[key] = 1;
      for (const entry of this.grants.entriesTo(key)) {
        if (query.usable[table.variant(entry)] === 0) continue;
        const classIndex = table.class(entry);
        const source = table.source(entry);
        const lane = this.#laneByPart[classIndex][part + 1];
        if (lane === undefined) continue;
        const moved = table.values[entry] & (query.reverse ? lane.write : lane.read);
        if (moved === 0) continue;
        const isFree = (moved & ~constrained[classIndex]) !== 0;
        if (isFree && (!isFresh || sources[source] === 1)) continue;
        if (isFree) sources[source] = 1;
        for (const to of this.#actingNodesOfKey(source)) {
          if (!query.wants(to)) continue;
          const { type: actor, colour: other } = this.place(to);
          if (isFree || this.#mayAct(actor, other, here, classIndex, moved)) visit(to);
        }
      }
    }
  }

  /** The nodes of a key's types as targets; labels that are only how domains are seen have none. */
  #nodesOfKey(key: number, part: number): readonly number[] {
    const known = part === -1 ? this.#targetNodes[key] : undefined;
    if (known !== undefined) return known;
    const types = this.grants.relation.typesOf(key).filter((type) => !this.isHidden(type));
    if (part !== -1) return types.map((type) => this.partNode(type, part));
    const nodes = types.flatMap((type) => this.nodesOf(type));
    this.#targetNodes[key] = nodes;
    return nodes;
  }

  /** The nodes of a key's types that can act. */
  #actingNodesOfKey(key: number): readonly number[] {
    const known = this.#sourceNodes[key];
    if (known !== undefined) return known;
    const types = this.grants.relation.typesOf(key).filter((type) => this.acts[type] === 1);
    const nodes = types.flatMap((type) => this.nodesOf(type));
    this.#sourceNodes[key] = nodes;
    return nodes;
  }

  /** Whether the constraints leave some permission of `mask`, in any colour of a part's type. */
  #mayAct(
    source: number,
    colour: number,
    target: number,
    classIndex: number,
    mask: number,
  ): boolean {
    const from = this.contexts.context(source, colour);
    return this.#targetContexts(target).some((to) =>
      bitsOf(mask).some((bit) => this.grants.passes(from, to, classIndex, (1 << bit) >>> 0)),
    );
  }

  #targetContexts(node: number): Context[] {
    const { type, colour, part } = this.place(node);
    if (part === -1) return [this.contexts.context(type, colour)];
    return this.contexts.coloursOf(type).map((each) => this.contexts.context(type, each));
  }

  /** Between a device model and those that it serves, under the labels that it sees. */
  #expandViews(type: number, colour: number, query: Query, visit: (to: number) => void): void {
    const here = this.node(type, colour);
    const others = [
      ...this.labels.seenBy(type).map(({ owner }) => owner),
      ...this.labels.viewsOf(type).map(({ viewer }) => viewer),
    ];
    for (const other of new Set(others)) {
      for (const to of this.nodesOf(other)) {
        if (!query.wants(to)) continue;
        const [from, goal] = query.reverse ? [to, here] : [here, to];
        const reasons = this.#viewReasons(from, goal);
        if (reasons.some(({ ways }) => isUsable(ways, query.usable))) visit(to);
      }
    }
  }

  /** The nodes of a type's parts that some rule speaks of. */
  partsOf(type: number): number[] {
    return Array.from({ length: this.parts.count }, (_, part) => this.partNode(type, part)).filter(
      (node) => this.#existingParts().has(node),
    );
  }

  #existingParts(): BitSet {
    if (this.#partNodes !== undefined) return this.#partNodes;
    const found = new BitSet(this.nodeCount);
    const { relation } = this.grants;
    const { table } = relation;
    for (let entry = 0; entry < table.count; entry++) {
      for (const { part, read, write } of this.#lanes[table.class(entry)]) {
        if (part === -1 || (table.values[entry] & (read | write)) === 0) continue;
        for (const type of relation.typesOf(table.target(entry))) {
          found.add(this.partNode(type, part));
        }
      }
    }
    this.#partNodes = found;
    return found;
  }

  /** From a part that every domain reads unasked. */
  #expandOpen(part: number, query: Query, visit: (to: number) => void): void {
    if (query.reverse || !this.map.open.has(this.parts.name(part))) return;
    for (let type = 0; type < this.typeCount; type++) {
      if (this.acts[type] === 1) for (const to of this.nodesOf(type)) visit(to);
    }
  }

  #expandToOpen(query: Query, visit: (to: number) => void): void {
    for (const part of this.parts.named(this.map.open)) {
      for (let type = 0; type < this.typeCount; type++) {
        const to = this.partNode(type, part);
        if (this.#existingParts().has(to) && query.wants(to)) visit(to);
      }
    }
  }

  /** Every way in which something gets from one node to another in one step. */
  reasons(from: number, to: number): Reason[] {
    const start = this.place(from);
    const end = this.place(to);
    const found: Reason[] = [];
    if (start.part === -1 && this.acts[start.type] === 1 && !this.isHidden(end.type)) {
      found.push(...this.#simpleReasons(from, to, start.type, end.type, end.part, "write", ALWAYS));
    }
    if (end.part === -1 && this.acts[end.type] === 1 && !this.isHidden(start.type)) {
      const { type, part } = start;
      found.push(...this.#simpleReasons(to, from, end.type, type, part, "read", ALWAYS));
    }
    if (start.part !== -1 && this.map.open.has(this.parts.name(start.part)) && end.part === -1) {
      if (this.acts[end.type] === 1) found.push({ kind: "open", uses: [], ways: ALWAYS });
    }
    if (start.part !== -1 || end.part !== -1) return found;
    found.push(...this.#viewReasons(from, to));
    for (const compound of this.#compounds) found.push(...this.#compoundReasons(compound, from, to));
    return found;
  }

  #compoundReasons(compound: Compound, from: number, to: number): Reason[] {
    const start = this.place(from);
    const end = this.place(to);
    if (this.acts[start.type] === 0 || this.acts[end.type] === 0) return [];
    return compound.reasons(start, end).filter(({ ways }) => ways.length > 0);
  }

  #viewReasons(from: number, to: number): Reason[] {
    const start = this.place(from);
    const end = this.place(to);
    const found: Reason[] = [];
    const add = (view: View, viewer: number, owner: number, flow: "write" | "read"): void => {
      if (this.acts[view.viewer] === 0) return;
      const { label, ways } = view;
      found.push(...this.#simpleReasons(viewer, owner, view.viewer, label, -1, flow, ways));
    };
    for (const view of this.labels.seenBy(start.type)) {
      if (view.owner === end.type) add(view, from, to, "write");
    }
    for (const view of this.labels.seenBy(end.type)) {
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
    const found = new Map<number, Reason>();
    const from = this.contexts.context(source, this.place(actor).colour);
    const targets = this.#targetContexts(object).map((context) => ({ ...context, type: label }));
    for (const cell of this.grants.cells(source, label)) {
      const lane = this.#laneByPart[cell.class][part + 1];
      for (const bit of bitsOf(lane === undefined ? 0 : cell.mask & lane[flow])) {
        const mask = (1 << bit) >>> 0;
        const passes = targets.some((to) => this.grants.passes(from, to, cell.class, mask));
        if (!passes) continue;
        const uses = [{ source, target: label, class: cell.class, permission: bit }];
        const key = cell.class * 32 + bit;
        const ways = any([found.get(key)?.ways ?? [], both(needed, waysOf(cell.variant))]);
        found.set(key, { kind: flow, uses, ways });
      }
    }
    return [...found.values()].filter(({ ways }) => ways.length > 0);
  }
}

function isUsable(ways: Ways, usable: Uint8Array): boolean {
  return ways.some((way) => way.every((variant) => usable[variant] === 1));
}

/** Numbers of the bits that are set. */
export function bitsOf(mask: number): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < 32; bit++) if (((mask >>> bit) & 1) === 1) bits.push(bit);
  return bits;
}
