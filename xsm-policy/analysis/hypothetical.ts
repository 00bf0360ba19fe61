/** Which promises a further rule would break. */

import type { GrantRule } from "../compiler/policy.ts";
import { type AccessRelation, buildRelation } from "../compiler/relation.ts";
import { checkPolicy, type WrittenAssertion } from "./check.ts";
import type { DirectionMap } from "./direction-map.ts";
import type { Verdict } from "./verdict.ts";

/** A policy whose promises are asked of again and again. */
export class Hypothetical {
  readonly #relation: AccessRelation;
  readonly #assertions: readonly WrittenAssertion[];
  readonly #map: DirectionMap | undefined;
  #before: readonly Verdict[] | undefined;

  constructor(
    relation: AccessRelation,
    assertions: readonly WrittenAssertion[],
    map: DirectionMap | undefined,
  ) {
    this.#relation = relation;
    this.#assertions = assertions;
    this.#map = map;
  }

  /** The promises that hold, or hold better, without `allow source target:class permissions`. */
  brokenBy(source: number, target: number, classIndex: number, permissions: number): Verdict[] {
    const { policy } = this.#relation;
    const rule: GrantRule = {
      kind: "allow",
      sources: { keys: [source] },
      targets: { keys: [target] },
      self: false,
      grants: [{ class: classIndex, permissions }],
      condition: undefined,
      node: undefined,
    };
    const before = this.#verdicts();
    const changed = buildRelation({ ...policy, grantRules: [...policy.grantRules, rule] });
    return checkPolicy(changed, this.#assertions, this.#map).verdicts.filter(
      ({ holds, violationCount }, index) =>
        !holds && (before[index].holds || violationCount > before[index].violationCount),
    );
  }

  #verdicts(): readonly Verdict[] {
    this.#before ??= checkPolicy(this.#relation, this.#assertions, this.#map).verdicts;
    return this.#before;
  }
}
