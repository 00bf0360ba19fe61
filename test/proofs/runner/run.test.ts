import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  figures,
  type Obligation,
  runObligations,
  summarise,
} from "../../../proofs/runner/index.ts";
import {
  CachedSolver,
  createSolver,
  type Solver,
  VerdictCache,
} from "../../../proofs/solver/index.ts";
import * as t from "../../../proofs/term/index.ts";

const x = t.variable("x", 16);
const limit = t.constant(16, 100);
const make = (property: string, query: () => string, expect_?: "sat"): Obligation => ({
  family: "family",
  operation: "operation",
  property,
  query,
  ...(expect_ === undefined ? {} : { expect: expect_ }),
});

const list: readonly Obligation[] = [
  make("true", () => t.printValidity([t.ult(x, limit)], t.ule(x, limit))),
  make("false", () => t.printValidity([t.ule(x, limit)], t.ult(x, limit))),
  make("reachable", () => t.printQuery([t.ult(x, limit)]), "sat"),
  make("vacuous", () => t.printQuery([t.and(t.ult(x, limit), t.ult(limit, x))]), "sat"),
  make("malformed", () => "(assert (= 1 #x00))\n"),
  make("unbuildable", () => {
    throw new Error("widths differ");
  }),
];

const folder = mkdtempSync(join(tmpdir(), "runner-"));
let solver: Solver;
beforeAll(() => {
  solver = createSolver("z3-wasm");
});
afterAll(async () => {
  await solver.close();
  rmSync(folder, { recursive: true });
});

test("only the expected verdict counts; errors are failures", async () => {
  const seen: number[] = [];
  const results = await runObligations(list, {
    solvers: [solver],
    timeoutMs: 20_000,
    dump: folder,
    onResult: (_, done) => seen.push(done),
  });
  expect(results.map((one) => [one.property, one.ok, one.verdict])).toEqual([
    ["true", true, "unsat"],
    ["false", false, "sat"],
    ["reachable", true, "sat"],
    ["vacuous", false, "unsat"],
    ["malformed", false, "error"],
    ["unbuildable", false, "error"],
  ]);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  expect(summarise(results)).toMatchObject([{ obligations: 6, proved: 2 }]);
  expect(readdirSync(folder)).toHaveLength(5);
  expect(figures(results[0]!)).toMatchObject({ family: "family", verdict: "unsat" });
});

test("a second run takes proofs from the cache and repeats the rest", async () => {
  const cache = join(folder, "cache");
  for (const expected of [false, true]) {
    const cached = new CachedSolver(solver, new VerdictCache(cache));
    const results = await runObligations(list.slice(0, 2), {
      solvers: [cached],
      timeoutMs: 20_000,
    });
    expect(results.map((one) => one.opinions[0]!.cached)).toEqual([expected, false]);
    expect(results.map((one) => one.verdict)).toEqual(["unsat", "sat"]);
  }
});

test("solvers that disagree fail the obligation", async () => {
  const contrary: Solver = {
    name: "cvc5",
    version: async () => "0",
    close: async () => undefined,
    solve: async () => ({ verdict: "sat", ms: 0, solver: "cvc5", version: "0" }),
  };
  const results = await runObligations(list.slice(0, 1), {
    solvers: [solver, contrary],
    timeoutMs: 20_000,
  });
  expect(results[0]).toMatchObject({ ok: false, verdict: "error" });
  expect(results[0]!.detail).toBe("the solvers disagree");
  expect(results[0]!.opinions).toHaveLength(2);
});

test("where one gives up, that is the verdict, and no other is asked", async () => {
  let asked = 0;
  const answering = (verdict: "unknown" | "unsat"): Solver => ({
    name: "cvc5",
    version: async () => "0",
    close: async () => undefined,
    solve: async () => {
      asked++;
      return { verdict, ms: 0, solver: "cvc5", version: "0" };
    },
  });
  const solvers = [answering("unknown"), answering("unsat")];
  const results = await runObligations(list.slice(0, 1), { solvers, timeoutMs: 20_000 });
  expect(results[0]).toMatchObject({ ok: false, verdict: "unknown" });
  expect(asked).toBe(1);
});
