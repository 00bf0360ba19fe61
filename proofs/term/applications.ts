// Values of uninterpreted functions as names: f(a) is f@0, f(b) is f@1, and if a = b then
// f@0 = f@1. That is all that is known of a function, so nothing is lost (Ackermann's reduction).

import { isConstant, type Term } from "./term.ts";

/** With more pairs than this, functions stay functions. */
const LIMIT_PAIRS = 30_000;

interface Application {
  readonly term: Term;
  readonly name: string;
}

/** Two values of one function. */
export type Pair = readonly [Term, Term];

export class Applications {
  readonly #names = new Map<Term, string>();
  readonly #pairs: (readonly [Application, Application])[] = [];
  /** Arguments that are compared with others. */
  readonly compared = new Set<Term>();

  /** The applications among terms; none if there are too many to compare. If `pairs` are given,
   *  these are compared. */
  static of(terms: readonly Term[], pairs?: readonly Pair[]): Applications | undefined {
    const found = new Applications();
    const known = new Map<string, Application[]>();
    for (const term of terms) {
      if (term.operator !== "apply") continue;
      const others = known.get(term.name) ?? [];
      known.set(term.name, others);
      const own = { term, name: `${term.name}@${others.length}` };
      found.#names.set(term, own.name);
      if (pairs === undefined) for (const other of others) found.#compare(other, own);
      others.push(own);
      if (found.#pairs.length > LIMIT_PAIRS) return undefined;
    }
    for (const [one, two] of pairs ?? []) {
      const names = [found.#names.get(one), found.#names.get(two)];
      if (names.includes(undefined)) continue;
      found.#compare({ term: one, name: names[0]! }, { term: two, name: names[1]! });
    }
    return found;
  }

  #compare(one: Application, two: Application): void {
    const [left, right] = [one.term.operands, two.term.operands];
    if (left.some((operand, at) => differ(operand, right[at]!))) return;
    this.#pairs.push([one, two]);
    for (const operand of [...left, ...right]) this.compared.add(operand);
  }

  nameOf(term: Term): string | undefined {
    return this.#names.get(term);
  }

  /** For each pair that may have equal arguments: then they have equal values. */
  congruences(textOf: (term: Term) => string): string[] {
    return this.#pairs.map(([one, two]) => {
      const equalities = one.term.operands.map(
        (operand, at) => `(= ${textOf(operand)} ${textOf(two.term.operands[at]!)})`,
      );
      const [first] = equalities;
      const premise = equalities.length === 1 ? first : `(and ${equalities.join(" ")})`;
      return `(=> ${premise} (= ${one.name} ${two.name}))`;
    });
  }
}

/** Do two words differ by their form, whatever their unknowns are? */
function differ(one: Term, two: Term): boolean {
  if (one === two) return false;
  if (isConstant(one) && isConstant(two)) return one.value !== two.value;
  const [a, b] = one.operands;
  const [c, d] = two.operands;
  if (one.operator === "concat" && two.operator === "concat" && a!.width === c!.width) {
    return differ(a!, c!) || differ(b!, d!);
  }
  if (one.operator === "zeroExtend" && two.operator === "zeroExtend" && a!.width === c!.width) {
    return differ(a!, c!);
  }
  return one.operator === "add" && two.operator === "add" && a === c && differ(b!, d!);
}
