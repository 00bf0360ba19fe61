/**
 * Questions in SMT-LIB, so that a solver can answer them on its own. "sat" means that the promise
 * is broken. Texts hold declarations and assertions only; `(check-sat)` is the caller's.
 */

import type { FlowProblem, ProblemCondition } from "./certificate.ts";

/**
 * A flow: some setting of the booleans, a set of nodes that are reached, and a rank for each that
 * falls towards where it came from, so that no two nodes are reached by each other alone.
 */
export function flowQuestionText(problem: FlowProblem): string {
  const { nodes, edges, from, to, through } = problem;
  const blocked = new Set(through);
  const origins = new Set(from);
  const incoming = nodes.map((): string[] => []);
  const width = Math.max(1, Math.ceil(Math.log2(nodes.length + 2)));
  for (const edge of edges) {
    if (blocked.has(edge.to) || edge.ways.length === 0) continue;
    const needed = waysText(edge.ways);
    if (origins.has(edge.from)) incoming[edge.to].push(needed);
    if (blocked.has(edge.from)) continue;
    const step = `(and in${edge.from} (bvult rank${edge.from} rank${edge.to}) ${needed})`;
    incoming[edge.to].push(step);
  }
  const lines = [...conditionLines(problem)];
  for (const [node, name] of nodes.entries()) {
    if (blocked.has(node)) continue;
    lines.push(
      `(declare-const in${node} Bool) ; ${name}`,
      `(declare-const rank${node} (_ BitVec ${width}))`,
    );
  }
  for (const [node, causes] of incoming.entries()) {
    if (!blocked.has(node)) lines.push(`(assert (=> in${node} ${disjunction(causes)}))`);
  }
  const goals = to.filter((node) => !blocked.has(node)).map((node) => `in${node}`);
  lines.push(`(assert ${disjunction(goals)})`);
  return `${lines.join("\n")}\n`;
}

/** The booleans, and a name for each condition. */
export function conditionLines({
  booleans,
  conditions,
}: Pick<FlowProblem, "booleans" | "conditions">): string[] {
  return [
    ...booleans.map((name, index) => `(declare-const b${index} Bool) ; ${name}`),
    ...conditions.map((condition, index) => `(define-fun c${index} () Bool ${termOf(condition)})`),
  ];
}

const OPERATORS = { and: "and", or: "or", xor: "xor", eq: "=", neq: "xor" } as const;

function termOf(condition: ProblemCondition): string {
  if (condition.kind === "boolean") return `b${condition.boolean}`;
  if (condition.kind === "not") return `(not ${termOf(condition.operand)})`;
  const { left, right } = condition;
  return `(${OPERATORS[condition.kind]} ${termOf(left)} ${termOf(right)})`;
}

/** That one of some ways is open. */
export function waysText(ways: readonly (readonly number[])[]): string {
  return disjunction(ways.map((way) => conjunction(way.map(literalText))));
}

function literalText(variant: number): string {
  const condition = `c${(variant - 1) >>> 1}`;
  return variant % 2 === 0 ? condition : `(not ${condition})`;
}

export function disjunction(terms: readonly string[]): string {
  if (terms.length === 0) return "false";
  return terms.length === 1 ? terms[0] : `(or ${terms.join(" ")})`;
}

export function conjunction(terms: readonly string[]): string {
  if (terms.length === 0) return "true";
  return terms.length === 1 ? terms[0] : `(and ${terms.join(" ")})`;
}
