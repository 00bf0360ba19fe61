import {
  booleanConstant,
  FALSE,
  isConstant,
  node,
  ordered,
  requireBoolean,
  type Term,
  TermError,
  TRUE,
} from "./term.ts";

/** Negation. */
export function not(term: Term): Term {
  requireBoolean(term, "not");
  if (isConstant(term)) return booleanConstant(term.value === 0n);
  return term.operator === "not" ? term.operands[0]! : node("not", 0, [term]);
}

function complementary(left: Term, right: Term): boolean {
  return (
    (left.operator === "not" && left.operands[0] === right) ||
    (right.operator === "not" && right.operands[0] === left)
  );
}

/** Is `part` one of the operands that a nest of `operator` joins (two levels are looked at)? */
function contains(term: Term, operator: "and" | "or", part: Term): boolean {
  if (term === part) return true;
  if (term.operator !== operator) return false;
  return term.operands.some(
    (operand) =>
      operand === part || (operand.operator === operator && operand.operands.includes(part)),
  );
}

function join(operator: "and" | "or", left: Term, right: Term): Term {
  const neutral = operator === "and" ? TRUE : FALSE;
  const absorbing = operator === "and" ? FALSE : TRUE;
  const dual = operator === "and" ? "or" : "and";
  if (left === neutral || left === right) return right;
  if (right === neutral) return left;
  if (left === absorbing || right === absorbing || complementary(left, right)) return absorbing;
  if (contains(left, operator, not(right)) || contains(right, operator, not(left)))
    return absorbing;
  if (contains(left, operator, right) || contains(right, dual, left)) return left;
  if (contains(right, operator, left) || contains(left, dual, right)) return right;
  const shortened =
    withoutComplement(operator, left, right) ?? withoutComplement(operator, right, left);
  if (shortened !== undefined) return join(operator, shortened[0], shortened[1]);
  return node(operator, 0, ordered(left, right));
}

/** a or (not a and b) is a or b; likewise with and. */
function withoutComplement(
  operator: "and" | "or",
  plain: Term,
  nest: Term,
): [Term, Term] | undefined {
  const dual = operator === "and" ? "or" : "and";
  if (nest.operator !== dual) return undefined;
  const [first, second] = nest.operands as [Term, Term];
  if (complementary(first, plain)) return [plain, second];
  if (complementary(second, plain)) return [plain, first];
  return undefined;
}

/** Conjunction of any number; `and()` is true. */
export function and(...terms: readonly Term[]): Term {
  let result = TRUE;
  for (const term of terms) {
    requireBoolean(term, "and");
    result = join("and", result, term);
  }
  return result;
}

/** Disjunction of any number; `or()` is false. */
export function or(...terms: readonly Term[]): Term {
  let result = FALSE;
  for (const term of terms) {
    requireBoolean(term, "or");
    result = join("or", result, term);
  }
  return result;
}

/** The operands of a nest of "and". */
export const conjuncts = (condition: Term): readonly Term[] =>
  condition.operator === "and" ? condition.operands.flatMap(conjuncts) : [condition];

export function implies(premise: Term, conclusion: Term): Term {
  return or(not(premise), conclusion);
}

function chooseBoolean(condition: Term, left: Term, right: Term): Term {
  if (left === TRUE) return or(condition, right);
  if (left === FALSE) return and(not(condition), right);
  if (right === TRUE) return or(not(condition), left);
  if (right === FALSE) return and(condition, left);
  if (left === condition) return or(condition, right);
  if (right === condition) return and(condition, left);
  return node("ite", 0, [condition, left, right]);
}

/** One side of an inner choice that the outer condition already decides. */
function decided(condition: Term, value: boolean, branch: Term): Term {
  let current = branch;
  while (current.operator === "ite") {
    const inner = current.operands[0]!;
    if (inner === condition) current = current.operands[value ? 1 : 2]!;
    else if (complementary(inner, condition)) current = current.operands[value ? 2 : 1]!;
    else break;
  }
  return current;
}

/** If-then-else over two terms of one sort. */
export function ite(condition: Term, whenTrue: Term, whenFalse: Term): Term {
  requireBoolean(condition, "ite");
  if (whenTrue.width !== whenFalse.width) {
    throw new TermError(`ite between ${whenTrue.width} and ${whenFalse.width} bits`);
  }
  if (isConstant(condition)) return condition.value === 1n ? whenTrue : whenFalse;
  if (whenTrue === whenFalse) return whenTrue;
  if (condition.operator === "not") return ite(condition.operands[0]!, whenFalse, whenTrue);
  const left = decided(condition, true, whenTrue);
  const right = decided(condition, false, whenFalse);
  if (left === right) return left;
  if (left.width === 0) return chooseBoolean(condition, left, right);
  // Nested choices of one value join their conditions, so that guarded writes stay one ite.
  if (left.operator === "ite" && left.operands[2] === right) {
    return ite(and(condition, left.operands[0]!), left.operands[1]!, right);
  }
  if (right.operator === "ite" && right.operands[1] === left) {
    return ite(or(condition, right.operands[0]!), left, right.operands[2]!);
  }
  if (left.operator === "ite" && left.operands[1] === right) {
    return ite(and(condition, not(left.operands[0]!)), left.operands[2]!, right);
  }
  if (right.operator === "ite" && right.operands[2] === left) {
    return ite(or(condition, not(right.operands[0]!)), left, right.operands[1]!);
  }
  return node("ite", left.width, [condition, left, right]);
}
