// What has changed between two bundles: items, their meaning and their states; proofs; files.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stateOf, type TraceEvidence } from "../evidence/trace.ts";

export interface Drift {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Ids whose text changed. */
  readonly edited: readonly string[];
  /** Id, state before, state now. */
  readonly states: readonly (readonly [id: string, before: string, now: string])[];
  /** Operations that were proved again, or no longer are. */
  readonly reproved: readonly string[];
  readonly files: readonly string[];
  readonly core: readonly [before: string, now: string];
}

interface Index {
  readonly core: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

const read = <T>(folder: string, name: string): T =>
  JSON.parse(readFileSync(join(folder, "evidence", name), "utf8")) as T;

/** The drift from one bundle to another. */
export function driftOf(old: string, now: string): Drift {
  const [before, after] = [old, now].map((folder) => read<TraceEvidence>(folder, "trace.json"));
  const [first, second] = [old, now].map((folder) => read<Index>(folder, "index.json"));
  const known = new Map(before!.items.map((item) => [item.id, item]));
  const present = new Map(after!.items.map((item) => [item.id, item]));
  const both = [...present.values()].filter(({ id }) => known.has(id));
  const hashes = new Map(first!.files.map(({ path, sha256 }) => [path, sha256]));
  const paths = new Set([...hashes.keys(), ...second!.files.map(({ path }) => path)]);
  const fresh = new Map(second!.files.map(({ path, sha256 }) => [path, sha256]));
  return {
    added: [...present.keys()].filter((id) => !known.has(id)),
    removed: [...known.keys()].filter((id) => !present.has(id)),
    edited: both.filter((item) => known.get(item.id)!.hash !== item.hash).map(({ id }) => id),
    states: both
      .map((item) => [item.id, stateOf(known.get(item.id)!), stateOf(item)] as const)
      .filter(([, one, two]) => one !== two),
    reproved: Object.entries(after!.cases)
      .filter(([name, { digest }]) => before!.cases[name]?.digest !== digest)
      .map(([name]) => name),
    files: [...paths].filter((path) => hashes.get(path) !== fresh.get(path)).sort(),
    core: [first!.core, second!.core],
  };
}

/** The drift as lines. */
export function driftLines(drift: Drift): string[] {
  const list = (title: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${title} (${names.length})`, ...names.map((name) => `  ${name}`)];
  const [before, now] = drift.core;
  return [
    before === now
      ? `core ${now.slice(0, 12)}`
      : `core ${before.slice(0, 12)} -> ${now.slice(0, 12)}`,
    ...list("added", drift.added),
    ...list("removed", drift.removed),
    ...list("says another thing", drift.edited),
    ...list(
      "other state",
      drift.states.map(([id, one, two]) => `${id}: ${one} -> ${two}`),
    ),
    ...list("proved anew", drift.reproved),
    ...list("files of evidence", drift.files),
  ];
}
