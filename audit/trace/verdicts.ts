// What a run of `npm run prove -- --json FILE` found, case by case.

import { readFileSync } from "node:fs";
import type { ObligationResult as Result } from "../../proofs/runner/index.ts";
import { shortHash } from "./source.ts";

/** One obligation, as the prover writes it. */
export interface Obligation
  extends Pick<Result, "family" | "operation" | "property" | "ok" | "ms"> {
  readonly verdict: string;
  readonly solver: string;
  readonly expect: string;
  /** Of the query's SMT-LIB text; empty where no solver was needed. */
  readonly sha256: string;
  readonly opinions: readonly {
    readonly solver: string;
    readonly version: string;
    readonly verdict: string;
    readonly ms: number;
  }[];
}

export interface ProofRun {
  readonly core_sha256: string;
  readonly operations: number;
  readonly unspecified: readonly string[];
  readonly flows?: unknown;
  readonly obligations: readonly Obligation[];
}

export interface CaseVerdict {
  readonly obligations: number;
  readonly proved: number;
  /** Hash over the queries and their verdicts. */
  readonly digest: string;
  /** What is not proved, with the verdict. */
  readonly open: Readonly<Record<string, string>>;
}

/** Reads a run. Throws Error with the file's name if it is not one. */
export function readProofRun(file: string): ProofRun {
  const run = JSON.parse(readFileSync(file, "utf8")) as ProofRun;
  if (typeof run.core_sha256 === "string" && Array.isArray(run.obligations)) return run;
  throw new Error(`${file}: this is not what "npm run prove -- --json FILE" writes`);
}

const caseOf = ({ family, operation }: Obligation): string => `${family}: ${operation}`;

/** "timeout" where a solver gave up, else its verdict. */
const verdictOf = ({ verdict }: Obligation): string =>
  verdict === "unknown" ? "timeout" : verdict;

/** The obligations by case, in the order of the run. */
export function byCase(run: ProofRun): Map<string, Obligation[]> {
  const found = new Map<string, Obligation[]>();
  for (const one of run.obligations) {
    const own = found.get(caseOf(one)) ?? [];
    own.push(one);
    found.set(caseOf(one), own);
  }
  return found;
}

export function caseVerdicts(run: ProofRun): Map<string, CaseVerdict> {
  return new Map(
    [...byCase(run)].map(([name, own]) => {
      const open = own.filter(({ ok }) => !ok);
      const lines = own.map((one) => `${one.property} ${one.expect} ${one.verdict} ${one.sha256}`);
      const verdict: CaseVerdict = {
        obligations: own.length,
        proved: own.length - open.length,
        digest: shortHash(lines.join("\n")),
        open: Object.fromEntries(open.map((one) => [one.property, verdictOf(one)])),
      };
      return [name, verdict];
    }),
  );
}

/** Cases that show that an invariant stays. */
export function keepersOf(run: ProofRun): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const one of run.obligations) {
    const [, id] = /^keeps (\S+)/.exec(one.property) ?? [];
    if (id === undefined) continue;
    const own = found.get(id) ?? new Set();
    found.set(id, own.add(caseOf(one)));
  }
  return new Map([...found].map(([id, own]) => [id, [...own].sort()]));
}
