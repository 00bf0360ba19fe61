// `npm run prove`: shows of a core.wasm that it does what the specification says.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, Option } from "commander";
import { columns } from "../tcb/core/layout.ts";
import type { Goal } from "./obligations/goal.ts";
import { LEVELS } from "./obligations/hypotheses.ts";
import { cases, families, goalsOf, unspecified } from "./obligations/index.ts";
import { ProofTable, SCOPE } from "./report/text.ts";
import { figures, type Obligation, type ObligationResult, runObligations } from "./runner/index.ts";
import type { SolverName } from "./solver/index.ts";
import {
  CachedSolver,
  createSolver,
  SOLVER_NAMES,
  type Solver,
  VerdictCache,
} from "./solver/index.ts";
import { printQuery, printValidity, TRUE } from "./term/index.ts";
import { decodeModule, type WasmModule } from "./wasm/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const CACHE = join(root, "build/proofs/unsat.txt");
/** Time for a query at each level, in milliseconds. */
const LIMIT_MILLISECONDS = [5_000, 10_000, 30_000];
const WORKERS = 2;

const EXIT_PROVED = 0;
const EXIT_NOT_PROVED = 1;
const EXIT_USAGE = 2;

interface Flags {
  readonly only?: string[];
  readonly json?: string;
  readonly solver: SolverName;
  readonly wasm: string;
  readonly fresh: boolean;
  readonly dump?: string;
}

function command(): Command {
  return new Command("prove")
    .description("Proves that a core.wasm does what spec/ says, for every state and argument.")
    .option("--only <family...>", `only these families: ${families.join(", ")}`)
    .option("--json <file>", "write the result to a file")
    .addOption(
      new Option("--solver <name>", "who judges").choices([...SOLVER_NAMES]).default("z3-wasm"),
    )
    .option("--wasm <file>", "another build of the core", join(root, "build/core.wasm"))
    .option("--fresh", "forget earlier proofs", false)
    .option("--dump <folder>", "write each query as an SMT-LIB file")
    .exitOverride();
}

/** A goal at one level, as a query. */
function obligationOf(goal: Goal, level: number): Obligation {
  const { family, operation, property, conclusion } = goal;
  const comment = `${family}: ${operation}: ${property}`;
  const query = () => {
    const facts = goal.hypotheses(level);
    return goal.satisfiable
      ? printQuery([...facts, conclusion], { comment })
      : printValidity(facts, conclusion, { comment });
  };
  return { family, operation, property, query, expect: goal.satisfiable ? "sat" : "unsat" };
}

/** What needs no solver: both sides are one term. */
function trivial(goal: Goal): ObligationResult {
  const { family, operation, property } = goal;
  const frame = { family, operation, property, ok: true, verdict: "unsat", ms: 0 } as const;
  return { ...frame, solver: "terms", expect: "unsat", sha256: "", bytes: 0, opinions: [] };
}

const isTrivial = (goal: Goal): boolean => goal.conclusion === TRUE && !goal.satisfiable;

/** Solves goals, those that fail again with more facts; results in the order of the goals. */
async function solveGoals(
  goals: readonly Goal[],
  solver: Solver,
  dump: string | undefined,
): Promise<readonly ObligationResult[]> {
  const results = new Map<Goal, ObligationResult>();
  let left = goals.filter((goal) => !isTrivial(goal));
  for (const goal of goals) if (isTrivial(goal)) results.set(goal, trivial(goal));
  for (let level = 0; level < LEVELS && left.length > 0; level++) {
    const timeoutMs = LIMIT_MILLISECONDS[level]!;
    const list = left.map((goal) => obligationOf(goal, level));
    const options = { solvers: [solver], timeoutMs, parallel: WORKERS };
    const found = await runObligations(list, dump === undefined ? options : { ...options, dump });
    for (const [at, goal] of left.entries()) results.set(goal, found[at]!);
    left = left.filter((goal) => !results.get(goal)!.ok);
  }
  return goals.map((goal) => results.get(goal)!);
}

/** A case that cannot even be stated is one failed obligation that says why. */
function goalsOrFailure(module: WasmModule, one: (typeof cases)[number]): Goal[] | string {
  try {
    return goalsOf(module, columns, one);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function prove(flags: Flags): Promise<number> {
  const bytes = readFileSync(flags.wasm);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const module = decodeModule(bytes);
  const wanted = cases.filter(({ family }) => flags.only?.includes(family) ?? true);
  process.stdout.write(`${SCOPE}\ncore ${sha256}\n\n`);
  if (flags.fresh) rmSync(CACHE, { force: true });
  const inner = createSolver(flags.solver, { workers: WORKERS });
  const solver = new CachedSolver(inner, new VerdictCache(CACHE));
  const table = new ProofTable();
  const all: ObligationResult[] = [];
  try {
    for (const one of wanted) {
      const goals = goalsOrFailure(module, one);
      const results =
        typeof goals === "string"
          ? [impossible(one, goals)]
          : await solveGoals(goals, solver, flags.dump);
      all.push(...results);
      process.stdout.write(table.line(one, results));
    }
  } finally {
    await solver.close();
  }
  process.stdout.write(table.end(all, unspecified));
  if (flags.json !== undefined) writeFileSync(flags.json, jsonOf(sha256, wanted.length, all));
  return all.every(({ ok }) => ok) ? EXIT_PROVED : EXIT_NOT_PROVED;
}

function impossible(one: (typeof cases)[number], detail: string): ObligationResult {
  const { family, operation } = one;
  const frame = { family, operation, property: "can be stated", ok: false } as const;
  const rest = { ms: 0, solver: "terms", expect: "unsat", sha256: "", bytes: 0 } as const;
  return { ...frame, verdict: "error", ...rest, opinions: [], detail };
}

function jsonOf(sha256: string, operations: number, all: readonly ObligationResult[]): string {
  const obligations = all.map(figures);
  return `${JSON.stringify({ core_sha256: sha256, operations, unspecified, obligations }, null, 2)}\n`;
}

async function main(): Promise<number> {
  const program = command();
  try {
    program.parse();
  } catch (error) {
    return error instanceof CommanderError && error.exitCode === 0 ? EXIT_PROVED : EXIT_USAGE;
  }
  const flags = program.opts<Flags>();
  const unknown = flags.only?.filter((family) => !families.includes(family)) ?? [];
  if (unknown.length > 0) {
    process.stderr.write(`no family ${unknown.join(", ")}; there are: ${families.join(", ")}\n`);
    return EXIT_USAGE;
  }
  if (!existsSync(flags.wasm)) {
    process.stderr.write(`${flags.wasm} does not exist; run "npm run build" first\n`);
    return EXIT_USAGE;
  }
  try {
    return await prove(flags);
  } catch (error) {
    process.stderr.write(`prove: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_NOT_PROVED;
  }
}

process.exitCode = await main();
