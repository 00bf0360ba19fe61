/**
 * The graph of information flow. Its nodes are types (where constraints tell users and roles
 * apart: contexts) and parts of objects, such as the console; an edge says that something can get
 * from one node to the next in one step. Edges are found when they are asked for, because a large
 * policy has millions.
 */

import type { Policy } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import { actingTypes } from "./acting.ts";
import { type Compound, compounds } from "./compounds.ts";
import { Contexts } from "./contexts.ts";
import { type DirectionMap, readDirectionMap } from "./direction-map.ts";
import { FlowExpansion, type Query } from "./flow-expand.ts";
import { FlowReasons, type Reason } from "./flow-reasons.ts";
import { Grants } from "./grants.ts";
import { DerivedLabels } from "./labels.ts";
import { Lanes, type PartTable } from "./lanes.ts";

export type { GrantUse, Reason } from "./flow-reasons.ts";

export class FlowGraph {
  readonly policy: Policy;
  readonly map: DirectionMap;
  readonly grants: Grants;
  readonly contexts: Contexts;
  readonly labels: DerivedLabels;
  /** For each type, 1 if a domain can have it; 1 if the hypervisor itself may have it too. */
  readonly domains: Uint8Array;
  readonly acts: Uint8Array;
  readonly lanes: Lanes;
  readonly compounds: readonly Compound[];
  readonly reasonsFor: FlowReasons;
  readonly #expansion: FlowExpansion;

  constructor(relation: AccessRelation, map: DirectionMap = readDirectionMap()) {
    this.policy = relation.policy;
    this.map = map;
    this.grants = new Grants(relation);
    this.lanes = new Lanes(this.policy.classes, map);
    const masks = this.policy.classes.map(({ name, permissions }) =>
      permissions.reduce((mask, permission, bit) => {
        return map.of(name, permission).flow === "none" ? mask : mask | (1 << bit);
      }, 0),
    );
    this.contexts = new Contexts(this.policy, masks);
    this.labels = new DerivedLabels(this.policy);
    const { domains, acts } = actingTypes(this.grants);
    this.domains = domains;
    this.acts = acts;
    this.compounds = compounds(this);
    this.reasonsFor = new FlowReasons(this);
    this.#expansion = new FlowExpansion(this);
  }

  /** Names of the parts of objects. */
  get parts(): PartTable {
    return this.lanes.parts;
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

  /** All nodes of an object with its parts; of a domain, not what parts a rule gives its label. */
  nodesWithParts(type: number): number[] {
    const nodes = this.nodesOf(type);
    return this.domains[type] === 1 ? nodes : [...nodes, ...this.partsOf(type)];
  }

  /** The nodes of a type's parts that some rule speaks of. */
  partsOf(type: number): number[] {
    return this.#expansion.partsOf(type);
  }

  /** Calls back for the nodes that one step leads to (or from, in reverse), at least those wanted.
   *  */
  expand(node: number, query: Query, visit: (to: number) => void): void {
    this.#expansion.expand(node, query, visit);
  }

  /** Every way in which something gets from one node to another in one step. */
  reasons(from: number, to: number): Reason[] {
    return this.reasonsFor.all(from, to);
  }
}

/** Numbers of the bits that are set. */
export function bitsOf(mask: number): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < 32; bit++) if (((mask >>> bit) & 1) === 1) bits.push(bit);
  return bits;
}
