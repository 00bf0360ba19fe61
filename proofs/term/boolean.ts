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

/** What a conjunction joins; other conditions join themselves. */
function members(condition: Term): readonly Term[] {
  const found: Term[] = [];
  let rest = condition;
  for (; rest.operator === "and"; rest = rest.operands[0]!) found.push(rest.operands[1]!);
  return [...found, rest].reverse();
}

/** Negations of conjunctions within each other that are looked into. */
const LIMIT_DEPTH = 4;
const LIMIT_SETTLED = 400;

/** Is it the negation of a conjunction? */
const isNegation = (condition: Term): boolean =>
  condition.operator === "not" && condition.operands[0]!.operator === "and";

/** Conditions that all hold, and what follows from them about others. */
class Facts {
  readonly #held = new Set<Term>();

  /** Adds a condition, taken apart; false if it contradicts what holds. */
  add(condition: Term): boolean {
    for (const member of members(condition)) {
      if (member === FALSE || this.refutes(member)) return false;
      if (member !== TRUE) this.#held.add(member);
    }
    return true;
  }

  refutes(condition: Term): boolean {
    return this.#held.has(not(condition));
  }

  /** What is left to say of a negated conjunction beside what holds. */
  #left(negated: Term, depth: number): Term {
    const open: Term[] = [];
    let changed = false;
    for (const member of members(negated.operands[0]!)) {
      const left = this.#under(member, depth);
      if (left === FALSE) return TRUE;
      changed ||= left !== member;
      if (left !== TRUE) open.push(left);
    }
    return changed ? not(and(...open)) : negated;
  }

  /** A condition as it is if what holds is put in place. */
  #under(condition: Term, depth: number): Term {
    if (this.#held.has(condition)) return TRUE;
    if (this.refutes(condition)) return FALSE;
    return depth > 0 && isNegation(condition) ? this.#left(condition, depth - 1) : condition;
  }

  /** Takes from negated conjunctions what holds beside them; false if nothing is left of one. Among
   *  very many conditions that takes too long. */
  settle(): boolean {
    if (this.#held.size > LIMIT_SETTLED) return true;
    for (let changed = true; changed; ) {
      changed = false;
      for (const fact of [...this.#held]) {
        if (!isNegation(fact)) continue;
        const left = this.#left(fact, LIMIT_DEPTH);
        if (left === fact) continue;
        changed = true;
        this.#held.delete(fact);
        if (!this.add(left)) return false;
      }
    }
    return true;
  }

  get all(): readonly Term[] {
    return [...this.#held];
  }
}

/** The conjunction of conditions of which none is one, in the order of their numbers: a condition
 *  that is new comes last, and what was there stays one term. */
function chain(conditions: readonly Term[]): Term {
  const [first, ...rest] = [...conditions].sort((one, two) => one.id - two.id);
  return rest.reduce((sum, one) => node("and", 0, [sum, one]), first ?? TRUE);
}

const joined = new WeakMap<Term, WeakMap<Term, Term>>();

/**
 * Both conditions. Conjunctions are flat, ordered, and hold nothing that follows from their other
 * members; there are no disjunctions but as negations. So equal conditions mostly are one term.
 */
function join(left: Term, right: Term): Term {
  if (left === TRUE || left === right) return right;
  if (right === TRUE) return left;
  if (left === FALSE || right === FALSE || complementary(left, right)) return FALSE;
  const [one, two] = ordered(left, right) as [Term, Term];
  let known = joined.get(one);
  if (known === undefined) {
    known = new WeakMap();
    joined.set(one, known);
  }
  let result = known.get(two);
  if (result === undefined) {
    const facts = new Facts();
    const holds = facts.add(one) && facts.add(two) && facts.settle();
    result = holds ? chain(facts.all) : FALSE;
    known.set(two, result);
  }
  return result;
}

/** Conjunction of any number; `and()` is true. */
export function and(...terms: readonly Term[]): Term {
  let result = TRUE;
  for (const term of terms) {
    requireBoolean(term, "and");
    result = join(result, term);
  }
  return result;
}

/** Either condition; what both demand is said once. */
function either(left: Term, right: Term): Term {
  if (left === FALSE || left === right) return right;
  if (right === FALSE) return left;
  if (left === TRUE || right === TRUE || complementary(left, right)) return TRUE;
  const [mine, other] = [members(left), members(right)];
  const common = mine.filter((member) => other.includes(member));
  if (common.length === 0) return not(join(not(left), not(right)));
  const without = (all: readonly Term[]) => chain(all.filter((one) => !common.includes(one)));
  return join(chain(common), either(without(mine), without(other)));
}

/** Disjunction of any number; `or()` is false. */
export function or(...terms: readonly Term[]): Term {
  let result = FALSE;
  for (const term of terms) {
    requireBoolean(term, "or");
    result = either(result, term);
  }
  return result;
}

/** The operands of a nest of "and". */
export const conjuncts = members;

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
