import { describe, expect, it } from "vitest";
import { FlowGraph } from "../../../xsm-policy/analysis/flow-graph.ts";
import { flowQuestion } from "../../../xsm-policy/analysis/flow-question.ts";
import { FlowSearch } from "../../../xsm-policy/analysis/flow-search.ts";
import { EdgeList } from "../../../xsm-policy/analysis/problem.ts";
import { verifyCertificate } from "../../../xsm-policy/analysis/verify.ts";
import { BitSet } from "../../../xsm-policy/compiler/bits.ts";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { naiveDistance } from "./naive-flow.ts";
import { DOMAINS, randomFlowPolicy } from "./random-policy.ts";

const POLICIES = 60;

/** Would catch a flow that is missed, made up, or not the shortest, and a wrong certificate. */
describe("flows of random policies", () => {
  it.each(Array.from({ length: POLICIES }, (_, seed) => seed))(
    "agree with brute force: seed %i",
    (seed) => {
      const { relation, diagnostics } = compile({ name: "p", text: randomFlowPolicy(seed) });
      expect(diagnostics).toEqual([]);
      const graph = new FlowGraph(relation!);
      const search = new FlowSearch(graph);
      const edges = new EdgeList(graph);
      const types = graph.policy.types.map(({ name }) => name);
      const set = (names: readonly string[]) => BitSet.of(names.map((name) => types.indexOf(name)));
      for (const from of DOMAINS) {
        const to = DOMAINS[(DOMAINS.indexOf(from) + 1 + (seed % 3)) % DOMAINS.length];
        const through =
          seed % 2 === 0 ? [] : DOMAINS.filter((name) => name !== from && name !== to).slice(0, 1);
        const { question } = flowQuestion(graph, set([from]), set([to]), set(through));
        const verdict = search.decide(question);
        const found = verdict.kind === "path" ? verdict.nodes.length - 1 : undefined;
        expect([from, to, found]).toEqual([from, to, naiveDistance(relation!, from, to, through)]);
        const booleans = search.conditions.declared;
        const certificate =
          verdict.kind === "path"
            ? { ...verdict, booleans: booleans.map((value, at) => verdict.assignment[at] ?? value) }
            : verdict;
        expect(verifyCertificate(edges.problem(question), certificate)).toBeUndefined();
      }
    },
  );
});
