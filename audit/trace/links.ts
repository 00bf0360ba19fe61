// The links that were found last, with the hash of either end at that time: audit/links.json. It is
// written by `xenolith audit link` and compared with the tree by `xenolith audit check`.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CaseGround } from "./cases.ts";
import { root } from "./source.ts";
import type { CaseVerdict } from "./verdicts.ts";

export const LINKS = "audit/links.json";

/** A function that carries an item out, and where in it. */
export interface CodeLink {
  /** As in "tcb/core/event_channel.ts#send". */
  readonly function: string;
  /** Lines, counted from the function's first, which is 0. */
  readonly lines: readonly number[];
  /** How it was found: run side by side; by the same name; as the code of the clauses around it;
   *  by the checker's list of rules. */
  readonly by: "execution" | "name" | "section" | "rule";
  /** 0 to 1; 1: ran in exactly the steps in which the clause was reached. */
  readonly score: number;
}

export interface ItemLinks {
  /** Of the item, when its links were found. */
  readonly hash: string;
  readonly code: readonly CodeLink[];
  /** Names of cases. */
  readonly proof: readonly string[];
  /** "file#number": a test by its place in its file's list. */
  readonly tests: readonly string[];
  /** Steps of the fuzzer's programs that reached a clause, of those that were run for the links. */
  readonly steps?: number;
}

export interface Links {
  readonly version: 1;
  /** sha256 of the core on which the links were found, and of the one that was proved. */
  readonly core: string;
  readonly provedCore: string;
  /** Steps of the fuzzer's programs that were run to find the links. */
  readonly steps?: number;
  /** Changes of state that were seen, as "table: before > after" with the clauses that say so. */
  readonly moves: Readonly<Record<string, readonly string[]>>;
  readonly items: Readonly<Record<string, ItemLinks>>;
  readonly functions: Readonly<Record<string, string>>;
  readonly cases: Readonly<Record<string, CaseLinks>>;
  /** Hashes of what the proofs stand on: functions of the proved binary, declarations of spec/. */
  readonly wasm: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, string>>;
  readonly tests: Readonly<Record<string, TestLinks>>;
}

/** A proof: its own hash, what it found, and what it stands on. */
export type CaseLinks = CaseVerdict & { readonly hash: string } & Omit<CaseGround, "clauses">;

export interface TestLinks {
  readonly names: readonly string[];
  /** By a test's place among the names: those that items are linked to. */
  readonly hashes: Readonly<Record<string, string>>;
}

/** The stored links. Throws Error with advice if there are none. */
export function readLinks(): Links {
  const file = join(root, LINKS);
  if (!existsSync(file)) throw new Error(`${LINKS} is missing: run "xenolith audit link"`);
  return JSON.parse(readFileSync(file, "utf8")) as Links;
}

/** JSON with keys in order, one item a line: small, and a change is a line. */
export function linksText(links: Links): string {
  const section = (name: string, entries: Readonly<Record<string, unknown>>): string => {
    const lines = Object.keys(entries)
      .sort()
      .map((key) => `    ${JSON.stringify(key)}: ${JSON.stringify(entries[key])}`);
    return `  ${JSON.stringify(name)}: {\n${lines.join(",\n")}\n  }`;
  };
  const { version, core, provedCore, steps = 0, moves, items, functions } = links;
  const { cases, wasm, spec, tests } = links;
  const head = Object.entries({ version, core, provedCore, steps });
  const parts = [
    ...head.map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`),
    section("moves", moves),
    section("items", items),
    section("functions", functions),
    section("cases", cases),
    section("wasm", wasm),
    section("spec", spec),
    section("tests", tests),
  ];
  return `{\n${parts.join(",\n")}\n}\n`;
}
