// A proof about states that cannot be would prove anything. For each result that the steps of a
// case can name there is a state, with all that the proofs take for granted, in which it comes out.

import { equal, isConstant, not, type Term } from "../term/index.ts";
import type { Case } from "./case.ts";

/** Constants among the results that a term chooses from, and whether there are others. */
export function leavesOf(result: Term): { constants: Term[]; others: boolean } {
  const constants = new Set<Term>();
  const done = new Set<Term>();
  let others = false;
  const open = [result];
  for (let term = open.pop(); term !== undefined; term = open.pop()) {
    if (done.has(term)) continue;
    done.add(term);
    if (term.operator === "ite") open.push(term.operands[1]!, term.operands[2]!);
    else if (isConstant(term)) constants.add(term);
    else others = true;
  }
  return { constants: [...constants], others };
}

export interface Reachable {
  readonly property: string;
  readonly conclusion: Term;
  readonly satisfiable: boolean;
}

const shown = (term: Term): string => `${BigInt.asIntN(term.width, term.value)}`;

/** What has to be reachable, or is said never to be. */
export function reachable(one: Case, result: Term): Reachable[] {
  const { constants } = leavesOf(result);
  const never = new Set((one.never ?? []).map((value) => BigInt.asUintN(result.width, value)));
  return constants.map((value) => {
    const here = equal(result, value);
    const isNever = never.has(value.value);
    const property = `${isNever ? "never gives" : "can give"} ${shown(value)}`;
    const conclusion = isNever ? not(here) : here;
    return { property, conclusion, satisfiable: !isNever };
  });
}
