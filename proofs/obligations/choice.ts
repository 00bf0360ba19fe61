// Two values that are each one of a few, by conditions: they are equal where both choose alike.
// What the conditions are is often the same for many columns, and then is shown once for all.

import { and, equal, FALSE, implies, not, or, type Term, TRUE } from "../term/index.ts";

/** Values with more leaves than this are not looked into, and with more choices neither. */
const LIMIT_LEAVES = 4;
const LIMIT_CHOICES = 64;

/** What a value may be, each with the condition under which it is; nothing if that is too much. */
function leavesOf(value: Term): ReadonlyMap<Term, Term> | undefined {
  const leaves = new Map<Term, Term>();
  const open: [Term, Term][] = [[value, TRUE]];
  let choices = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [term, guard] = next;
    if (guard === FALSE) continue;
    if (term.operator !== "ite") {
      leaves.set(term, or(leaves.get(term) ?? FALSE, guard));
      if (leaves.size > LIMIT_LEAVES) return undefined;
      continue;
    }
    if (++choices > LIMIT_CHOICES) return undefined;
    const [condition, left, right] = term.operands as [Term, Term, Term];
    open.push([right, and(guard, not(condition))], [left, and(guard, condition)]);
  }
  return leaves;
}

/** A condition that implies that the values are equal; nothing if none is at hand. */
export function chosenAlike(one: Term, two: Term): Term | undefined {
  const [mine, theirs] = [leavesOf(one), leavesOf(two)];
  if (mine === undefined || theirs === undefined) return undefined;
  if (![...mine.keys()].some((leaf) => theirs.has(leaf))) return undefined;
  const apart = [...mine].flatMap(([left, guard]) =>
    [...theirs].flatMap(([right, other]) => (left === right ? [] : [not(and(guard, other))])),
  );
  return and(...apart);
}

/** Deeper nests of sums and choices are compared as they are. */
const LIMIT_DEPTH = 16;

/** Equality of two values, without what they have in common: the same choice, the same summand. */
export function equalApart(one: Term, two: Term, depth = LIMIT_DEPTH): Term {
  if (one === two || depth === 0) return equal(one, two);
  const same = (left: Term, right: Term) => equalApart(left, right, depth - 1);
  const [a, b, c] = one.operands as [Term, Term, Term];
  const [d, e, f] = two.operands as [Term, Term, Term];
  if (one.operator === "ite") {
    if (two.operator === "ite" && a === d) {
      return and(implies(a, same(b, e)), implies(not(a), same(c, f)));
    }
    if (b === two) return or(a, same(c, two));
    if (c === two) return or(not(a), same(b, two));
  }
  if (two.operator === "ite" && (e === one || f === one)) return same(two, one);
  if (one.operator !== "add" || two.operator !== "add") return equal(one, two);
  if (a === d) return same(b, e);
  if (b === e) return same(a, d);
  if (a === e) return same(b, d);
  return b === d ? same(a, e) : equal(one, two);
}
