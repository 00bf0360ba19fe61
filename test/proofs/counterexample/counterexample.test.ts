import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { replayText, testText } from "../../../proofs/counterexample/emit.ts";
import { findCounterexample } from "../../../proofs/counterexample/search.ts";
import { showCounterexample } from "../../../proofs/counterexample/show.ts";
import { type Mutant, sampleMutants } from "../../../proofs/mutate/index.ts";
import { cases, goalsOf } from "../../../proofs/obligations/index.ts";
import { firstFailure } from "../../../proofs/runner/goals.ts";
import { createSolver } from "../../../proofs/solver/index.ts";
import { decodeModule } from "../../../proofs/wasm/index.ts";
import { columns } from "../../../tcb/core/layout.ts";

const corePath = fileURLToPath(new URL("../../../build/core.wasm", import.meta.url));
const built = existsSync(corePath);
const solver = createSolver("z3-wasm", { workers: 2 });
afterAll(() => solver.close());

const one = cases.find(
  ({ family, operation }) => family === "xsm" && operation === "recordDenial",
)!;

const COLUMN = "column policyCellDenied";

const core = (): Uint8Array => new Uint8Array(readFileSync(corePath));

/** The mutants of a small function that the proof of its lemma is about. */
function mutants(): readonly Mutant[] {
  const functions = (name: string) => name.endsWith("xsm/recordDenial");
  return sampleMutants(core(), { count: 6, seed: 3, functions });
}

test.skipIf(!built)(
  "a wrong instruction gives a state in which V8 and the specification differ (skipped unless built)",
  async () => {
    let shown = 0;
    for (const mutant of mutants()) {
      const module = decodeModule(mutant.bytes);
      const goals = goalsOf(module, columns, one).filter(({ property }) => property === COLUMN);
      const failure = await firstFailure(goals, { solvers: [solver], parallel: 2 });
      if (failure === undefined) continue;
      const named = [COLUMN];
      const found = await findCounterexample(mutant.bytes, module, columns, one, named, solver);
      expect(found?.replay.differences, mutant.description).not.toEqual([]);
      expect(showCounterexample(found!)).toContain("counterexample to xsm: recordDenial");
      shown++;
      const text = testText(found!.witness, "../../../proofs");
      const witness = /const witness = ([\s\S]*?);\n\ntest\(/.exec(text)![1]!;
      expect(replayText(mutant.bytes, cases, JSON.parse(witness))).toEqual(
        found!.replay.differences,
      );
      // The same state shows nothing on the core as it is.
      expect(replayText(core(), cases, JSON.parse(witness))).toEqual([]);
    }
    expect(shown).toBeGreaterThan(0);
  },
  60_000,
);
