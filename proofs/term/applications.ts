// Values of uninterpreted functions as names: f(a) is f@0, f(b) is f@1, and if a = b then
// f@0 = f@1. That is all that is known of a function, so nothing is lost (Ackermann's reduction).

import { isConstant, type Term } from "./term.ts";

/** With more pairs than this, functions stay functions. */
const LIMIT_PAIRS = 30_000;

interface Application {
  readonly term: Term;
  readonly name: string;
}

export class Applications {
  readonly #names = new Map<Term, string>();
  readonly #pairs: (readonly [Application, Application])[] = [];
  /** Arguments that are compared with others. */
  readonly compared = new Set<Term>();

  /** The applications among terms; none if there are too many to compare. */
  static of(terms: readonly Term[]): Applications | undefined {
    const found = new Applications();
    const known = new Map<string, Application[]>();
    for (const term of terms) {
      if (term.operator !== "apply") continue;
      const others = known.get(term.name) ?? [];
      known.set(term.name, others);
      if (!found.#add(term, others)) return undefined;
    }
    return found;
  }

  #add(term: Term, others: Application[]): boolean {
    const own = { term, name: `${term.name}@${others.length}` };
    this.#names.set(term, own.name);
    for (const other of others) {
      const differs = term.operands.some((one, at) => differ(one, other.term.operands[at]!));
      if (differs) continue;
      this.#pairs.push([other, own]);
      for (const operand of [...term.operands, ...other.term.operands]) this.compared.add(operand);
    }
    others.push(own);
    return this.#pairs.length <= LIMIT_PAIRS;
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
