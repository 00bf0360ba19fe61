// The policy that ships: who may do what to whom, what was promised of it, and the certificates by
// which a small checker sees that the promises about flows hold.

import { join } from "node:path";
import { checkPolicy } from "../../xsm-policy/analysis/check.ts";
import { FlowGraph } from "../../xsm-policy/analysis/flow-graph.ts";
import { flowQuestion } from "../../xsm-policy/analysis/flow-question.ts";
import { loadForAnalysis } from "../../xsm-policy/analysis/input.ts";
import { EdgeList } from "../../xsm-policy/analysis/problem.ts";
import { PromiseSets } from "../../xsm-policy/analysis/promise-sets.ts";
import { root } from "../trace/source.ts";

export const SHIPPED = "xsm-policy/policy/xenolith";

type Ready = NonNullable<ReturnType<typeof loadForAnalysis>["ready"]>;

/** The questions about flows as plain data, in the order of the assertions. */
function flowProblems({ policy, relation, assertions }: Ready) {
  const graph = new FlowGraph(relation);
  const edges = new EdgeList(graph);
  const sets = new PromiseSets(policy, () => {});
  return assertions.flatMap(({ assertion }) => {
    if (assertion.kind !== "neverflow") return [];
    const from = sets.types(assertion.from).types;
    const to = sets.types(assertion.to).types;
    const through =
      assertion.through === undefined ? undefined : sets.types(assertion.through).types;
    return [edges.problem(flowQuestion(graph, from, to, through).question)];
  });
}

function cellsOf({ policy, relation }: Ready) {
  const cells: [source: number, target: number, group: number, permissions: string[]][] = [];
  relation.cells(({ source, target, class: group, permissions }) => {
    const names = policy.classes[group]!.permissions.filter(
      (_, bit) => ((permissions >>> bit) & 1) === 1,
    );
    cells.push([source, target, group, names]);
  });
  return cells;
}

/** The shipped policy as data. Throws Error if it does not compile. */
export function policyEvidence() {
  const { ready } = loadForAnalysis(join(root, SHIPPED));
  if (ready === undefined) throw new Error(`${SHIPPED}: the policy does not compile`);
  const { verdicts } = checkPolicy(ready.relation, ready.assertions);
  const problems = flowProblems(ready);
  const [first] = problems;
  const flows = verdicts.filter(({ kind }) => kind === "neverflow");
  const promises = verdicts.map((verdict) => {
    const { kind, text, goal, holds, certificate } = verdict;
    const promise = { kind, text, goal, holds };
    const problem = problems[flows.indexOf(verdict)];
    if (certificate === undefined || problem === undefined) return promise;
    const { from, to, through } = problem;
    return { ...promise, flow: { from, to, through, certificate } };
  });
  return {
    source: SHIPPED,
    types: ready.policy.types.map(({ name }) => name),
    classes: ready.policy.classes.map(({ name }) => name),
    cells: cellsOf(ready),
    promises,
    flow: {
      nodes: first?.nodes ?? [],
      booleans: first?.booleans ?? [],
      conditions: first?.conditions ?? [],
      edges: (first?.edges ?? []).map(({ from, to, ways }) => [from, to, ways]),
    },
  };
}
