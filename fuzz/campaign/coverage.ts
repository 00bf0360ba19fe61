// What was reached: branches and lines of the core, clauses of the specification; as figures and as
// one page of HTML.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { coverageOfCore, placesOf } from "../../scripts/coverage/lines.ts";
import type { FuzzingCopy } from "../instrument/link.ts";

export interface CoverageInput {
  readonly root: string;
  /** The core's source map, if it is there. */
  readonly map: string | undefined;
  readonly copy: FuzzingCopy;
  readonly counters: readonly number[];
  readonly clauses: readonly (readonly [id: string, says: string])[];
}

const CLAUSE =
  /"([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-[0-9]+)",?\s*$|clause\(\s*"([A-Z][A-Z0-9-]*-[0-9]+)"/gm;

/** All clauses that the specification's files name. */
export function allClauses(root: string): string[] {
  const folder = join(root, "spec");
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && name !== "lint.ts");
  const ids = files.flatMap((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    return [...text.matchAll(CLAUSE)].map(([, one, other]) => one ?? other!);
  });
  return [...new Set(ids)].sort();
}

function countsOf({ copy, counters }: CoverageInput): number[] {
  const counts = new Array<number>(copy.counters).fill(0);
  for (const counter of counters) counts[counter] = 1;
  return counts;
}

interface FileLines {
  readonly name: string;
  readonly lines: ReadonlyMap<number, number>;
  readonly branches: readonly number[];
}

function filesOf(input: CoverageInput): FileLines[] {
  if (input.map === undefined) return [];
  const files = coverageOfCore(input.copy.sites, placesOf(input.map), countsOf(input), input.root);
  return files.map(({ path, statementMap, s, b }) => ({
    name: path.slice(input.root.length + 1),
    lines: new Map(Object.entries(statementMap).map(([id, at]) => [at.start.line, s[id] ?? 0])),
    branches: Object.values(b).flat(),
  }));
}

const share = (values: readonly number[]): string => {
  const reached = values.filter((value) => value > 0).length;
  const percent = values.length === 0 ? 100 : Math.floor((reached / values.length) * 1000) / 10;
  return `${reached}/${values.length} (${percent} %)`;
};

/** The figures as lines. */
export function coverageFigures(input: CoverageInput): string {
  const files = filesOf(input);
  const named = new Set(input.clauses.map(([id]) => id));
  const clauses = allClauses(input.root);
  const missing = clauses.filter((id) => !named.has(id));
  const lines = files.flatMap((file) => [...file.lines.values()]);
  const branches = files.flatMap((file) => file.branches);
  return [
    `branches of the core   ${share(branches)}`,
    `lines of the core      ${share(lines)}`,
    `clauses                ${share(clauses.map((id) => (named.has(id) ? 1 : 0)))}`,
    ...missing.map((id) => `  not reached: ${id}`),
    "",
  ].join("\n");
}

/** One way out of a branch of core.wasm. */
export interface Outcome {
  readonly function: string;
  /** Of the instruction in core.wasm. */
  readonly offset: number;
  /** 0: the condition was zero, 1: it was not; of br_table the case. */
  readonly outcome: number;
}

export interface CoverageSummary {
  /** Outcomes of branches in core.wasm, and those that no input came to. */
  readonly outcomes: number;
  readonly open: readonly Outcome[];
  readonly clauses: number;
  readonly missing: readonly string[];
}

/** What was reached, for programs: branches as they are in core.wasm. */
export function coverageSummary(input: CoverageInput): CoverageSummary {
  const counts = countsOf(input);
  const named = new Set(input.clauses.map(([id]) => id));
  const clauses = allClauses(input.root);
  const branches = input.copy.sites.filter((site) => site.kind === "branch");
  const outcomes = branches.flatMap(({ function: owner, offset, counters }) =>
    counters.map((counter, outcome) => ({ function: owner, offset, outcome, counter })),
  );
  return {
    outcomes: outcomes.length,
    open: outcomes
      .filter(({ counter }) => counts[counter] === 0)
      .map(({ counter: _, ...outcome }) => outcome),
    clauses: clauses.length,
    missing: clauses.filter((id) => !named.has(id)),
  };
}

const escaped = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

function filePage({ name, lines, branches }: FileLines, root: string): string {
  const source = readFileSync(join(root, name), "utf8").trimEnd().split("\n");
  const rows = source.map((text, index) => {
    const count = lines.get(index + 1);
    const kind = count === undefined ? "" : count > 0 ? ' class="yes"' : ' class="no"';
    return `<tr${kind}><td>${index + 1}</td><td>${escaped(text)}</td></tr>`;
  });
  const summary = `${name}: lines ${share([...lines.values()])}, branches ${share(branches)}`;
  const table = `<table>${rows.join("\n")}</table>`;
  return `<details><summary>${escaped(summary)}</summary>${table}</details>`;
}

const STYLE = `body{font:14px sans-serif;margin:2em}table{font:12px monospace;white-space:pre}
.yes{background:#dfd}.no{background:#fdd}td:first-child{color:#888;text-align:right}`;

/** One page: clauses, then the core's files with their lines. */
export function coverageHtml(input: CoverageInput): string {
  const named = new Map(input.clauses);
  const clauses = allClauses(input.root).map((id) => {
    const says = named.get(id);
    const kind = says === undefined ? "no" : "yes";
    return `<tr class="${kind}"><td>${id}</td><td>${escaped(says ?? "not reached")}</td></tr>`;
  });
  const files = filesOf(input).map((file) => filePage(file, input.root));
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Fuzzing coverage</title>
<style>${STYLE}</style><h1>Fuzzing coverage</h1><pre>${escaped(coverageFigures(input))}</pre>
<h2>Clauses</h2><table>${clauses.join("\n")}</table><h2>The core</h2>${files.join("\n")}</html>\n`;
}
