/**
 * Decisions for full contexts, in the hypervisor's own order: allow rules, constraints, the role
 * check of domain:transition, type bounds; and the labels that new objects get.
 */

import { BOUNDS_LIMIT_LEVELS } from "./limits.ts";
import { contextIsValid, dominates, sameLevel } from "./mls.ts";
import type { ConstraintStep, Context, Level, LevelPair, Policy, Range } from "./policy.ts";
import type { AccessRelation } from "./relation.ts";
import { type TypeRuleKind, TypeRuleTable } from "./type-transitions.ts";

/** The class that stands for a subject in Xen's policy: its new objects keep role and type. */
const SUBJECT_CLASS = "domain";

/** Permissions that the role check can take away. */
const ROLE_CHECKED = ["transition", "dyntransition"];

/** The index of object_r. */
const OBJECT_ROLE = 0;

export class DecisionEngine {
  readonly policy: Policy;
  readonly #relation: AccessRelation;
  readonly #booleans: readonly boolean[];
  readonly #subjectClass: number;
  readonly #roleChecked: number;
  readonly #roleAllows: ReadonlySet<number>;
  readonly #typeRules = new Map<TypeRuleKind, TypeRuleTable>();

  /** @param booleans values by index; as declared when absent */
  constructor(relation: AccessRelation, booleans?: readonly boolean[]) {
    const { policy } = relation;
    this.policy = policy;
    this.#relation = relation;
    this.#booleans = booleans ?? policy.booleans.map((boolean) => boolean.value);
    this.#subjectClass = policy.classes.findIndex(({ name }) => name === SUBJECT_CLASS);
    this.#roleChecked = roleCheckedMask(policy, this.#subjectClass);
    const pairs = policy.roleAllows.map(({ from, to }) => from * 0x1_0000 + to);
    this.#roleAllows = new Set(pairs);
  }

  /** The access vector of `source` on `target` in a class, unsigned. */
  allowed(source: Context, target: Context, classIndex: number): number {
    return this.#allowed(source, target, classIndex, 0);
  }

  #allowed(source: Context, target: Context, classIndex: number, level: number): number {
    const granted = this.#relation.permissions(
      source.type,
      target.type,
      classIndex,
      this.#booleans,
    );
    if (granted === 0) return 0;
    let mask = this.#constrained(source, target, classIndex, granted);
    if (classIndex === this.#subjectClass && source.role !== target.role) {
      const mayChange = this.#roleAllows.has(source.role * 0x1_0000 + target.role);
      if (!mayChange) mask &= ~this.#roleChecked;
    }
    return this.#bounded(source, target, classIndex, mask, level) >>> 0;
  }

  #constrained(source: Context, target: Context, classIndex: number, granted: number): number {
    let mask = granted;
    for (const { permissions, steps } of this.policy.classes[classIndex].constraints) {
      if ((permissions & mask) === 0) continue;
      if (!evaluateConstraint(steps, source, target, undefined)) mask &= ~permissions;
    }
    return mask;
  }

  #bounded(
    source: Context,
    target: Context,
    classIndex: number,
    mask: number,
    level: number,
  ): number {
    const { types } = this.policy;
    const sourceBound = types[source.type].bounds;
    if (mask === 0 || sourceBound === -1) return mask;
    if (level === BOUNDS_LIMIT_LEVELS) return 0;
    const targetBound = types[target.type].bounds;
    const boundTarget = targetBound === -1 ? target : { ...target, type: targetBound };
    const boundSource = { ...source, type: sourceBound };
    return mask & this.#allowed(boundSource, boundTarget, classIndex, level + 1);
  }

  /**
   * Whether an object may change from one context to another at the will of `asker`, by the
   * validatetrans statements of its class.
   */
  mayRelabel(before: Context, after: Context, asker: Context, classIndex: number): boolean {
    const { validateTransitions } = this.policy.classes[classIndex];
    return validateTransitions.every(({ steps }) =>
      evaluateConstraint(steps, before, after, asker),
    );
  }

  /**
   * The context of a new object of a class that `source` makes beside `target`: Xen's
   * transition_sid. Undefined when the context would be invalid, which the hypervisor refuses.
   */
  transition(source: Context, target: Context, classIndex: number): Context | undefined {
    const { defaultUser, defaultRole, defaultType } = this.policy.classes[classIndex];
    const isSubject = classIndex === this.#subjectClass;
    const user = defaultUser === "target" ? target.user : source.user;
    const byDefault = isSubject ? source.role : 0;
    const role =
      this.#roleTransition(source.role, target.type, classIndex) ??
      chosen(defaultRole, source.role, target.role, byDefault);
    const ruled = this.#typeRule("type_transition", source.type, target.type, classIndex);
    const fallback = isSubject ? source.type : target.type;
    const type = ruled === -1 ? chosen(defaultType, source.type, target.type, fallback) : ruled;
    const range = this.#transitionRange(source, target, classIndex);
    const context = { user, role, type, range };
    return contextIsValid(this.policy, context) ? context : undefined;
  }

  #typeRule(kind: TypeRuleKind, source: number, target: number, classIndex: number): number {
    let table = this.#typeRules.get(kind);
    if (table === undefined) {
      table = new TypeRuleTable(this.policy, kind);
      this.#typeRules.set(kind, table);
    }
    return table.result(source, target, classIndex, this.#booleans);
  }

  #roleTransition(role: number, type: number, classIndex: number): number | undefined {
    return this.policy.roleTransitions.find(
      (rule) => rule.role === role && rule.type === type && rule.class === classIndex,
    )?.result;
  }

  #transitionRange(source: Context, target: Context, classIndex: number): Range {
    if (!this.policy.mls) return source.range;
    const rule = this.policy.rangeTransitions.find(
      (candidate) =>
        candidate.source === source.type &&
        candidate.target === target.type &&
        candidate.class === classIndex,
    );
    if (rule !== undefined) return rule.range;
    const { defaultRange } = this.policy.classes[classIndex];
    if (defaultRange === "glblub") return greatestLowestRange(source.range, target.range);
    if (defaultRange !== "none") return rangePart(defaultRange, source.range, target.range);
    if (classIndex === this.#subjectClass) return source.range;
    return { low: source.range.low, high: source.range.low };
  }
}

function roleCheckedMask(policy: Policy, subjectClass: number): number {
  let mask = 0;
  for (const [bit, name] of (policy.classes[subjectClass]?.permissions ?? []).entries()) {
    if (ROLE_CHECKED.includes(name)) mask |= 1 << bit;
  }
  return mask;
}

function chosen(from: string, source: number, target: number, byDefault: number): number {
  if (from === "source") return source;
  return from === "target" ? target : byDefault;
}

function rangePart(part: string, source: Range, target: Range): Range {
  const range = part.startsWith("source") ? source : target;
  if (part.endsWith("low-high")) return range;
  const level = part.endsWith("low") ? range.low : range.high;
  return { low: level, high: level };
}

/** The range between the greater low level and the lesser high level. */
function greatestLowestRange(one: Range, other: Range): Range {
  const low = Math.max(one.low.sensitivity, other.low.sensitivity);
  const high = Math.min(one.high.sensitivity, other.high.sensitivity);
  return {
    low: { sensitivity: low, categories: common(one.low, other.low) },
    high: { sensitivity: high, categories: common(one.high, other.high) },
  };
}

function common(one: Level, other: Level) {
  const categories = one.categories.clone();
  for (const category of categories.toArray()) {
    if (!other.categories.has(category)) categories.delete(category);
  }
  return categories;
}

/** Runs a constraint's postfix. `asker` is the third context of validatetrans. */
export function evaluateConstraint(
  steps: readonly ConstraintStep[],
  source: Context,
  target: Context,
  asker: Context | undefined,
): boolean {
  const stack: boolean[] = [];
  for (const step of steps) {
    if (step.kind === "not") stack.push(!stack.pop());
    else if (step.kind === "and" || step.kind === "or") {
      const right = stack.pop() ?? false;
      const left = stack.pop() ?? false;
      stack.push(step.kind === "and" ? left && right : left || right);
    } else if (step.kind === "compare") stack.push(compare(step, source, target));
    else {
      const context = [source, target, asker][step.side - 1];
      const member = context !== undefined && step.members.has(context[step.subject]);
      stack.push(member === (step.operator === "eq"));
    }
  }
  return stack[0] ?? true;
}

function compare(
  step: Extract<ConstraintStep, { kind: "compare" }>,
  source: Context,
  target: Context,
): boolean {
  const { subject, operator } = step;
  if (subject === "user" || subject === "role" || subject === "type") {
    const same = source[subject] === target[subject];
    if (operator === "eq" || operator === "neq") return same === (operator === "eq");
    // A role dominates itself alone; object_r dominates not even itself.
    const related = same && source.role !== OBJECT_ROLE;
    return operator === "incomp" ? !related : related;
  }
  const left = levelOf(subject, 0, source, target);
  const right = levelOf(subject, 2, source, target);
  if (operator === "eq") return sameLevel(left, right);
  if (operator === "neq") return !sameLevel(left, right);
  if (operator === "dom") return dominates(left, right);
  if (operator === "domby") return dominates(right, left);
  return !dominates(left, right) && !dominates(right, left);
}

function levelOf(pair: LevelPair, at: 0 | 2, source: Context, target: Context): Level {
  const { range } = pair[at + 1] === "1" ? source : target;
  return pair[at] === "l" ? range.low : range.high;
}
