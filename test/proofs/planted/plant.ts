// A core with a mistake in it, and what the proofs say of it.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCounterexample } from "../../../proofs/counterexample/search.ts";
import { differing } from "../../../proofs/mutate/judge.ts";
import { cases, goalsOf } from "../../../proofs/obligations/index.ts";
import { firstFailure } from "../../../proofs/runner/goals.ts";
import type { Solver } from "../../../proofs/solver/index.ts";
import { decodeModule } from "../../../proofs/wasm/index.ts";
import { compileCore } from "../../../scripts/core.ts";
import { columns, linearBytes } from "../../../tcb/core/layout.ts";
import type { PlantedBug } from "./bugs.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The core's bytes with the mistake compiled in; throws if the place is not there exactly once. */
export function plant(bug: PlantedBug): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "planted-"));
  try {
    cpSync(join(root, "tcb/core"), join(folder, "tcb/core"), { recursive: true });
    const file = join(folder, "tcb/core", bug.file);
    const text = readFileSync(file, "utf8");
    const places = text.split(bug.from).length - 1;
    if (places !== 1) throw new Error(`${bug.name}: ${places} places in ${bug.file}, not 1`);
    writeFileSync(
      file,
      text.replace(bug.from, () => bug.to),
    );
    const output = join(folder, "build/core.wasm");
    compileCore({ root: folder, entry: "tcb/core/core.ts", linearBytes, output });
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Caught {
  readonly name: string;
  /** A property of the operation that does not hold any more. */
  readonly failed?: string;
  /** What differs when the counterexample is replayed, in words. */
  readonly differences: readonly string[];
}

/** What the proof of the bug's operation finds; what it says of the core as well is not asked. */
export async function judge(bug: PlantedBug, solver: Solver): Promise<Caught> {
  const bytes = plant(bug);
  const module = decodeModule(bytes);
  const one = cases.find((each) => each.family === bug.family && each.operation === bug.operation);
  if (one === undefined) throw new Error(`no case is ${bug.family}: ${bug.operation}`);
  const core = decodeModule(readFileSync(join(root, "build/core.wasm")));
  const goals = differing(goalsOf(module, columns, one), goalsOf(core, columns, one));
  const failure = await firstFailure(goals, { solvers: [solver], parallel: 2 });
  if (failure === undefined) return { name: bug.name, differences: [] };
  const failed = failure.property;
  const found = await findCounterexample(bytes, module, columns, one, [failed], solver);
  const differences = (found?.replay.differences ?? []).map(
    ({ what, core, specification }) => `${what}: ${core}, not ${specification}`,
  );
  return { name: bug.name, failed, differences };
}
