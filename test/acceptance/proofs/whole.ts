// What the proof of the whole core must show.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "../check.ts";
import { byFamily, openOf, prove } from "./command.ts";

const LIMIT_COLD_SECONDS = 300;
const LIMIT_WARM_SECONDS = 10;
const LIMIT_QUERY_MILLISECONDS = 5_000;
const LIMIT_MEGABYTES = 2_048;

export const all: Check = {
  name: "proofs.all",
  claim:
    "every operation of the core is specified, and every obligation holds on the shipped bytes",
  short: false,
  run: async () => {
    const { ran, proof } = await prove([]);
    const open = openOf(proof);
    const { operations, unspecified } = proof;
    const figures = {
      core: proof.core_sha256,
      operations,
      unspecified,
      obligations: proof.obligations.length,
      open,
      families: byFamily(proof),
    };
    const summary =
      `${operations - unspecified.length} of ${operations} operations specified, ` +
      `${proof.obligations.length - open.length} of ${proof.obligations.length} obligations proved`;
    return { passed: ran.code === 0, figures, summary };
  },
};

export const time: Check = {
  name: "proofs.time",
  claim: "a cold proof takes 5 minutes on 2 cores at most, a warm one 10 s, a query 5 s",
  short: false,
  run: async () => {
    const cache = mkdtempSync(join(tmpdir(), "xenolith-cold-"));
    try {
      const cold = await prove(["--cache", cache]);
      const warm = await prove(["--cache", cache]);
      const { obligations, largest_process_megabytes: megabytes } = cold.proof;
      const longest = (one: { longest_query_ms: number }) => one.longest_query_ms;
      const largest = Math.max(...obligations.map(longest));
      const slow = obligations.filter((one) => longest(one) > LIMIT_QUERY_MILLISECONDS);
      const figures = {
        cold_seconds: cold.seconds,
        warm_seconds: warm.seconds,
        largest_query_ms: largest,
        slow: slow.map(
          (one) => `${one.family}: ${one.operation}: ${one.property}: ${longest(one)}`,
        ),
        largest_process_megabytes: megabytes,
        // Nothing is remembered but which facts each goal needed; no verdict is.
        hints: "proofs/recorded.txt",
        open: openOf(cold.proof).length,
      };
      const passed =
        openOf(cold.proof).length === 0 &&
        cold.seconds <= LIMIT_COLD_SECONDS &&
        warm.seconds <= LIMIT_WARM_SECONDS &&
        slow.length === 0 &&
        megabytes <= LIMIT_MEGABYTES;
      const summary = `cold ${cold.seconds} s, warm ${warm.seconds} s, largest query ${largest} ms`;
      return { passed, figures, summary };
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  },
};

/** What the first screen has to say is not proved. */
const NOT_PROVED = [
  "side channels",
  "timing",
  "wasm2c",
  "gcc",
  "machine layer",
  "induction on paper",
  "over counts",
  "CPU",
];
const SCREEN_LINES = 24;

export const scope: Check = {
  name: "proofs.scope",
  claim: "the first screen of the result says what is not proved",
  short: true,
  run: async () => {
    const { ran } = await prove(["--only", "clock"]);
    const screen = ran.stdout.split("\n").slice(0, SCREEN_LINES).join("\n");
    const missing = NOT_PROVED.filter((text) => !screen.includes(text));
    const summary = missing.length === 0 ? "all is said" : `not said: ${missing.join(", ")}`;
    return { passed: missing.length === 0 && ran.code === 0, figures: { missing }, summary };
  },
};

export const second: Check = {
  name: "proofs.second",
  claim: "a second solver agrees with Z3 on every obligation",
  short: false,
  run: async () => {
    const { ran, proof } = await prove(["--second", "cvc5"]);
    const open = openOf(proof);
    const agreed = proof.obligations.length - open.length;
    const summary = `${agreed} of ${proof.obligations.length} obligations proved by both`;
    return { passed: ran.code === 0, figures: { agreed, open }, summary };
  },
};
