// Two lists of events are one if at every number both have the same event or both none.

import {
  and,
  conjuncts,
  constant,
  equal,
  implies,
  ite,
  type Term,
  zeroExtend,
} from "../term/index.ts";
import type { Output } from "../wasm/index.ts";
import { equalApart } from "./choice.ts";
import { valuesIn } from "./split.ts";

const LIMIT_PARAMETERS = 5;

interface EventAt {
  readonly kind: Term;
  readonly parameters: readonly Term[];
}

/** The event that has the number; kind 0 if there is none. */
function eventAt(outputs: readonly Output[], number: Term, kinds: Map<string, number>): EventAt {
  let kind = constant(16, 0);
  let parameters: Term[] = Array.from({ length: LIMIT_PARAMETERS }, () => constant(64, 0));
  for (const { guard, name, args } of outputs) {
    const [own, ...given] = args;
    if (given.length > LIMIT_PARAMETERS) throw new Error(`event ${name} has too many parameters`);
    const hit = and(guard, equal(own!, number));
    const code = kinds.get(name) ?? kinds.size + 1;
    kinds.set(name, code);
    kind = ite(hit, constant(16, code), kind);
    parameters = parameters.map((old, at) => {
      const value = given[at];
      return ite(hit, value === undefined ? constant(64, 0) : zeroExtend(value, 64), old);
    });
  }
  return { kind, parameters };
}

/** The condition that two courses are one, without what both say. */
function sameCourse(one: Term, two: Term): Term {
  const theirs = new Set(conjuncts(two));
  const both = and(...conjuncts(one).filter((part) => theirs.has(part)));
  const [mine, other] = valuesIn(both, [one, two]);
  return implies(both, equal(mine!, other!));
}

/**
 * Conditions that together say more than that two lists are one: event by event, in the order in
 * which the two texts have them. None if the texts have not as many, or others.
 */
export function sameOneByOne(left: readonly Output[], right: readonly Output[]): Term[] {
  const matches = left.every(({ name }, at) => name === right[at]?.name);
  if (!matches || left.length !== right.length) return [];
  const steps = left.flatMap((one, at) => {
    const two = right[at]!;
    const mine = valuesIn(one.guard, one.args);
    const theirs = valuesIn(one.guard, two.args);
    const same = mine.map((value, place) => equalApart(value, theirs[place]!));
    return [sameCourse(one.guard, two.guard), implies(one.guard, and(...same))];
  });
  // Events of one course have one guard.
  return [...new Set(steps)];
}

/** The condition that two lists have the same event at a number. */
export function sameEvent(left: readonly Output[], right: readonly Output[], number: Term): Term {
  const kinds = new Map<string, number>();
  const [one, two] = [eventAt(left, number, kinds), eventAt(right, number, kinds)];
  return and(
    equal(one.kind, two.kind),
    ...one.parameters.map((value, at) => equal(value, two.parameters[at]!)),
  );
}
