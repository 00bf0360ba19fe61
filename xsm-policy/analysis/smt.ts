/**
 * Questions about flow in SMT-LIB, so that a solver can answer them on its own. Texts hold
 * declarations and assertions only; `(check-sat)` is the caller's.
 */

import type { FlowProblem, ProblemCondition } from "./certificate.ts";

/**
 * A flow: that for every setting of the booleans there is a set of nodes which holds all that the
 * beginning leads to, and which nothing leaves, without the end in it. "sat" means that there
 * always is one: the promise holds. "unsat" means that it is broken.
 */
export function flowQuestionText(problem: FlowProblem): string {
  const { nodes, booleans, edges, from, to, through } = problem;
  const blocked = new Set(through);
  const origins = new Set(from);
  const sorts = booleans.map(() => "Bool").join(" ");
  const values = booleans.map((_, index) => `b${index}`).join(" ");
  const bound = booleans.map((_, index) => `(b${index} Bool)`).join(" ");
  const always = (claim: string): string =>
    bound === "" ? `(assert ${claim})` : `(assert (forall (${bound}) ${claim}))`;
  const inside = (node: number): string => (values === "" ? `in${node}` : `(in${node} ${values})`);
  const lines = nodes.map((name, node) => `(declare-fun in${node} (${sorts}) Bool) ; ${name}`);
  for (const edge of edges) {
    if (blocked.has(edge.to) || blocked.has(edge.from)) continue;
    const causes = [waysText(edge.ways, problem)];
    if (!origins.has(edge.from)) causes.push(inside(edge.from));
    lines.push(always(`(=> ${conjunction(causes)} ${inside(edge.to)})`));
  }
  for (const node of to) if (!blocked.has(node)) lines.push(always(`(not ${inside(node)})`));
  return `${lines.join("\n")}\n`;
}

/** Declarations of the booleans. */
export function booleanLines(booleans: readonly string[]): string[] {
  return booleans.map((name, index) => `(declare-const b${index} Bool) ; ${name}`);
}

const OPERATORS = { and: "and", or: "or", xor: "xor", eq: "=", neq: "xor" } as const;

function termOf(condition: ProblemCondition): string {
  if (condition.kind === "boolean") return `b${condition.boolean}`;
  if (condition.kind === "not") return `(not ${termOf(condition.operand)})`;
  const { left, right } = condition;
  return `(${OPERATORS[condition.kind]} ${termOf(left)} ${termOf(right)})`;
}

/** That one of some ways is open. */
export function waysText(
  ways: readonly (readonly number[])[],
  { conditions }: Pick<FlowProblem, "conditions">,
): string {
  const literal = (variant: number): string => {
    const term = termOf(conditions[(variant - 1) >>> 1]);
    return variant % 2 === 0 ? term : `(not ${term})`;
  };
  return disjunction(ways.map((way) => conjunction(way.map(literal))));
}

export function disjunction(terms: readonly string[]): string {
  if (terms.length === 0) return "false";
  return terms.length === 1 ? terms[0] : `(or ${terms.join(" ")})`;
}

export function conjunction(terms: readonly string[]): string {
  if (terms.length === 0) return "true";
  return terms.length === 1 ? terms[0] : `(and ${terms.join(" ")})`;
}
