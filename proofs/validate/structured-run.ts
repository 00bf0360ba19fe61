import type { Solver } from "../solver/types.ts";
import * as t from "../term/index.ts";
import { bitsOf } from "../wasm/execute.ts";
import { ConcreteInstance, decodeModule, Executor, flatMemory, type Run } from "../wasm/index.ts";
import { differMemory, differOutcome } from "./compare.ts";
import type { Tally } from "./conformance.ts";
import { type GeneratedModule, GLOBALS, generateModule } from "./generate.ts";
import { type HostOutcome, HostRun } from "./host-instance.ts";
import type { Random } from "./random.ts";

const CALLS_PER_MODULE = 20;
const SYMBOLIC_CALLS = 6;
const CONCRETE_SIZE = { budget: 220, fuel: 40 };
const SYMBOLIC_SIZE = { budget: 60, fuel: 2 };
/** Bytes of memory that symbolic runs compare: where generated code mostly writes. */
const COMPARED_BYTES = 112;
const LIMIT_TERMS = 60_000;

/** A symbolic run with what V8 says for some arguments. */
export interface SymbolicCase {
  readonly bytes: Uint8Array;
  /** Unsatisfiable if the run agrees with V8 on all arguments. */
  readonly disagreement: t.Term;
}

/** Random structured control. */
export class StructuredCases {
  readonly #random: Random;
  readonly #tally: Tally;

  constructor(random: Random, tally: Tally) {
    this.#random = random;
    this.#tally = tally;
  }

  #arguments(generated: GeneratedModule): bigint[] {
    return generated.parameters.map((type) =>
      this.#random.oneIn(3) ? BigInt(this.#random.below(10)) : this.#random.word(bitsOf(type)),
    );
  }

  /** Calls one module several times in both, carrying the state along. */
  runConcrete(): void {
    const generated = generateModule(this.#random, CONCRETE_SIZE.budget, CONCRETE_SIZE.fuel);
    const { bytes, entry } = generated;
    const module = decodeModule(bytes);
    let ours = new ConcreteInstance(module);
    let theirs = new HostRun(bytes);
    const { type } = ours.executor.function(entry);
    for (let call = 0; call < CALLS_PER_MODULE; call++) {
      const args = this.#arguments(generated);
      const mine = ours.call(entry, args);
      const other = theirs.call(entry, type, args);
      this.#tally.structured++;
      const difference = differOutcome(mine, other) ?? this.#differState(mine.kind, ours, theirs);
      if (difference !== undefined) {
        this.#tally.mismatch("structured", `${entry}(${args.join(", ")}): ${difference}`, bytes);
        return;
      }
      if (other.kind === "returned") continue;
      // V8 keeps what was written before a trap, we do not: start again.
      this.#tally.traps++;
      ours = new ConcreteInstance(module);
      theirs = new HostRun(bytes);
    }
  }

  #differState(kind: string, ours: ConcreteInstance, theirs: HostRun): string | undefined {
    if (kind === "trapped") return undefined;
    const globals = ours.globals();
    for (const [at, type] of GLOBALS.entries()) {
      const other = theirs.global(at, type);
      if (globals[at] !== other) return `global ${at}: we ${globals[at]}, V8 ${other}`;
    }
    return differMemory(ours.contents("memory"), theirs);
  }

  /** Runs one module with unknown arguments and compares it at some of their values. */
  runSymbolic(): SymbolicCase | undefined {
    const generated = generateModule(this.#random, SYMBOLIC_SIZE.budget, SYMBOLIC_SIZE.fuel);
    const { bytes, entry } = generated;
    const module = decodeModule(bytes);
    const executor = new Executor(module, { columns: flatMemory(module.memoryBytes) });
    const args = executor.unknownArguments(entry);
    const termsBefore = t.termCount();
    const run = executor.run(entry, args, executor.initialState({ contents: "initial" }));
    const { type } = executor.function(entry);
    const isLarge = t.termCount() - termsBefore > LIMIT_TERMS;
    let disagreement = t.FALSE;
    for (let call = 0; call < SYMBOLIC_CALLS; call++) {
      const values = this.#arguments(generated);
      const theirs = new HostRun(bytes);
      const outcome = theirs.call(entry, type, values);
      const claims = claimsOf(run, outcome, theirs);
      const assignment = {
        variables: new Map(args.map((arg, at) => [arg.name, values[at]!])),
        functions: new Map(),
      };
      this.#tally.symbolic++;
      if (outcome.kind === "trapped") this.#tally.traps++;
      // One by one: the conjunction of all of them is a term that can take minutes to build.
      const isEach = t.evaluateAll(claims, assignment).every((value) => value === 1n);
      if (isEach === (outcome.kind === "trapped")) {
        this.#tally.mismatch("symbolic", `${entry}(${values.join(", ")})`, bytes);
        return undefined;
      }
      if (isLarge) continue;
      const chosen = args.map((arg, at) => t.equal(arg, t.constant(arg.width, values[at]!)));
      const all = t.and(...claims);
      const wrong = outcome.kind === "trapped" ? all : t.not(all);
      disagreement = t.or(disagreement, t.and(...chosen, wrong));
    }
    return isLarge ? undefined : { bytes, disagreement };
  }

  /** Has a solver repeat the comparison: this checks the printed text, and the solver. */
  async ask(solver: Solver, symbolic: SymbolicCase | undefined): Promise<void> {
    if (symbolic === undefined) return;
    const text = t.printQuery([symbolic.disagreement]);
    const { verdict, detail } = await solver.solve(text, { timeoutMs: 60_000 });
    this.#tally.queries++;
    if (verdict === "unsat") return;
    this.#tally.mismatch("solver", `${solver.name}: ${verdict} ${detail ?? ""}`, symbolic.bytes);
  }
}

/** What the symbolic run says where V8 had this outcome: if V8 trapped, not all of it holds; else
 *  all does. */
function claimsOf(run: Run, outcome: HostOutcome, theirs: HostRun): readonly t.Term[] {
  const safe = run.obligations.map((one) => one.condition);
  if (outcome.kind === "trapped") return safe;
  const { final, result } = run;
  if (final === undefined || result === undefined) return [t.FALSE];
  const claims = [...safe, t.equal(result, t.constant(result.width, outcome.result!))];
  for (const [at, type] of GLOBALS.entries()) {
    const value = theirs.global(at, type);
    claims.push(t.equal(final.globals[at]!, t.constant(bitsOf(type), value)));
  }
  const bytes = new Uint8Array(theirs.words.buffer);
  for (let row = 0; row < COMPARED_BYTES; row++) {
    const value = final.read("memory", t.constant(16, row));
    claims.push(t.equal(value, t.constant(8, bytes[row]!)));
  }
  return claims;
}
