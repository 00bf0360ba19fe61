import * as arithmetic from "./arithmetic.ts";
import * as bits from "./bits.ts";
import * as boolean from "./boolean.ts";
import * as compare from "./compare.ts";
import { apply, type Operator, postorder, type Term } from "./term.ts";

type Builder = (operands: readonly Term[], like: Term) => Term;

const two =
  (build: (left: Term, right: Term) => Term): Builder =>
  ([left, right]) =>
    build(left!, right!);

const builders: Record<Operator, Builder> = {
  constant: (_, like) => like,
  variable: (_, like) => like,
  apply: (operands, like) => apply(like.name, operands, like.width),
  not: ([operand]) => boolean.not(operand!),
  and: (operands) => boolean.and(...operands),
  or: (operands) => boolean.or(...operands),
  equal: two(compare.equal),
  ult: two(compare.ult),
  slt: two(compare.slt),
  ite: ([condition, left, right]) => boolean.ite(condition!, left!, right!),
  bitAnd: two(bits.bitAnd),
  bitOr: two(bits.bitOr),
  bitXor: two(bits.bitXor),
  extract: ([operand], like) =>
    bits.extract(operand!, Number(like.value) + like.width - 1, Number(like.value)),
  concat: two(bits.concat),
  zeroExtend: ([operand], like) => bits.zeroExtend(operand!, like.width),
  signExtend: ([operand], like) => bits.signExtend(operand!, like.width),
  add: two(arithmetic.add),
  sub: two(arithmetic.sub),
  mul: two(arithmetic.mul),
  udiv: two(arithmetic.udiv),
  urem: two(arithmetic.urem),
  sdiv: two(arithmetic.sdiv),
  srem: two(arithmetic.srem),
  shiftLeft: two(arithmetic.shiftLeft),
  shiftRight: two(arithmetic.shiftRight),
  shiftRightSigned: two(arithmetic.shiftRightSigned),
};

/** The same operator over other operands, simplified. */
function rebuild(term: Term, operands: readonly Term[]): Term {
  const same = operands.every((operand, at) => operand === term.operands[at]);
  return same ? term : builders[term.operator](operands, term);
}

/**
 * Rewrites terms from the leaves up: `replace` sees each term with its operands already rewritten,
 * and gives another term of the same sort, or nothing to keep the operator. Terms without
 * names "...!n" for an n of at least `since` are kept unseen.
 */
export function rewrite(
  terms: readonly Term[],
  replace: (term: Term, operands: readonly Term[]) => Term | undefined,
  since = -1,
): readonly Term[] {
  const results = new Map<Term, Term>();
  const result = (term: Term) => results.get(term) ?? term;
  for (const term of postorder(terms, since)) {
    const operands = term.operands.map(result);
    results.set(term, replace(term, operands) ?? rebuild(term, operands));
  }
  return terms.map(result);
}

/** Replaces whole terms by others of the same sort, everywhere below `terms`, and simplifies. */
export function substitute(
  terms: readonly Term[],
  replacements: ReadonlyMap<Term, Term>,
): readonly Term[] {
  return rewrite(terms, (term) => replacements.get(term));
}

/**
 * Replaces one term within another, without a look into what is replaced. If there are more than
 * `limit` terms around it, the term stays as it is.
 */
export function replaceNear(term: Term, from: Term, to: Term, limit: number): Term {
  const done = new Map<Term, Term>([[from, to]]);
  const visit = (one: Term): Term => {
    const known = done.get(one);
    if (known !== undefined || done.size > limit) return known ?? one;
    const made = rebuild(one, one.operands.map(visit));
    done.set(one, made);
    return made;
  };
  const made = visit(term);
  return done.size > limit ? term : made;
}
