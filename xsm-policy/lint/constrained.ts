/** What constraints leave of a grant between two types, over all labels that the types can have. */

import { evaluateConstraint } from "../compiler/decision.ts";
import { EMPTY_RANGE } from "../compiler/mls.ts";
import type { ClassConstraint, ConstraintStep, Context, Policy } from "../compiler/policy.ts";

/** Pairs of types with more pairs of labels than this are taken to be unconstrained. */
const MAX_LABEL_PAIRS = 20_000;

/** Any user may hold object_r, with any type. */
const OBJECT_ROLE = 0;

/** Decides what is left between types; remembers what it has decided. */
export class ConstraintFilter {
  readonly #policy: Policy;
  /** For each class, the constraints that do not speak of levels. */
  readonly #constraints: readonly (readonly ClassConstraint[])[];
  readonly #labels: Context[][] = [];
  readonly #left = new Map<string, number>();

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#constraints = policy.classes.map(({ constraints }) =>
      constraints.filter(({ steps }) => !steps.some(speaksOfLevels)),
    );
  }

  /** The permissions that some pair of labels of the two types may have if rules grant them. */
  left(source: number, target: number, classIndex: number): number {
    const all = this.#policy.classes[classIndex].allPermissions;
    if (this.#constraints[classIndex].length === 0) return all;
    const key = `${source} ${target} ${classIndex}`;
    let left = this.#left.get(key);
    if (left === undefined) {
      left = this.#decide(source, target, classIndex, all);
      this.#left.set(key, left);
    }
    return left;
  }

  #decide(source: number, target: number, classIndex: number, all: number): number {
    const sources = this.#labelsOf(source);
    const targets = this.#labelsOf(target);
    if (sources.length * targets.length > MAX_LABEL_PAIRS) return all;
    let left = 0;
    for (const one of sources) {
      for (const other of targets) {
        let mask = all;
        for (const { permissions, steps } of this.#constraints[classIndex]) {
          if (!evaluateConstraint(steps, one, other, undefined)) mask &= ~permissions;
        }
        left |= mask;
        if (left >>> 0 === all) return all;
      }
    }
    return left >>> 0;
  }

  #labelsOf(type: number): Context[] {
    this.#labels[type] ??= this.#listLabels(type);
    return this.#labels[type];
  }

  #listLabels(type: number): Context[] {
    const labels: Context[] = [];
    for (const [user, { roles }] of this.#policy.users.entries()) {
      for (const [role, { types }] of this.#policy.roles.entries()) {
        const isValid = role === OBJECT_ROLE || (roles.has(role) && types.has(type));
        if (isValid) labels.push({ user, role, type, range: EMPTY_RANGE });
      }
    }
    return labels;
  }
}

function speaksOfLevels(step: ConstraintStep): boolean {
  return step.kind === "compare" && !["user", "role", "type"].includes(step.subject);
}
