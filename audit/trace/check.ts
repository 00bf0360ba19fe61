// `xenolith audit check`: every item, at both ends of every link.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { caseHashes } from "./cases.ts";
import { codeFunctions } from "./code.ts";
import { items } from "./items.ts";
import { readLinks } from "./links.ts";
import { readPolicy } from "./policy.ts";
import { root, sha256 } from "./source.ts";
import { SpecCode } from "./spec-code.ts";
import { Comparison, type LinkState, type LinkStatus, type Tree } from "./state.ts";
import { testFiles } from "./tests.ts";
import { wasmHashes } from "./wasm-code.ts";

/** Reads the tree as it is now. */
export function readTree(): Tree {
  const file = join(root, "build/core.wasm");
  const core = existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;
  return {
    items: items(),
    functions: codeFunctions(),
    cases: caseHashes(),
    tests: testFiles(),
    spec: new SpecCode().hashes(),
    core: core && sha256(core),
    wasm: core && wasmHashes(core),
  };
}

const GOOD: ReadonlySet<LinkState> = new Set(["covered", "waived"]);
export const isGap = ({ state }: LinkStatus): boolean => !GOOD.has(state);

export interface CheckResult {
  readonly statuses: readonly LinkStatus[];
  readonly gaps: readonly LinkStatus[];
  /** How many links are in each state. */
  readonly states: Readonly<Partial<Record<LinkState, number>>>;
  readonly items: number;
}

/** Compares the stored links with the tree. `today` is a day, as in 2027-01-31. */
export function checkTree(today: string, tree = readTree()): CheckResult {
  const statuses = new Comparison(readLinks(), tree, readPolicy()).statuses(today);
  const states: Partial<Record<LinkState, number>> = {};
  for (const { state } of statuses) states[state] = (states[state] ?? 0) + 1;
  return { statuses, gaps: statuses.filter(isGap), states, items: tree.items.length };
}

/** A line for each gap, as compilers write them. */
export function gapLine({ place, state, id, need, message }: LinkStatus): string {
  const { file, line, column } = place;
  return `${file}:${line}:${column}: ${state}: ${id} (${need}): ${message}`;
}

/** The figures of a check as lines. */
export function summaryLines({ states, items: count, statuses, gaps }: CheckResult): string[] {
  const parts = Object.entries(states).map(([state, number]) => `${number} ${state}`);
  return [
    `${count} items, ${statuses.length} links wanted: ${parts.join(", ")}`,
    gaps.length === 0 ? "no gap" : `${gaps.length} gaps`,
  ];
}
