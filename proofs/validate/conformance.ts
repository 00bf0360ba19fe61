import type { Solver } from "../solver/types.ts";
import { resetTerms } from "../term/index.ts";
import { ColumnCases } from "./column-cases.ts";
import { LoopCases } from "./loop-cases.ts";
import { OpcodeCases } from "./opcode-run.ts";
import { Random } from "./random.ts";
import { StructuredCases } from "./structured-run.ts";

/** One way in which the executor and V8 were seen to differ. */
export interface Mismatch {
  readonly kind: "opcode" | "structured" | "symbolic" | "loop" | "column" | "solver";
  readonly what: string;
  /** The module, to look at it. */
  readonly module: string;
}

export interface ConformanceOptions {
  /** Comparisons to make; a comparison is one call of one function in both. */
  readonly cases: number;
  readonly seed: number;
  /** Also sends one symbolic module of so many to this solver. */
  readonly solver?: Solver;
  readonly solverEvery?: number;
  readonly onProgress?: (cases: number) => void;
}

export interface ConformanceResult {
  readonly cases: number;
  readonly traps: number;
  readonly mismatches: readonly Mismatch[];
  readonly opcodeCases: number;
  readonly structuredCases: number;
  readonly symbolicCases: number;
  readonly loopCases: number;
  readonly summarisedLoops: number;
  readonly columnCases: number;
  /** Of these, where the executor demands more than holds, and so claims nothing. */
  readonly unclaimedCases: number;
  readonly solverQueries: number;
}

/** What the parts count and find. */
export class Tally {
  traps = 0;
  opcode = 0;
  structured = 0;
  symbolic = 0;
  loop = 0;
  summarised = 0;
  column = 0;
  unclaimed = 0;
  queries = 0;
  readonly mismatches: Mismatch[] = [];

  get cases(): number {
    return this.opcode + this.structured + this.symbolic + this.loop + this.column;
  }

  mismatch(kind: Mismatch["kind"], what: string, bytes: Uint8Array): void {
    this.mismatches.push({ kind, what, module: Buffer.from(bytes).toString("base64") });
  }
}

/** Terms are forgotten after so many cases: they would fill the memory. */
const RESET_CASES = 2000;
const OPCODES_PER_ROUND = 150;
const MODULES_PER_ROUND = 3;
const LOOPS_PER_ROUND = 3;
const ACCESSES_PER_ROUND = 3;

/**
 * Compares the executor with V8 on generated modules: single instructions on edge operands, random
 * structured control (on constants, and with unknown arguments), counted loops that may be
 * summarised, and accesses to tables. Deterministic by seed.
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceResult> {
  const random = new Random(options.seed);
  const tally = new Tally();
  const opcodes = new OpcodeCases(random, tally);
  const structured = new StructuredCases(random, tally);
  const loops = new LoopCases(random, tally);
  const columns = new ColumnCases(random, tally);
  let sinceReset = 0;
  let rounds = 0;
  while (tally.cases < options.cases) {
    const before = tally.cases;
    opcodes.run(OPCODES_PER_ROUND);
    for (let module = 0; module < MODULES_PER_ROUND; module++) structured.runConcrete();
    for (let loop = 0; loop < LOOPS_PER_ROUND; loop++) loops.run();
    for (let access = 0; access < ACCESSES_PER_ROUND; access++) columns.run();
    const query = structured.runSymbolic();
    rounds++;
    if (options.solver !== undefined && rounds % (options.solverEvery ?? 50) === 0) {
      await structured.ask(options.solver, query);
    }
    sinceReset += tally.cases - before;
    if (sinceReset < RESET_CASES) continue;
    sinceReset = 0;
    resetTerms();
    options.onProgress?.(tally.cases);
  }
  const { cases, traps, mismatches } = tally;
  return {
    cases,
    traps,
    mismatches,
    opcodeCases: tally.opcode,
    structuredCases: tally.structured,
    symbolicCases: tally.symbolic,
    loopCases: tally.loop,
    summarisedLoops: tally.summarised,
    columnCases: tally.column,
    unclaimedCases: tally.unclaimed,
    solverQueries: tally.queries,
  };
}
