// A goal can be shown for each of several situations that together are all there are. Within one,
// what the situation says is put in place of what it decides, and often both sides become one term.

import {
  conjuncts,
  constant,
  FALSE,
  implies,
  isConstant,
  not,
  or,
  substitute,
  type Term,
  TRUE,
} from "../term/index.ts";

export interface Situation {
  readonly name: string;
  readonly guard: Term;
}

/** The named situations, and the rest. */
export function partition(situations: readonly Situation[]): Situation[] {
  const rest = not(or(...situations.map(({ guard }) => guard)));
  return [...situations, { name: "else", guard: rest }];
}

/** What may be put in place of what, where the guard holds. */
function replacements(guard: Term): Map<Term, Term> {
  const found = new Map<Term, Term>();
  for (const atom of conjuncts(guard)) {
    if (atom.operator === "not") found.set(atom.operands[0]!, FALSE);
    else found.set(atom, TRUE);
    const [left, right] = atom.operands;
    if (atom.operator === "equal" && isConstant(right!) && !isConstant(left!)) {
      found.set(left!, constant(right!.width, right!.value));
    }
  }
  return found;
}

/** The values where the guard holds. */
export const valuesIn = (guard: Term, values: readonly Term[]): readonly Term[] =>
  substitute(values, replacements(guard));

/** The conclusion where the guard holds. */
export function conclusionIn(guard: Term, conclusion: Term): Term {
  const [simpler] = valuesIn(guard, [conclusion]);
  return implies(guard, simpler!);
}
