/**
 * Boolean settings. A *way* is a list of conditions that must all hold, each by its variant number
 * (`variantOf` in compiler/relation.ts); *ways* are alternatives. No way: never. An empty way:
 * always.
 */

import type { BooleanExpression, Policy } from "../compiler/policy.ts";
import { conditionOf } from "../compiler/relation.ts";
import { conditionBooleans, conditionText } from "../compiler/resolve-condition.ts";

export type Way = readonly number[];
export type Ways = readonly Way[];

export const NEVER: Ways = [];
export const ALWAYS: Ways = [[]];

/** Values by boolean; undefined where both are considered. */
export type Assignment = readonly (boolean | undefined)[];

/** The ways of a condition by its variant number; 0 is no condition. */
export function waysOf(variant: number): Ways {
  return variant === 0 ? ALWAYS : [[variant]];
}

/** One of the alternatives. */
export function either(one: Ways, other: Ways): Ways {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  return simplify([...one, ...other]);
}

/** Both at once. */
export function both(one: Ways, other: Ways): Ways {
  if (one === ALWAYS) return other;
  if (other === ALWAYS) return one;
  const joined = one.flatMap((way) => other.map((more) => [...way, ...more]));
  return simplify(joined);
}

/** All at once. */
export function all(parts: Iterable<Ways>): Ways {
  let result = ALWAYS;
  for (const part of parts) result = both(result, part);
  return result;
}

/** Any of the alternatives. */
export function any(parts: Iterable<Ways>): Ways {
  let result = NEVER;
  for (const part of parts) result = either(result, part);
  return result;
}

/** Drops ways that contradict themselves, doubles, and ways that need more than another does. */
function simplify(ways: Ways): Ways {
  const sorted = ways
    .map((way) => [...new Set(way)].sort((one, other) => one - other))
    .filter((way) => !way.some((variant) => way.includes(opposite(variant))))
    .sort((one, other) => one.length - other.length);
  const kept: Way[] = [];
  for (const way of sorted) {
    if (way.length === 0) return ALWAYS;
    const isCovered = kept.some((less) => less.every((variant) => way.includes(variant)));
    if (isCovered) continue;
    if (way.length === 1 && kept.some((less) => less.length === 1 && less[0] === opposite(way[0])))
      return ALWAYS;
    kept.push(way);
  }
  return kept;
}

/** The other branch of a condition. */
function opposite(variant: number): number {
  return variant % 2 === 1 ? variant + 1 : variant - 1;
}

/** The conditions of one policy under settings of its booleans. */
export class Conditions {
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** Every boolean open. */
  get open(): Assignment {
    return this.#policy.booleans.map(() => undefined);
  }

  /** Every boolean as declared. */
  get declared(): boolean[] {
    return this.#policy.booleans.map(({ value }) => value);
  }

  /** Whether a condition holds; undefined if the open booleans decide. */
  holds(variant: number, assignment: Assignment): boolean | undefined {
    const condition = conditionOf(variant);
    if (condition === undefined) return true;
    const { expression } = this.#policy.conditionals[condition.index];
    const value = evaluatePartly(expression, assignment);
    return value === undefined ? undefined : value === condition.branch;
  }

  /** Whether some way is not yet ruled out. */
  isOpen(ways: Ways, assignment: Assignment): boolean {
    return ways.some((way) => way.every((variant) => this.holds(variant, assignment) !== false));
  }

  /**
   * A setting, as near to the given one as can be, under which one of the ways holds; declared
   * values are preferred for open booleans. Undefined if there is none.
   */
  satisfy(ways: Ways, assignment: Assignment): Assignment | undefined {
    for (const way of ways) {
      const found = this.#satisfyWay(way, assignment);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #satisfyWay(way: Way, assignment: Assignment): Assignment | undefined {
    const values = way.map((variant) => this.holds(variant, assignment));
    if (values.includes(false)) return undefined;
    const open = values.indexOf(undefined);
    if (open === -1) return assignment;
    const boolean = this.booleansOf(way[open]).find((index) => assignment[index] === undefined);
    if (boolean === undefined) return undefined;
    const preferred = this.#policy.booleans[boolean].value;
    for (const value of [preferred, !preferred]) {
      const found = this.#satisfyWay(way, withBoolean(assignment, boolean, value));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The booleans that a condition names. */
  booleansOf(variant: number): number[] {
    const condition = conditionOf(variant);
    if (condition === undefined) return [];
    return conditionBooleans(this.#policy.conditionals[condition.index].expression);
  }

  /** `b`, `!(a && b)`: a condition as a policy would write it; empty for no condition. */
  text(variant: number): string {
    const condition = conditionOf(variant);
    if (condition === undefined) return "";
    const { conditionals, booleans } = this.#policy;
    const text = conditionText(conditionals[condition.index].expression, booleans);
    return condition.branch ? text : `!${text}`;
  }

  /** `a && !b`: what a list of alternatives needs; empty if nothing. */
  waysText(ways: Ways): string {
    const texts = ways.map((way) => way.map((variant) => this.text(variant)).join(" && "));
    return texts.includes("") ? "" : texts.join(" or ");
  }

  /** `b=true a=false`: the booleans that are set in `assignment` and matter to one of the ways. */
  settingText(ways: Ways, assignment: Assignment): string {
    const named = new Set(ways.flat().flatMap((variant) => this.booleansOf(variant)));
    return [...named]
      .sort((one, other) => one - other)
      .filter((index) => assignment[index] !== undefined)
      .map((index) => `${this.#policy.booleans[index].name}=${assignment[index]}`)
      .join(" ");
  }
}

/** An assignment with one boolean set. */
export function withBoolean(assignment: Assignment, boolean: number, value: boolean): Assignment {
  const changed = [...assignment];
  changed[boolean] = value;
  return changed;
}

function evaluatePartly(expression: BooleanExpression, values: Assignment): boolean | undefined {
  if (expression.kind === "boolean") return values[expression.boolean];
  if (expression.kind === "not") {
    const operand = evaluatePartly(expression.operand, values);
    return operand === undefined ? undefined : !operand;
  }
  const left = evaluatePartly(expression.left, values);
  const right = evaluatePartly(expression.right, values);
  if (expression.kind === "and") {
    if (left === false || right === false) return false;
    return left && right;
  }
  if (expression.kind === "or") {
    if (left === true || right === true) return true;
    return left === undefined ? undefined : right;
  }
  if (left === undefined || right === undefined) return undefined;
  return (left === right) === (expression.kind === "eq");
}
