import {
  and,
  booleanConstant,
  equal,
  FALSE,
  isConstant,
  not,
  slt,
  type Term,
  TRUE,
  ult,
} from "../term/index.ts";

/** A path condition: what was assumed, newest first, sharing its past with sibling paths. */
export interface Path {
  readonly parent: Path | undefined;
  readonly condition: Term;
  readonly depth: number;
  /** The conjunction of all conditions. */
  readonly all: Term;
}

export const EMPTY_PATH: Path = { parent: undefined, condition: TRUE, depth: 0, all: TRUE };

/** The path with one more condition; nothing if the conditions contradict each other visibly. */
export function extendPath(path: Path, condition: Term): Path | undefined {
  const simple = underPath(path, condition);
  if (simple === FALSE) return undefined;
  if (simple === TRUE) return path;
  if (simple.operator === "and") {
    let extended: Path | undefined = path;
    for (const operand of simple.operands) {
      extended = extended === undefined ? undefined : extendPath(extended, operand);
    }
    return extended;
  }
  const all = and(path.all, simple);
  if (all === FALSE) return undefined;
  return { parent: path, condition: simple, depth: path.depth + 1, all };
}

/** The condition, or true or false where the path decides it. */
export function underPath(path: Path, condition: Term): Term {
  if (isConstant(condition)) return condition;
  const opposite = not(condition);
  for (let at: Path | undefined = path; at !== undefined; at = at.parent) {
    if (at.condition === condition) return TRUE;
    if (at.condition === opposite) return FALSE;
    const decided = decidedBy(at.condition, condition);
    if (decided !== undefined) return decided;
  }
  return condition;
}

/** Decides a comparison with a constant by one earlier fact about the same word. */
function decidedBy(fact: Term, condition: Term): Term | undefined {
  const negated = condition.operator === "not";
  const comparison = negated ? condition.operands[0]! : condition;
  const compare = { equal, ult, slt }[comparison.operator as "equal" | "ult" | "slt"];
  if (compare === undefined) return undefined;
  const [left, right] = comparison.operands as [Term, Term];
  const [known, bound] = fact.operands as [Term, Term];
  if (!isConstant(right) || bound === undefined || !isConstant(bound)) return undefined;
  if (fact.operator === "equal" && left === known) {
    return booleanConstant((compare(bound, right) === TRUE) !== negated);
  }
  if (fact.operator === "ult" && comparison.operator === "ult") {
    // Low bits of a word are never more than the word.
    const isPart = left.operator === "extract" && left.value === 0n && left.operands[0] === known;
    if ((left === known || isPart) && right.value >= bound.value) return booleanConstant(!negated);
  }
  return undefined;
}

/** The nearest common past of two paths. */
export function commonPath(left: Path, right: Path): Path {
  let [a, b] = [left, right];
  while (a !== b) {
    if (a.depth >= b.depth && a.parent !== undefined) a = a.parent;
    else if (b.parent !== undefined) b = b.parent;
    else return EMPTY_PATH;
  }
  return a;
}

/** What a path assumes beyond one of its ancestors. */
export function beyond(path: Path, ancestor: Path): Term {
  const conditions: Term[] = [];
  for (let at: Path | undefined = path; at !== undefined && at !== ancestor; at = at.parent) {
    conditions.unshift(at.condition);
  }
  return and(...conditions);
}
