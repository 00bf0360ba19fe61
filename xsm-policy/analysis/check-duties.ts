/** Verdicts on separation of duty: that no domain may do both of two things. */

import type { BitSet } from "../compiler/bits.ts";
import { ALWAYS, any, both, Conditions, either, type Ways, waysOf } from "./conditions.ts";
import { bitsOf, type FlowGraph } from "./flow-graph.ts";
import type { ResolvedAccess } from "./promise-sets.ts";
import type { Provenance } from "./provenance.ts";
import type { Verdict, Violation } from "./verdict.ts";
import type { GrantReport } from "./witness.ts";

/** Types that break a promise and are told in full. */
const SHOWN_VIOLATIONS = 5;

/** Something that a type may do, and when. */
interface Duty {
  readonly target: number;
  readonly class: number;
  readonly permissions: number;
  readonly ways: Ways;
}

/** A label that a domain can come to have, and when. */
interface Reachable {
  readonly type: number;
  readonly ways: Ways;
}

export class Duties {
  readonly #graph: FlowGraph;
  readonly #provenance: Provenance;
  readonly #conditions: Conditions;

  constructor(graph: FlowGraph, provenance: Provenance) {
    this.#graph = graph;
    this.#provenance = provenance;
    this.#conditions = new Conditions(graph.policy);
  }

  /** The verdict on one promise: of each source, counting the labels it can come to have. */
  verdict(
    sources: BitSet,
    first: ResolvedAccess,
    second: ResolvedAccess,
    written: Pick<Verdict, "text" | "goal" | "span">,
  ): Verdict {
    const one = this.#holders(first);
    const other = this.#holders(second);
    const violations: Violation[] = [];
    let count = 0;
    for (const source of sources.toArray()) {
      const found = this.#violation(source, one, other);
      if (found === undefined) continue;
      count++;
      if (violations.length < SHOWN_VIOLATIONS) violations.push(found);
    }
    const isEmpty = sources.size === 0 || first.grants.length * second.grants.length === 0;
    return {
      kind: "neverboth",
      ...written,
      holds: count === 0,
      violations,
      violationCount: count,
      certificate: undefined,
      vacuous: isEmpty ? "one of its sets is empty" : undefined,
    };
  }

  #violation(
    source: number,
    one: ReadonlyMap<number, Duty[]>,
    other: ReadonlyMap<number, Duty[]>,
  ): Violation | undefined {
    const labels = this.#labelsOf(source).filter(({ type }) => one.has(type) || other.has(type));
    for (const before of labels) {
      for (const duty of one.get(before.type) ?? []) {
        for (const after of labels) {
          for (const second of other.get(after.type) ?? []) {
            const ways = [before.ways, duty.ways, after.ways, second.ways].reduce(both);
            const setting = this.#conditions.satisfy(ways, this.#conditions.open);
            if (setting === undefined) continue;
            const name = this.#graph.policy.types[source].name;
            return {
              summary: `${name} may do both`,
              booleans: this.#conditions.settingText(ways, setting),
              steps: [],
              grants: [this.#report(before.type, duty), this.#report(after.type, second)],
            };
          }
        }
      }
    }
    return undefined;
  }

  #report(source: number, { target, class: index, permissions }: Duty): GrantReport {
    const { types, classes } = this.#graph.policy;
    return {
      source: types[source].name,
      target: types[target].name,
      class: classes[index].name,
      permissions: bitsOf(permissions).map((bit) => classes[index].permissions[bit]),
      rules: this.#provenance.rules(source, target, index, permissions),
    };
  }

  /** By type: what it is granted of an access; one duty for each class and condition. */
  #holders({ targets, grants }: ResolvedAccess): Map<number, Duty[]> {
    const { relation } = this.#graph.grants;
    const { table } = relation;
    const masks = new Map(grants.map(({ class: index, permissions }) => [index, permissions]));
    const holders = new Map<number, Duty[]>();
    for (let entry = 0; entry < table.count; entry++) {
      const permissions = table.values[entry] & (masks.get(table.class(entry)) ?? 0);
      if (permissions === 0) continue;
      const types = relation.typesOf(table.target(entry));
      const ways = waysOf(table.variant(entry));
      for (const source of relation.typesOf(table.source(entry))) {
        const target = types.find(
          (type) =>
            (targets.types.has(type) && !(targets.notSelf && type === source)) ||
            (targets.self && type === source),
        );
        if (target === undefined) continue;
        const duty = { target, class: table.class(entry), permissions: permissions >>> 0, ways };
        addDuty(holders, source, duty);
      }
    }
    return holders;
  }

  /** The labels that a domain can have, from one on, by being relabelled. */
  #labelsOf(source: number): Reachable[] {
    const { grants } = this.#graph;
    const transition = grants.mask("domain", "transition");
    const found = new Map<number, Ways>([[source, ALWAYS]]);
    const queue = [source];
    for (let type = queue.shift(); type !== undefined; type = queue.shift()) {
      const before = found.get(type) ?? ALWAYS;
      for (const next of grants.targetsOf(type, grants.class("domain"), transition)) {
        const ways = both(before, this.#relabelling(type, next));
        const known = found.get(next) ?? [];
        const joined = either(known, ways);
        if (joined.length === 0 || sameWays(joined, known)) continue;
        found.set(next, joined);
        queue.push(next);
      }
    }
    return [...found].map(([type, ways]) => ({ type, ways }));
  }

  #relabelling(from: number, to: number): Ways {
    const reasons = this.#graph
      .nodesOf(from)
      .flatMap((start) =>
        this.#graph.nodesOf(to).flatMap((end) => this.#graph.reasons(start, end)),
      );
    return any(reasons.filter(({ kind }) => kind === "relabel").map(({ ways }) => ways));
  }
}

function sameWays(one: Ways, other: Ways): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function addDuty(holders: Map<number, Duty[]>, source: number, duty: Duty): void {
  const known = holders.get(source) ?? [];
  holders.set(source, known);
  const isKnown = known.some((each) => each.class === duty.class && sameWays(each.ways, duty.ways));
  if (!isKnown) known.push(duty);
}
