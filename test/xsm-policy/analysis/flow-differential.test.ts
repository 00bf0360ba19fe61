import { afterAll, describe, expect, it } from "vitest";
import { availableSolvers, createSolver, type Solver } from "../../../proofs/solver/index.ts";
import type { FlowProblem } from "../../../xsm-policy/analysis/certificate.ts";
import { FlowGraph } from "../../../xsm-policy/analysis/flow-graph.ts";
import { flowQuestion } from "../../../xsm-policy/analysis/flow-question.ts";
import { FlowSearch } from "../../../xsm-policy/analysis/flow-search.ts";
import { EdgeList } from "../../../xsm-policy/analysis/problem.ts";
import { flowQuestionText } from "../../../xsm-policy/analysis/smt.ts";
import { verifyCertificate } from "../../../xsm-policy/analysis/verify.ts";
import { BitSet } from "../../../xsm-policy/compiler/bits.ts";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { naiveDistance } from "./naive-flow.ts";
import { DOMAINS, randomFlowPolicy } from "./random-policy.ts";

const POLICIES = 40;
const SOLVED_POLICIES = 12;

const seeds = Array.from({ length: POLICIES }, (_, seed) => seed);

interface Asked {
  readonly from: string;
  readonly to: string;
  readonly through: readonly string[];
  /** Steps of the path that was found. */
  readonly distance: number | undefined;
  readonly problem: FlowProblem;
  /** What the separate checker says against the certificate. */
  readonly objection: string | undefined;
}

function compiled(seed: number) {
  const { relation, diagnostics } = compile({ name: "random", text: randomFlowPolicy(seed) });
  expect(diagnostics).toEqual([]);
  return relation!;
}

/** Asks from every domain for one other, by way of some or not. */
function ask(seed: number): Asked[] {
  const graph = new FlowGraph(compiled(seed));
  const search = new FlowSearch(graph);
  const edges = new EdgeList(graph);
  const types = graph.policy.types.map(({ name }) => name);
  const set = (names: readonly string[]) => BitSet.of(names.map((name) => types.indexOf(name)));
  return DOMAINS.map((from, index) => {
    const to = DOMAINS[(index + 1 + (seed % 3)) % DOMAINS.length];
    const through = DOMAINS.filter((name) => name !== from && name !== to).slice(0, seed % 3);
    const { question } = flowQuestion(graph, set([from]), set([to]), set(through));
    const verdict = search.decide(question);
    const problem = edges.problem(question);
    const isPath = verdict.kind === "path";
    const certificate = isPath
      ? {
          ...verdict,
          booleans: search.conditions.declared.map((value, at) => verdict.assignment[at] ?? value),
        }
      : verdict;
    const objection = verifyCertificate(problem, certificate);
    const distance = isPath ? verdict.nodes.length - 1 : undefined;
    return { from, to, through, distance, problem, objection };
  });
}

/** Would catch a flow that is missed, made up, or not the shortest, and a wrong certificate. */
describe("flows of random policies", () => {
  it.each(seeds)("are those of brute force, with certificates: seed %i", (seed) => {
    const relation = compiled(seed);
    for (const { from, to, through, distance, objection } of ask(seed)) {
      const expected = naiveDistance(relation, from, to, through);
      expect([from, to, distance, objection]).toEqual([from, to, expected, undefined]);
    }
  });

  it("have every kind of answer among them", () => {
    const distances = seeds.flatMap((seed) => ask(seed).map(({ distance }) => distance));
    expect([...new Set(distances)].sort()).toEqual([1, 2, 3, 4, undefined]);
  });
});

/** Would catch an encoding that says something else, and a search that is wrong in the same way. */
describe("the same questions put to Z3", () => {
  let solver: Solver | undefined;
  afterAll(() => solver?.close());

  it("have the same answers", async () => {
    const available = await availableSolvers();
    solver = createSolver(available.includes("z3") ? "z3" : "z3-wasm");
    for (const seed of seeds.slice(0, SOLVED_POLICIES)) {
      for (const { from, to, distance, problem } of ask(seed)) {
        const { verdict } = await solver.solve(flowQuestionText(problem), { timeoutMs: 60_000 });
        const expected = distance === undefined ? "sat" : "unsat";
        expect([seed, from, to, verdict]).toEqual([seed, from, to, expected]);
      }
    }
  });
});
