// What can be fuzzed: anything that takes bytes and says what is wrong with what came of them.

import type { Chance } from "../program/generate.ts";

export interface Failure {
  readonly oracle: string;
  /** The operation that came to it. */
  readonly operation: string;
  /** Clause, invariant or column. */
  readonly about: string;
  /** How the failing code was reached, as far as it is known. */
  readonly path: string;
  readonly says: string;
}

export interface Verdict {
  readonly failure: Failure | undefined;
  /** Did it reach what no input before it reached? */
  readonly fresh: boolean;
}

export interface Figures {
  readonly executions: number;
  readonly calls: number;
  readonly edges: number;
  readonly edgesAll: number;
  readonly clauses: number;
}

export interface Target {
  readonly name: string;
  run(bytes: Uint8Array): Verdict;
  /** Whether each run is judged as closely as can be (the default), or a few of them. */
  setThorough(value: boolean): void;
  /** The input for people. */
  text(bytes: Uint8Array): string;
  /** The bytes of what `text` gave. */
  parse(text: string): Uint8Array;
  generate(chance: Chance): Uint8Array;
  mutate(bytes: Uint8Array, chance: Chance, other: Uint8Array): Uint8Array;
  /** Smaller inputs that may do the same, the boldest first. */
  smaller(bytes: Uint8Array): Iterable<Uint8Array>;
  /** Whether `features` is wanted after each run (for merging). */
  keepsFeatures: boolean;
  /** The features that the last run reached. */
  features(): readonly number[];
  /** What the last run was the first to reach, and taking in what other processes reached; absent
   *  where a feature has not the same number in each process. */
  freshFeatures?(): readonly number[];
  learn?(features: readonly number[]): void;
  /** How many counters there are. */
  marks(): number;
  /** Where each run counts what it reached, a byte each; nowhere unless it is set. */
  counts: Uint8Array | undefined;
  figures(): Figures;
  /** Edge counters (by counter of the copy) and clauses (id, sentence) that were ever reached. */
  reached(): {
    readonly counters: readonly number[];
    readonly clauses: readonly [string, string][];
  };
}

/** Findings with the same key are one finding. */
export function keyOf({ oracle, operation, about, path }: Failure): string {
  return [oracle, operation, about, path].join(" | ");
}
