/** Tells how something gets from one node to the next, down to the rules and their lines. */

import type { Assignment, Ways } from "./conditions.ts";
import { Conditions } from "./conditions.ts";
import type { FlowGraph } from "./flow-graph.ts";
import type { GrantUse, Reason } from "./flow-reasons.ts";
import { Provenance, type RuleOrigin } from "./provenance.ts";

/** A permission that a step uses, and the rules that grant it. */
export interface GrantReport {
  readonly source: string;
  readonly target: string;
  readonly class: string;
  readonly permissions: readonly string[];
  readonly rules: readonly RuleOrigin[];
}

/** One step of a flow. */
export interface StepReport {
  readonly from: string;
  readonly to: string;
  /** What kind of step it is, in words. */
  readonly means: string;
  /** The calls that move the information. */
  readonly operations: readonly string[];
  /** Why the permission moves information this way. */
  readonly reason: string;
  /** All that must be granted; the first is what moves the information. */
  readonly grants: readonly GrantReport[];
  /** Other permissions that would do instead. */
  readonly alternatives: readonly string[];
}

const MEANS: Readonly<Record<Reason["kind"], string>> = {
  write: "writes to",
  read: "is read by",
  channel: "signals by event channel",
  argo: "sends by Argo to",
  relabel: "is relabelled to",
  open: "is open to",
};

export class Witnesses {
  readonly #graph: FlowGraph;
  readonly #provenance: Provenance;
  readonly #conditions: Conditions;

  constructor(graph: FlowGraph) {
    this.#graph = graph;
    this.#provenance = new Provenance(graph.grants.relation);
    this.#conditions = new Conditions(graph.policy);
  }

  /** The steps of a path, as they are possible under a setting. */
  steps(nodes: readonly number[], assignment: Assignment): StepReport[] {
    return nodes.slice(1).map((to, index) => this.step(nodes[index], to, assignment));
  }

  /** One step; of several reasons, the one that needs least is told in full. */
  step(from: number, to: number, assignment: Assignment): StepReport {
    const possible = this.#graph
      .reasons(from, to)
      .filter(({ ways }) => this.#conditions.isOpen(ways, assignment));
    const [chosen, ...others] = [...possible].sort(
      (one, other) => need(one.ways) - need(other.ways) || one.uses.length - other.uses.length,
    );
    const direction = chosen.uses.length === 0 ? undefined : this.#direction(chosen.uses[0]);
    return {
      from: this.#graph.text(from),
      to: this.#graph.text(to),
      means: MEANS[chosen.kind],
      operations: direction?.operations.map(({ name }) => name) ?? [],
      reason: direction?.reason ?? "every domain reads it unasked",
      grants: chosen.uses.map((use) => this.grant(use)),
      alternatives: [...new Set(others.map((reason) => this.#shortName(reason)))],
    };
  }

  #direction({ class: index, permission }: GrantUse) {
    const { name, permissions } = this.#graph.policy.classes[index];
    return this.#graph.map.of(name, permissions[permission]);
  }

  /** `event send`: what moves the information. */
  #shortName({ uses, kind }: Reason): string {
    if (uses.length === 0) return kind;
    const { name, permissions } = this.#graph.policy.classes[uses[0].class];
    return `${name} ${permissions[uses[0].permission]}`;
  }

  /** A grant with the rules that give it. */
  grant({ source, target, class: index, permission }: GrantUse): GrantReport {
    const { policy } = this.#graph;
    const mask = (1 << permission) >>> 0;
    return {
      source: policy.types[source].name,
      target: policy.types[target].name,
      class: policy.classes[index].name,
      permissions: [policy.classes[index].permissions[permission]],
      rules: this.#provenance.rules(source, target, index, mask),
    };
  }

  /** Short names of everything that moves something from one node to another. */
  means(from: number, to: number): string[] {
    return [...new Set(this.#graph.reasons(from, to).map((reason) => this.#shortName(reason)))];
  }
}

/** Conditions that the easiest way needs. */
function need(ways: Ways): number {
  return Math.min(...ways.map((way) => way.length));
}
