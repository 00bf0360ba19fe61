// One report over c8's coverage of the TypeScript and the counters' coverage of the core: figures
// by wing, what is below its floor, and where the gaps of the core are.

import istanbul, { type CoverageMap, type FileCoverageData } from "istanbul-lib-coverage";

interface Figure {
  readonly covered: number;
  readonly total: number;
}

export interface WingFigures {
  readonly wing: string;
  readonly lines: Figure;
  readonly branches: Figure;
}

export interface Floor {
  readonly wing: string;
  readonly of: "lines" | "branches";
  readonly percent: number;
}

export const FLOORS: readonly Floor[] = [
  { wing: "tcb/core", of: "branches", percent: 95 },
  { wing: "spec", of: "lines", percent: 95 },
  { wing: "proofs", of: "lines", percent: 95 },
];

/** 100 when there is nothing to cover. */
export const percent = ({ covered, total }: Figure): number =>
  total === 0 ? 100 : Math.floor((covered / total) * 10_000) / 100;

const add = (a: Figure, b: Figure): Figure => ({
  covered: a.covered + b.covered,
  total: a.total + b.total,
});

/** `tcb/core` of `tcb/core/exit.ts`; the first folder alone elsewhere. */
function wingOf(path: string, root: string): string {
  const parts = path.slice(root.length + 1).split("/");
  return parts.slice(0, parts[0] === "tcb" ? 2 : 1).join("/");
}

/** Puts both kinds of coverage into one map. */
export function mergeCoverage(
  typescript: Readonly<Record<string, FileCoverageData>>,
  core: readonly FileCoverageData[],
): CoverageMap {
  const map = istanbul.createCoverageMap({ ...typescript });
  for (const file of core) {
    // limits.ts and its like run in both worlds; the binary is the one that counts.
    if (map.files().includes(file.path)) map.filter((path) => path !== file.path);
    map.addFileCoverage(file);
  }
  return map;
}

/** Figures of each wing, in the order of their names. */
export function wingFigures(map: CoverageMap, root: string): WingFigures[] {
  const wings = new Map<string, WingFigures>();
  for (const path of map.files()) {
    const wing = wingOf(path, root);
    const { lines, branches } = map.fileCoverageFor(path).toSummary().data;
    const before = wings.get(wing);
    wings.set(wing, {
      wing,
      lines: before === undefined ? lines : add(before.lines, lines),
      branches: before === undefined ? branches : add(before.branches, branches),
    });
  }
  return [...wings.values()].sort((a, b) => (a.wing < b.wing ? -1 : 1));
}

/** One line for each floor that is not reached, or whose wing was not measured. */
export function belowFloor(
  figures: readonly WingFigures[],
  floors: readonly Floor[] = FLOORS,
): string[] {
  return floors.flatMap(({ wing, of, percent: floor }) => {
    const found = figures.find((one) => one.wing === wing);
    if (found === undefined || found[of].total === 0) {
      return [`${wing}: no ${of} were measured; the floor is ${floor} %`];
    }
    const reached = percent(found[of]);
    return reached < floor ? [`${wing}: ${reached} % of ${of}; the floor is ${floor} %`] : [];
  });
}

/** The figures as a table. */
export function table(figures: readonly WingFigures[]): string {
  const cell = (figure: Figure) => {
    const share = `${percent(figure).toFixed(2)} %`;
    return `${share.padStart(8)} ${`${figure.covered}/${figure.total}`.padStart(12)}`;
  };
  const rows = figures.map(
    ({ wing, lines, branches }) => `${wing.padEnd(20)} ${cell(lines)} ${cell(branches)}`,
  );
  const head = `${"wing".padEnd(20)} ${"lines".padStart(21)} ${"branches".padStart(21)}`;
  return `${[head, ...rows].join("\n")}\n`;
}

/** Places of the core that no test reached: `file:line`, then a line's or a branch's trouble. */
export function gaps(map: CoverageMap, root: string, wing = "tcb/core"): string[] {
  return map
    .files()
    .filter((path) => wingOf(path, root) === wing)
    .sort()
    .flatMap((path) => {
      const file = map.fileCoverageFor(path);
      const name = path.slice(root.length + 1);
      const lines = file
        .getUncoveredLines()
        .map((line) => ({ line: Number(line), text: `${name}:${line}: never ran` }));
      const branches = Object.entries(file.b).flatMap(([id, counts]) => {
        const missing = counts.flatMap((count, outcome) => (count === 0 ? [outcome] : []));
        if (missing.length === 0 || missing.length === counts.length) return [];
        const { start } = file.branchMap[id]!.loc;
        const ways = counts.length === 2 ? ["false", "true"][missing[0]!] : missing.join(", ");
        const text = `${name}:${start.line}:${start.column + 1}: never ${ways}`;
        return [{ line: start.line, text }];
      });
      return [...lines, ...branches].sort((a, b) => a.line - b.line).map(({ text }) => text);
    });
}
