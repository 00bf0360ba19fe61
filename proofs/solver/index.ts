/** Solvers behind one interface. */
import { isInstalled, NativeSolver } from "./native.ts";
import {
  SOLVER_NAMES,
  type SolveOptions,
  type SolveResult,
  type Solver,
  type SolverName,
  type SolverOptions,
} from "./types.ts";
import { WasmSolver } from "./z3-wasm.ts";

export { CachedSolver, VerdictCache, verdictKey } from "./cache.ts";
export * from "./types.ts";

/** A solver by name; close it when done. */
export function createSolver(name: SolverName, options: SolverOptions = {}): Solver {
  return name === "z3-wasm" ? new WasmSolver(options) : new NativeSolver(name, options);
}

/** The solvers that this machine has; Z3 from npm always is. */
export async function availableSolvers(): Promise<readonly SolverName[]> {
  const there = await Promise.all(
    SOLVER_NAMES.map((name) => (name === "z3-wasm" ? true : isInstalled(name))),
  );
  return SOLVER_NAMES.filter((_, at) => there[at]);
}

/** One query to a solver that lives for it alone; for many queries, keep a solver. */
export async function solve(
  text: string,
  options: SolveOptions & { readonly solver?: SolverName },
): Promise<SolveResult> {
  const solver = createSolver(options.solver ?? "z3-wasm", { workers: 1 });
  try {
    return await solver.solve(text, options);
  } finally {
    await solver.close();
  }
}
