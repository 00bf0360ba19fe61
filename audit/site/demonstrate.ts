// Writes demonstration.json: counterexamples to mistakes that are planted in copies of the core, so
// that a reader of the report knows what a failed proof looks like. To be run with tsx.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findCounterexample } from "../../proofs/counterexample/search.ts";
import { showCounterexample } from "../../proofs/counterexample/show.ts";
import { sampleMutants } from "../../proofs/mutate/index.ts";
import { cases, goalsOf } from "../../proofs/obligations/index.ts";
import { firstFailure } from "../../proofs/runner/goals.ts";
import { createSolver } from "../../proofs/solver/index.ts";
import { decodeModule } from "../../proofs/wasm/index.ts";
import { columns } from "../../tcb/core/layout.ts";
import { root } from "../trace/source.ts";
import type { Counterexample } from "./data.ts";

const WANTED = 2;
const COLUMN = "column policyCellDenied";
const one = cases.find(({ operation }) => operation === "recordDenial")!;
const core = new Uint8Array(readFileSync(join(root, "build/core.wasm")));
const functions = (name: string): boolean => name.endsWith("xsm/recordDenial");
const solver = createSolver("z3-wasm", { workers: 1 });
const found: Counterexample[] = [];

for (const { bytes, description } of sampleMutants(core, { count: 6, seed: 3, functions })) {
  if (found.length === WANTED) break;
  const module = decodeModule(bytes);
  const goals = goalsOf(module, columns, one).filter(({ property }) => property === COLUMN);
  if ((await firstFailure(goals, { solvers: [solver], parallel: 1 })) === undefined) continue;
  const shown = await findCounterexample(bytes, module, columns, one, [COLUMN], solver);
  if (shown === undefined) continue;
  const title = `A denial is counted wrongly (${found.length + 1})`;
  const operation = "xsm: recordDenial";
  found.push({ title, mistake: description, operation, text: showCounterexample(shown) });
}
await solver.close();
const file = join(root, "audit/site/demonstration.json");
writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
