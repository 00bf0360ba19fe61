import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Queue } from "../solver/queue.ts";
import type { SolveResult, Solver, Verdict } from "../solver/types.ts";

/** One thing to be shown. */
export interface Obligation {
  readonly family: string;
  readonly operation: string;
  readonly property: string;
  /** Builds the text; called once, when a solver is about to be free. */
  readonly query: () => string;
  /** "unsat" (a proof) if not given; "sat" for what has to be reachable. */
  readonly expect?: "unsat" | "sat";
  /** What the first solver has already said of the text. */
  readonly known?: SolveResult;
}

/** What one solver said. */
export interface Opinion {
  readonly solver: string;
  readonly version: string;
  readonly verdict: Verdict;
  readonly ms: number;
  readonly cached: boolean;
  readonly detail?: string;
}

export interface ObligationResult {
  readonly family: string;
  readonly operation: string;
  readonly property: string;
  /** True if every solver gave the expected verdict. */
  readonly ok: boolean;
  /** Of the first solver that does not say what is expected; else of the first. */
  readonly verdict: Verdict;
  /** Of the query that decided; earlier ones with fewer facts are in `totalMs`. */
  readonly ms: number;
  readonly totalMs?: number;
  /** Of the longest query. */
  readonly largestMs?: number;
  readonly solver: string;
  readonly expect: "unsat" | "sat";
  readonly sha256: string;
  readonly bytes: number;
  readonly opinions: readonly Opinion[];
  readonly detail?: string;
  /** Of the first solver, if the verdict is "sat" and models are wanted. */
  readonly model?: ReadonlyMap<string, bigint>;
}

export interface RunOptions {
  /** All have to agree. The caller closes them. */
  readonly solvers: readonly Solver[];
  readonly timeoutMs: number;
  /** As for a solver. */
  readonly effort?: number;
  /** Obligations at once; 2 if not given. Should match the solvers' workers. */
  readonly parallel?: number;
  readonly wantModel?: boolean;
  /** Folder that gets each text as family.operation.property.smt2. */
  readonly dump?: string;
  readonly onResult?: (result: ObligationResult, done: number, total: number) => void;
}

/** Solves all obligations and gives the results in the order of the list. */
export async function runObligations(
  list: readonly Obligation[],
  options: RunOptions,
): Promise<readonly ObligationResult[]> {
  const queue = new Queue(options.parallel ?? 2);
  let done = 0;
  return Promise.all(
    list.map((obligation) =>
      queue.run(async () => {
        const result = await solveOne(obligation, options);
        options.onResult?.(result, ++done, list.length);
        return result;
      }),
    ),
  );
}

async function solveOne(obligation: Obligation, options: RunOptions): Promise<ObligationResult> {
  const { family, operation, property } = obligation;
  const expect = obligation.expect ?? "unsat";
  const frame = { family, operation, property, expect };
  let text: string;
  try {
    text = obligation.query();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const solver = options.solvers[0]?.name ?? "none";
    const failed = { ok: false, verdict: "error", ms: 0, solver, sha256: "", bytes: 0 } as const;
    return { ...frame, ...failed, opinions: [], detail: `no query could be built: ${detail}` };
  }
  if (options.dump !== undefined) dumpQuery(options.dump, obligation, text);
  const answers: SolveResult[] = [];
  for (const [at, solver] of options.solvers.entries()) {
    const { timeoutMs, effort, wantModel = false } = options;
    const limits = effort === undefined ? { timeoutMs } : { timeoutMs, effort };
    const known = at === 0 ? obligation.known : undefined;
    const answer = known ?? (await solver.solve(text, { ...limits, wantModel }));
    answers.push(answer);
    // Where one says otherwise, what the others say changes nothing.
    if (answer.verdict !== expect) break;
  }
  const [first] = answers;
  if (first === undefined) throw new Error("no solver was given");
  const other = answers.find((answer) => answer.verdict !== expect);
  const contrary = disagree(answers) ? ({ verdict: "error", detail: DISAGREE } as const) : {};
  return {
    ...frame,
    ok: other === undefined,
    verdict: (other ?? first).verdict,
    ms: Math.round(first.ms),
    solver: (other ?? first).solver,
    sha256: createHash("sha256").update(text).digest("hex"),
    bytes: text.length,
    opinions: answers.map(opinionOf),
    ...(other?.detail === undefined ? {} : { detail: other.detail }),
    ...(first.model === undefined ? {} : { model: first.model }),
    ...contrary,
  };
}

const DISAGREE = "the solvers disagree";

/** One says "sat" and one "unsat" of the same text: one of them is wrong. */
export function disagree(opinions: readonly { readonly verdict: Verdict }[]): boolean {
  const said = new Set(opinions.map(({ verdict }) => verdict));
  return said.has("sat") && said.has("unsat");
}

function opinionOf(answer: SolveResult & { cached?: boolean }): Opinion {
  const { solver, version, verdict, detail } = answer;
  const opinion = { solver, version, verdict, ms: Math.round(answer.ms) };
  const cached = answer.cached ?? false;
  return detail === undefined ? { ...opinion, cached } : { ...opinion, cached, detail };
}

function dumpQuery(folder: string, obligation: Obligation, text: string): void {
  mkdirSync(folder, { recursive: true });
  const { family, operation, property } = obligation;
  const name = [family, operation, property].join(".").replace(/[^A-Za-z0-9_.-]/g, "_");
  writeFileSync(join(folder, `${name}.smt2`), text);
}

/** Figures of a family. */
export interface FamilySummary {
  readonly family: string;
  readonly obligations: number;
  readonly proved: number;
  readonly cached: number;
  readonly ms: number;
  readonly largestMs: number;
}

/** One line of figures a family, in the order in which families first appear. */
export function summarise(results: readonly ObligationResult[]): readonly FamilySummary[] {
  const families = [...new Set(results.map((result) => result.family))];
  return families.map((family) => {
    const own = results.filter((result) => result.family === family);
    return {
      family,
      obligations: own.length,
      proved: own.filter((result) => result.ok).length,
      cached: own.filter((result) => result.opinions[0]?.cached).length,
      ms: own.reduce((sum, result) => sum + result.ms, 0),
      largestMs: Math.max(...own.map((result) => result.ms)),
    };
  });
}

/** The part of a result that goes into the JSON file. */
export function figures(result: ObligationResult) {
  const { family, operation, property, verdict, ok, ms, solver, expect, sha256, opinions } = result;
  // A goal that is shown by parts took their sum; no query was longer than the longest.
  const times = { ms, longest_query_ms: Math.round(result.largestMs ?? ms) };
  return { family, operation, property, verdict, ok, ...times, solver, expect, sha256, opinions };
}
