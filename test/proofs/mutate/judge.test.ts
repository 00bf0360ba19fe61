import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Mutation, mutate, mutationsOf } from "../../../proofs/mutate/index.ts";
import { Judge } from "../../../proofs/mutate/judge.ts";
import { cases } from "../../../proofs/obligations/index.ts";
import type { Coverage } from "../../../proofs/reach/index.ts";
import { createSolver, type Solver } from "../../../proofs/solver/index.ts";
import { decodeModule } from "../../../proofs/wasm/index.ts";
import { columns } from "../../../tcb/core/layout.ts";

const CLOSE = "tcb/core/event_channel/closePort";
const STATE = "tcb/core/columns/portState";
const OUTSIDE = "tcb/core/boot/openPack";
const core = fileURLToPath(new URL("../../../build/core.wasm", import.meta.url));
const bytes = new Uint8Array(readFileSync(core));
const mutations = [...mutationsOf(decodeModule(bytes))];
let solver: Solver;
let judge: Judge;

const first = (name: string, fits: (one: Mutation) => boolean): Mutation =>
  mutations.find((one) => one.function === name && fits(one))!;
const judged = (one: Mutation) => judge.judge(mutate(bytes, one).bytes, one.function);

beforeAll(() => {
  const at = cases.findIndex(({ operation }) => operation === "closePort");
  const coverage: Coverage = {
    cases: new Map([CLOSE, STATE].map((name) => [name, [at]] as const)),
    outside: new Map([[OUTSIDE, ["door boot"]]]),
  };
  solver = createSolver("z3-wasm", { workers: 1 });
  judge = new Judge(bytes, columns, solver, coverage);
});

afterAll(() => solver.close());

test("a turned condition is killed, by a property of the case that executes it", async () => {
  const found = await judged(first(CLOSE, ({ kind }) => kind === "condition"));
  expect(found.verdict).toBe("killed");
  expect(found.by).toMatch(/^event_channel: closePort: /);
});

test("the state that killed one mutant kills the next without the solver", async () => {
  const one = first(CLOSE, ({ kind }) => kind === "condition");
  await judged(one);
  const asked = solver.solve;
  solver.solve = () => Promise.reject(new Error("the solver was asked"));
  try {
    expect((await judged(one)).verdict).toBe("killed");
  } finally {
    solver.solve = asked;
  }
});

test("a sign that the invariants rule out makes an equivalent mutant", async () => {
  const found = await judged(first(STATE, ({ change }) => change.endsWith("load8_s")));
  expect(found).toEqual({ verdict: "equivalent" });
});

test("a function that only unspecified operations execute is neither", async () => {
  const found = await judged(first(OUTSIDE, ({ kind }) => kind === "condition"));
  expect(found.verdict).toBe("neither");
  expect(found.why).toContain("door boot");
});
