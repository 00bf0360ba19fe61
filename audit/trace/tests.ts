// The tests, and which clauses each of them reaches: found by running them with a note-taker.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { root } from "./source.ts";
import { TestCode } from "./test-code.ts";

export interface TestReach {
  /** As in "test/spec/event_channel.test.ts". */
  readonly file: string;
  readonly name: string;
  readonly passed: boolean;
  /** Ids, sorted. */
  readonly clauses: readonly string[];
}

const CONFIG = "audit/trace/vitest.config.ts";

/** Runs the tests that compare core and specification. Throws Error if they cannot be run. */
export function runTests(): TestReach[] {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-audit-"));
  const notes = join(folder, "clauses.jsonl");
  try {
    const program = join(root, "node_modules/vitest/vitest.mjs");
    const env = { ...process.env, XENOLITH_CLAUSES: notes };
    const options = { cwd: root, env, encoding: "utf8" } as const;
    const run = spawnSync(process.execPath, [program, "run", "--config", CONFIG], options);
    if (!existsSync(notes)) throw new Error(`the tests do not run:\n${run.stdout}${run.stderr}`);
    return readReach(readFileSync(notes, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The notes of a run, sorted by file and name. */
export function readReach(notes: string): TestReach[] {
  const all = notes
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as TestReach)
    .map((one) => ({ ...one, file: relative(root, one.file) }));
  const key = ({ file, name }: TestReach): string => `${file}\n${name}`;
  return all.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function filesIn(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `${folder}/${name}`)
    .sort();
}

const FOLDERS = [
  "test/spec",
  "test/fuzz",
  "test/tcb/subset",
  "test/guests",
  "test/proofs/obligations",
  "test/disaggregation/domains/privilege",
];

/** All test files that can be linked. */
export function testFiles(): Map<string, TestCode> {
  const files = FOLDERS.flatMap(filesIn);
  return new Map(files.map((file) => [file, new TestCode(file)]));
}
