// `npm run prove`: shows of a core.wasm that it does what the specification says.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, Option } from "commander";
import { columns } from "../tcb/core/layout.ts";
import { boundsOf } from "./bounds/bounds.ts";
import { worstLine } from "./bounds/text.ts";
import { testText } from "./counterexample/emit.ts";
import { findCounterexample } from "./counterexample/search.ts";
import { showCounterexample } from "./counterexample/show.ts";
import { declaredDisclosures } from "./obligations/disclosures.ts";
import { declaredFlows } from "./obligations/flows.ts";
import { cases, families, operationsOf } from "./obligations/index.ts";
import { ProofTable, SCOPE } from "./report/text.ts";
import { CaseCache, digestOfProver } from "./runner/case-cache.ts";
import { impossible } from "./runner/goals.ts";
import { figures, type ObligationResult } from "./runner/index.ts";
import { CasePool } from "./runner/pool.ts";
import { Record } from "./runner/recorded.ts";
import { createSolver, SOLVER_NAMES, type SolverName } from "./solver/index.ts";
import { Queue } from "./solver/queue.ts";
import { decodeModule } from "./wasm/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const VERDICTS = "unsat.txt";
const CASES = "cases";
const RECORD = join(root, "proofs/recorded.txt");
/** Who may change what of others, and know what of them. */
const meant: readonly string[] = [...declaredFlows, ...declaredDisclosures];

/** Failed operations for which a state is looked for. */
const LIMIT_EXPLAINED = 3;

const EXIT_PROVED = 0;
const EXIT_NOT_PROVED = 1;
const EXIT_USAGE = 2;

interface Flags {
  readonly only?: string[];
  readonly operation?: string[];
  readonly json?: string;
  readonly solver: SolverName;
  readonly second?: SolverName;
  readonly wasm: string;
  readonly fresh: boolean;
  /** Folder of earlier proofs: verdicts of queries, results of cases. */
  readonly cache: string;
  readonly dump?: string;
  readonly emitTest?: string;
  /** Processes that prove, each with its solver's. */
  readonly workers: number;
  /** Write down what proofs took. */
  readonly record: boolean;
}

function command(): Command {
  return new Command("prove")
    .description("Proves that a core.wasm does what spec/ says, for every state and argument.")
    .option("--only <family...>", `only these families: ${families.join(", ")}`)
    .option("--operation <name...>", "only these operations")
    .option("--json <file>", "write the result to a file")
    .addOption(
      new Option("--solver <name>", "who judges").choices([...SOLVER_NAMES]).default("z3-wasm"),
    )
    .addOption(new Option("--second <name>", "who has to agree").choices([...SOLVER_NAMES]))
    .option("--wasm <file>", "another build of the core", join(root, "build/core.wasm"))
    .option("--cache <folder>", "where proofs are remembered", join(root, "build/proofs"))
    .option("--fresh", "forget earlier proofs", false)
    .option("--dump <folder>", "write each query as an SMT-LIB file")
    .option("--workers <count>", "cases at once", Number, 2)
    .option("--record", "write down which facts proofs need, and how long cases take", false)
    .option("--emit-test <file>", "write the first counterexample as a test")
    .exitOverride();
}

/** The cases that are asked for, by their place in the list. */
function wanted(flags: Flags): number[] {
  return [...cases.keys()].filter((at) => {
    const { family, operation } = cases[at]!;
    const isFamily = flags.only?.includes(family) ?? true;
    return isFamily && (flags.operation?.includes(operation) ?? true);
  });
}

const nameOf = (at: number): string => `${cases[at]!.family}: ${cases[at]!.operation}`;

/** The cases by the time that they took before; those that are new come first. */
function longestFirst(list: readonly number[], record: Record): number[] {
  const timeOf = (at: number): number => record.timeOf(nameOf(at)) ?? Number.MAX_SAFE_INTEGER;
  return [...list].sort((one, two) => timeOf(two) - timeOf(one) || one - two);
}

/** Proves cases, some at once; hands each on in the order of the list. */
async function proveCases(
  list: readonly number[],
  known: CaseCache,
  flags: Flags,
  onCase: (at: number, results: readonly ObligationResult[]) => void,
): Promise<number> {
  const dump = flags.dump === undefined ? {} : { dump: flags.dump };
  const solvers = solversOf(flags);
  const pool = new CasePool({
    wasm: flags.wasm,
    solvers,
    cache: join(flags.cache, VERDICTS),
    record: RECORD,
    ...dump,
  });
  const record = Record.from(RECORD);
  const proveOne = async (at: number): Promise<readonly ObligationResult[]> => {
    const { family, operation } = cases[at]!;
    const before = flags.dump === undefined ? known.get(family, operation) : undefined;
    if (before !== undefined) return before;
    const answer = await pool.prove(at);
    if (typeof answer === "string") return [impossible(cases[at]!, answer)];
    known.add(family, operation, answer.results);
    record.noteTime(nameOf(at), answer.ms);
    for (const [mark, hint] of answer.notes) record.note(mark, hint);
    if (flags.record) record.write(RECORD);
    return answer.results;
  };
  const queue = new Queue(flags.workers);
  try {
    const running = new Map(
      longestFirst(list, record).map((at) => [at, queue.run(() => proveOne(at))]),
    );
    for (const at of list) onCase(at, await running.get(at)!);
  } finally {
    pool.close();
  }
  return pool.largestMegabytes;
}

const solversOf = ({ solver, second }: Flags): SolverName[] =>
  second === undefined ? [solver] : [solver, second];

/** The operations that the code tells apart, and those that no case is about. */
function namesOf(bytes: Uint8Array) {
  const operations = operationsOf(decodeModule(bytes), columns);
  const unspecified = operations.filter((one) => one.of === undefined).map(({ name }) => name);
  return { count: operations.length, unspecified };
}

/** Looks for states in which the first failures can be seen, and prints them. */
async function explain(
  bytes: Uint8Array,
  failed: readonly (readonly [number, readonly string[]])[],
  flags: Flags,
): Promise<void> {
  if (failed.length === 0) return;
  const solver = createSolver("z3-wasm", { workers: 1 });
  let isFirst = true;
  try {
    for (const [at, properties] of failed) {
      const module = decodeModule(bytes);
      const one = cases[at]!;
      const found = await findCounterexample(bytes, module, columns, one, properties, solver);
      if (found === undefined) continue;
      process.stdout.write(`\n${showCounterexample(found)}`);
      if (flags.emitTest !== undefined && isFirst) {
        const folder = relative(dirname(resolve(flags.emitTest)), join(root, "proofs"));
        writeFileSync(flags.emitTest, testText(found.witness, folder));
      }
      isFirst = false;
    }
  } catch (error) {
    // A build that cannot be executed has no state to show; the table says why.
    process.stdout.write(
      `\nno counterexample: ${error instanceof Error ? error.message : error}\n`,
    );
  } finally {
    await solver.close();
  }
}

async function prove(flags: Flags): Promise<number> {
  const bytes = readFileSync(flags.wasm);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const list = wanted(flags);
  process.stdout.write(`${SCOPE}\ncore ${sha256}\n\n`);
  if (flags.fresh)
    for (const name of [VERDICTS, CASES])
      rmSync(join(flags.cache, name), { recursive: true, force: true });
  const stem = [digestOfProver(), sha256, ...solversOf(flags)].join("\n");
  const known = new CaseCache(join(flags.cache, CASES), stem);
  const { count, unspecified } = known.computed("operations", () => namesOf(bytes));
  const table = new ProofTable();
  const all: ObligationResult[] = [];
  const failed: [number, string[]][] = [];
  const megabytes = await proveCases(list, known, flags, (at, results) => {
    all.push(...results);
    process.stdout.write(table.line(cases[at]!, results));
    const open = results.filter(({ ok }) => !ok).map(({ property }) => property);
    if (open.length > 0) failed.push([at, open]);
  });
  await explain(bytes, failed.slice(0, LIMIT_EXPLAINED), flags);
  process.stdout.write(table.end(all, count, unspecified, meant));
  const bounds = known.computed("bounds", () => boundsOf(bytes).operations);
  process.stdout.write(worstLine(bounds));
  const result = {
    core_sha256: sha256,
    operations: count,
    unspecified,
    largest_process_megabytes: megabytes,
  };
  if (flags.json !== undefined) {
    const report = { ...result, flows: meant, bounds, obligations: all.map(figures) };
    const text = JSON.stringify(report, null, 2);
    writeFileSync(flags.json, `${text}\n`);
  }
  const isWhole = flags.only === undefined && flags.operation === undefined;
  const isBounded = bounds.every(({ instructions }) => instructions !== undefined);
  const complete = !isWhole || (unspecified.length === 0 && isBounded);
  return complete && all.every(({ ok }) => ok) ? EXIT_PROVED : EXIT_NOT_PROVED;
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
