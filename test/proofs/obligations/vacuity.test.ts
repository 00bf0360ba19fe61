import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { Case } from "../../../proofs/obligations/case.ts";
import { cases, goalsOf } from "../../../proofs/obligations/index.ts";
import { solveGoals } from "../../../proofs/runner/goals.ts";
import { createSolver } from "../../../proofs/solver/index.ts";
import { FALSE } from "../../../proofs/term/index.ts";
import { decodeModule } from "../../../proofs/wasm/index.ts";
import { columns } from "../../../tcb/core/layout.ts";

const corePath = fileURLToPath(new URL("../../../build/core.wasm", import.meta.url));
const solver = createSolver("z3-wasm", { workers: 2 });
afterAll(() => solver.close());

const send = cases.find(
  ({ family, operation }) => family === "event_channel" && operation === "unmask",
)!;

async function reached(one: Case): Promise<Record<string, boolean>> {
  const module = decodeModule(readFileSync(corePath));
  const goals = goalsOf(module, columns, one).filter(({ satisfiable }) => satisfiable);
  const results = await solveGoals(goals, { solvers: [solver], parallel: 2 });
  return Object.fromEntries(results.map(({ property, ok }) => [property, ok]));
}

test.skipIf(!existsSync(corePath))(
  "each result is reachable, and none is if nothing can be (skipped unless built)",
  async () => {
    expect(await reached(send)).toEqual({
      "can give -1": true,
      "can give -14": true,
      "can give -22": true,
      "can give 0": true,
    });
    const nothing = { ...send, given: () => [FALSE] };
    expect(new Set(Object.values(await reached(nothing)))).toEqual(new Set([false]));
  },
  60_000,
);
