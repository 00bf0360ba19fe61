// Two values that are each one of a few, by conditions: they are equal where both choose alike.
// What the conditions are is often the same for many columns, and then is shown once for all.

import { and, FALSE, not, or, type Term, TRUE } from "../term/index.ts";

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
