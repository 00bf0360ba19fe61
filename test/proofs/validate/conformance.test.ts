import { afterAll, beforeAll, expect, test } from "vitest";
import { createSolver, type Solver } from "../../../proofs/solver/index.ts";
import { runConformance } from "../../../proofs/validate/conformance.ts";

const CASES = Number(process.env.CONFORMANCE_CASES ?? 20_000);
let solver: Solver;

beforeAll(() => {
  solver = createSolver("z3-wasm", { workers: 1 });
});
afterAll(() => solver.close());

test(`the executor agrees with V8 in ${CASES} generated cases`, {
  timeout: 3_600_000,
}, async () => {
  const result = await runConformance({ cases: CASES, seed: 20_240_601, solver, solverEvery: 20 });
  expect(result.mismatches).toEqual([]);
  expect(result.cases).toBeGreaterThanOrEqual(CASES);
  // Each part has to have had its share, or the agreement says little.
  expect(result.traps).toBeGreaterThan(CASES / 20);
  expect(result.opcodeCases).toBeGreaterThan(CASES / 3);
  expect(result.structuredCases).toBeGreaterThan(CASES / 6);
  expect(result.symbolicCases).toBeGreaterThan(CASES / 60);
  expect(result.summarisedLoops).toBeGreaterThan(CASES / 300);
  expect(result.columnCases - result.unclaimedCases).toBeGreaterThan(CASES / 100);
  expect(result.solverQueries).toBeGreaterThan(CASES / 8000);
});

test("the same seed makes the same cases", async () => {
  const [first, again] = [
    await runConformance({ cases: 700, seed: 5 }),
    await runConformance({ cases: 700, seed: 5 }),
  ];
  expect(first).toEqual(again);
});
