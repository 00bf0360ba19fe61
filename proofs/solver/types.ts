/** What every solver offers. */
export type SolverName = "z3-wasm" | "z3" | "cvc5";

export const SOLVER_NAMES: readonly SolverName[] = ["z3-wasm", "z3", "cvc5"];

export interface SolveOptions {
  /** After this many milliseconds the verdict is "unknown". */
  readonly timeoutMs: number;
  /**
   * Z3's own count of what it does, at which the verdict is "unknown" (about four million a second).
   * A verdict that it decides does not depend on how busy the machine is.
   */
  readonly effort?: number;
  /** On "sat", also give the values of all constants (probes among them). */
  readonly wantModel?: boolean;
}

export type Verdict = "unsat" | "sat" | "unknown" | "error";

export interface SolveResult {
  /** Only "unsat" proves anything; a crash, a parse error or a doubtful answer is "error". */
  readonly verdict: Verdict;
  /** Values of constants by name; booleans are 0 or 1. */
  readonly model?: ReadonlyMap<string, bigint>;
  /** Of processor time for Z3 from npm, so that it does not depend on the load; else of time. */
  readonly ms: number;
  readonly solver: SolverName;
  readonly version: string;
  /** Why the verdict is "error" or "unknown". */
  readonly detail?: string;
}

/** A solver with its processes; close it, or they keep running. */
export interface Solver {
  readonly name: SolverName;
  version(): Promise<string>;
  /** The text has declarations and assertions only; commands to check are added. */
  solve(text: string, options: SolveOptions): Promise<SolveResult>;
  close(): Promise<void>;
}

export interface SolverOptions {
  /** Queries at once; 2 if not given. */
  readonly workers?: number;
  /** Memory of one process; 2048 if not given. */
  readonly memoryMegabytes?: number;
}

export const DEFAULT_WORKERS = 2;
export const DEFAULT_MEMORY_MEGABYTES = 2048;

/** A query holds declarations, definitions and assertions; more would upset the protocol. */
export function checkText(text: string): void {
  if (/\((check-sat|exit|reset|push|pop|get-|set-option|echo|include)/.test(text)) {
    throw new Error("a query holds declarations, definitions and assertions only");
  }
}
