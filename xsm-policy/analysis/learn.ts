/** What a recorded run says about a policy: the rules it lacks, and the grants nobody used. */

import { ContextError, contextFromText } from "../compiler/context-text.ts";
import { DecisionEngine } from "../compiler/decision.ts";
import type { Context, Policy } from "../compiler/policy.ts";
import type { AccessRelation } from "../compiler/relation.ts";
import type { WrittenAssertion } from "./check.ts";
import { Conditions } from "./conditions.ts";
import type { DirectionMap } from "./direction-map.ts";
import { bitsOf } from "./flow-graph.ts";
import { Grants } from "./grants.ts";
import { Hypothetical } from "./hypothetical.ts";
import type { DecisionLog, RecordedDecision } from "./learn-log.ts";
import { type UnusedGrant, unusedGrants } from "./learn-unused.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Why something was denied, and so what would help: a rule, another setting of a boolean, other
 * labels; or nothing, since this policy allows it.
 */
export type Remedy = "rule" | "boolean" | "labels" | "none";

/** Denials of one pair of types in one class. */
export interface NeededGrant {
  readonly remedy: Remedy;
  readonly source: string;
  readonly target: string;
  readonly class: string;
  readonly permissions: readonly string[];
  /** The rule that would allow it, for the remedy `rule`; what to do, for others. */
  readonly advice: string;
  /** Denials counted. */
  readonly count: number;
  /** First line of the log that tells of it. */
  readonly line: number;
  /** Promises that the rule would break: then it is the request that is wrong. */
  readonly breaks: readonly Verdict[];
}

/** A decision about a label, class or permission that the policy does not have. */
export interface ForeignDecision {
  readonly line: number;
  readonly reason: string;
}

export interface Lesson {
  readonly needed: readonly NeededGrant[];
  readonly foreign: readonly ForeignDecision[];
  /** Grants that no recorded use needed; undefined where the log records no use at all. */
  readonly unused: readonly UnusedGrant[] | undefined;
}

/** A recorded decision in a policy's numbers. */
export interface KnownDecision {
  readonly decision: RecordedDecision;
  readonly source: Context;
  readonly target: Context;
  readonly class: number;
  readonly permission: number;
}

/** Learns from a log. */
export function learn(
  relation: AccessRelation,
  log: DecisionLog,
  assertions: readonly WrittenAssertion[] = [],
  map?: DirectionMap,
): Lesson {
  const known: KnownDecision[] = [];
  const foreign: ForeignDecision[] = [...log.unreadable];
  for (const decision of log.decisions) {
    const found = understand(relation.policy, decision);
    if (typeof found === "string") foreign.push({ line: decision.line, reason: found });
    else known.push(found);
  }
  const denied = known.filter(({ decision }) => decision.kind === "denied");
  const granted = known.filter(({ decision }) => decision.kind === "granted");
  return {
    needed: new Teacher(relation, assertions, map).needed(denied),
    foreign: foreign.sort((one, other) => one.line - other.line),
    unused: granted.length === 0 ? undefined : unusedGrants(relation, granted, map),
  };
}

function understand(policy: Policy, decision: RecordedDecision): KnownDecision | string {
  const classIndex = policy.classes.findIndex(({ name }) => name === decision.class);
  if (classIndex === -1) return `the policy has no class '${decision.class}'`;
  const permission = policy.classes[classIndex].permissions.indexOf(decision.permission);
  if (permission === -1)
    return `class ${decision.class} has no permission '${decision.permission}'`;
  try {
    const source = contextFromText(policy, decision.source);
    const target = contextFromText(policy, decision.target);
    return { decision, source, target, class: classIndex, permission };
  } catch (failure) {
    if (!(failure instanceof ContextError)) throw failure;
    return failure.message;
  }
}

class Teacher {
  readonly #policy: Policy;
  readonly #grants: Grants;
  readonly #engine: DecisionEngine;
  readonly #conditions: Conditions;
  readonly #hypothetical: Hypothetical;

  constructor(
    relation: AccessRelation,
    assertions: readonly WrittenAssertion[],
    map: DirectionMap | undefined,
  ) {
    this.#policy = relation.policy;
    this.#grants = new Grants(relation);
    this.#engine = new DecisionEngine(relation);
    this.#conditions = new Conditions(relation.policy);
    this.#hypothetical = new Hypothetical(relation, assertions, map);
  }

  /** Denials joined by pair of types, class and remedy, most frequent first. */
  needed(denials: readonly KnownDecision[]): NeededGrant[] {
    const groups = new Map<string, KnownDecision[]>();
    for (const denial of denials) {
      const { source, target, class: index } = denial;
      const key = `${this.#remedy(denial)} ${source.type} ${target.type} ${index}`;
      const list = groups.get(key);
      if (list === undefined) groups.set(key, [denial]);
      else list.push(denial);
    }
    return [...groups]
      .map(([key, group]) => this.#grant(key.split(" ")[0] as Remedy, group))
      .sort((one, other) => other.count - one.count || one.line - other.line);
  }

  #remedy({ source, target, class: index, permission }: KnownDecision): Remedy {
    const mask = (1 << permission) >>> 0;
    if ((this.#engine.allowed(source, target, index) & mask) !== 0) return "none";
    const ways = this.#grants.ruled(source.type, target.type, index, mask);
    if (ways.length === 0) return "rule";
    const isInForce = this.#conditions.isOpen(ways, this.#conditions.declared);
    return isInForce ? "labels" : "boolean";
  }

  #grant(remedy: Remedy, group: readonly KnownDecision[]): NeededGrant {
    const [{ source, target, class: index }] = group;
    const { types, classes } = this.#policy;
    const mask = group.reduce((bits, { permission }) => bits | (1 << permission), 0) >>> 0;
    const names = bitsOf(mask).map((bit) => classes[index].permissions[bit]);
    const set = names.length === 1 ? names[0] : `{ ${names.join(" ")} }`;
    const subject = `${types[source.type].name} ${types[target.type].name}:${classes[index].name}`;
    const advice: Record<Remedy, () => string> = {
      rule: () => `allow ${subject} ${set};`,
      boolean: () => `set the booleans so that ${this.#conditionOf(group)} holds`,
      labels: () => "a constraint or a role forbids it for these labels: no rule helps",
      none: () => "the policy allows it: the run had another policy, or other booleans",
    };
    return {
      remedy,
      source: types[source.type].name,
      target: types[target.type].name,
      class: classes[index].name,
      permissions: names,
      advice: advice[remedy](),
      count: group.reduce((sum, { decision }) => sum + decision.count, 0),
      line: Math.min(...group.map(({ decision }) => decision.line)),
      breaks:
        remedy === "rule" ? this.#hypothetical.brokenBy(source.type, target.type, index, mask) : [],
    };
  }

  #conditionOf(group: readonly KnownDecision[]): string {
    const texts = group.map(({ source, target, class: index, permission }) => {
      const mask = (1 << permission) >>> 0;
      return this.#conditions.waysText(this.#grants.ruled(source.type, target.type, index, mask));
    });
    return [...new Set(texts)].join(" and ");
  }
}
