// From counters of an instrumented core to lines and branches of its sources, through the source
// map that the compiler wrote beside the original.

import { type EncodedSourceMap, eachMapping, TraceMap } from "@jridgewell/trace-mapping";
import type { BranchMapping, FileCoverageData, Range } from "istanbul-lib-coverage";
import type { Branch, Site } from "./align.ts";

interface Place {
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** From 0. */
  readonly column: number;
}

/** Source places by byte offset; an instruction without one of its own is not in it. */
export type Places = ReadonlyMap<number, Place>;

/** The core's own sources, less those that are written by a script. */
const COUNTED = /^tcb\/core\/(?!columns\.ts$|access\.ts$)/;

/** Reads a source map of a WebAssembly binary: columns are byte offsets. The compiler's
 *  sourceRoot is  left out, so that sources are named as in the project. */
export function placesOf(sourceMap: string): Places {
  const places = new Map<number, Place>();
  const map = JSON.parse(sourceMap) as EncodedSourceMap;
  eachMapping(new TraceMap({ ...map, sourceRoot: "" }), (mapping) => {
    const { generatedColumn, source, originalLine, originalColumn } = mapping;
    if (source === null || originalLine === null || originalColumn === null) return;
    places.set(generatedColumn, { source, line: originalLine, column: originalColumn });
  });
  return places;
}

/** The last place at or before a byte of the same function. */
function placeBefore(places: Places, offset: number, start: number): Place | undefined {
  for (let at = offset; at >= start; at--) {
    const place = places.get(at);
    if (place !== undefined) return place;
  }
  return undefined;
}

interface FoundBranch {
  readonly place: Place;
  readonly opcode: string;
  readonly counts: number[];
}

/** Branches by place. Copies of one source branch (inlining) in different functions are one branch
 *  here; several at one place in the same function stay several. */
function branchesOf(sites: readonly Site[], places: Places, counts: readonly number[]) {
  const starts = new Map<string, number>();
  for (const site of sites) {
    const first = site.kind === "block" ? (site.offsets[0] ?? Infinity) : site.offset;
    starts.set(site.function, Math.min(first, starts.get(site.function) ?? Infinity));
  }
  const found = new Map<string, FoundBranch>();
  const seen = new Map<string, number>();
  const branches = sites.filter((site): site is Branch => site.kind === "branch");
  for (const branch of [...branches].sort((a, b) => a.offset - b.offset)) {
    const place = placeBefore(places, branch.offset, starts.get(branch.function) ?? 0);
    if (place === undefined || !COUNTED.test(place.source)) continue;
    const key = JSON.stringify([place, branch.opcode, branch.counters.length]);
    const inFunction = `${branch.function} ${key}`;
    const ordinal = seen.get(inFunction) ?? 0;
    seen.set(inFunction, ordinal + 1);
    const own = branch.counters.map((counter) => counts[counter] ?? 0);
    const before = found.get(`${ordinal} ${key}`);
    const sums = before === undefined ? own : own.map((count, at) => count + before.counts[at]!);
    found.set(`${ordinal} ${key}`, { place, opcode: branch.opcode, counts: sums });
  }
  return [...found.values()];
}

/** How often the most executed instruction of each line ran, by source. */
function linesOf(sites: readonly Site[], places: Places, counts: readonly number[]) {
  const sources = new Map<string, Map<number, number>>();
  for (const site of sites) {
    if (site.kind !== "block") continue;
    const count = counts[site.counter] ?? 0;
    for (const offset of site.offsets) {
      const place = places.get(offset);
      if (place === undefined || !COUNTED.test(place.source)) continue;
      const lines = sources.get(place.source) ?? new Map<number, number>();
      lines.set(place.line, Math.max(count, lines.get(place.line) ?? 0));
      sources.set(place.source, lines);
    }
  }
  return sources;
}

const lineRange = (line: number): Range => ({
  start: { line, column: 0 },
  end: { line, column: 0 },
});

function mappingOf({ place, opcode, counts }: FoundBranch): BranchMapping {
  const at = { line: place.line, column: place.column };
  const loc = { start: at, end: at };
  return { loc, type: opcode, locations: counts.map(() => loc), line: place.line };
}

/**
 * Coverage of the core's sources in Istanbul's form, one entry a file: a statement for each line
 * that compiled to something, a branch for each conditional instruction.
 * @param root absolute path that the sources' names are relative to
 */
export function coverageOfCore(
  sites: readonly Site[],
  places: Places,
  counts: readonly number[],
  root: string,
): FileCoverageData[] {
  const branches = branchesOf(sites, places, counts);
  const byNumber = <T>(values: readonly T[]) =>
    Object.fromEntries(values.map((value, index) => [String(index), value]));
  return [...linesOf(sites, places, counts)].sort().map(([source, lines]) => {
    const sorted = [...lines].sort(([a], [b]) => a - b);
    const own = branches.filter(({ place }) => place.source === source);
    return {
      path: `${root}/${source}`,
      statementMap: byNumber(sorted.map(([line]) => lineRange(line))),
      s: byNumber(sorted.map(([, count]) => count)),
      branchMap: byNumber(own.map(mappingOf)),
      b: byNumber(own.map(({ counts: outcomes }) => outcomes)),
      fnMap: {},
      f: {},
    };
  });
}
