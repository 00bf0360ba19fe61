// What campaigns reached, beside their corpus: counters of the core and clauses of the
// specification, for the coverage report.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Reached {
  readonly counters: readonly number[];
  readonly clauses: readonly (readonly [id: string, says: string])[];
}

const fileOf = (corpus: string): string => join(corpus, "reached.json");

/** What earlier campaigns in this folder reached. */
export function loadReached(corpus: string): Reached {
  const file = fileOf(corpus);
  if (!existsSync(file)) return { counters: [], clauses: [] };
  return JSON.parse(readFileSync(file, "utf8")) as Reached;
}

/** Adds what these runs reached. */
export function saveReached(corpus: string, runs: readonly Reached[]): void {
  const all = [loadReached(corpus), ...runs];
  const counters = [...new Set(all.flatMap((one) => one.counters))].sort((a, b) => a - b);
  const clauses = [...new Map(all.flatMap((one) => one.clauses))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  writeFileSync(fileOf(corpus), `${JSON.stringify({ counters, clauses })}\n`);
}
