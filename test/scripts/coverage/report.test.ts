// Lines, branches and floors: catches counts that land on the wrong line, copies of a branch that
// hide each other, and a floor that is missed without a word.

import { describe, expect, it } from "vitest";
import type { Site } from "../../../scripts/coverage/align.ts";
import { coverageOfCore, type Places } from "../../../scripts/coverage/lines.ts";
import {
  belowFloor,
  gaps,
  mergeCoverage,
  table,
  wingFigures,
} from "../../../scripts/coverage/report.ts";

const source = "tcb/core/exit.ts";
const PLACES: Places = new Map([
  [10, { source, line: 1, column: 2 }],
  [11, { source, line: 2, column: 4 }],
  [12, { source, line: 3, column: 4 }],
  [30, { source, line: 2, column: 4 }],
  [31, { source: "tcb/core/columns.ts", line: 9, column: 0 }],
]);
const SITES: readonly Site[] = [
  { kind: "block", function: "one", counter: 0, offsets: [10, 11] },
  { kind: "block", function: "one", counter: 1, offsets: [12] },
  { kind: "branch", function: "one", opcode: "if", offset: 11, counters: [2, 1] },
  { kind: "block", function: "two", counter: 3, offsets: [30, 31] },
  { kind: "branch", function: "two", opcode: "if", offset: 30, counters: [4, 5] },
];

const coverage = (counts: readonly number[]) => {
  const core = coverageOfCore(SITES, PLACES, counts, "/project");
  return mergeCoverage({}, core);
};

describe("coverage of the core", () => {
  it("gives each line the count of its busiest instruction", () => {
    const [file] = coverageOfCore(SITES, PLACES, [5, 0, 5, 7, 0, 0], "/project");
    expect(file!.path).toBe("/project/tcb/core/exit.ts");
    expect(Object.values(file!.s)).toEqual([5, 7, 0]);
  });

  it("adds up the copies of a branch that was compiled into several functions", () => {
    const [file] = coverageOfCore(SITES, PLACES, [5, 0, 5, 7, 0, 7], "/project");
    expect(Object.values(file!.b)).toEqual([[5, 7]]);
  });

  it("leaves generated files out", () => {
    expect(coverage([1, 1, 1, 1, 1, 1]).files()).toEqual(["/project/tcb/core/exit.ts"]);
  });

  it("names what no test reached", () => {
    expect(gaps(coverage([5, 0, 5, 0, 0, 0]), "/project")).toEqual([
      "tcb/core/exit.ts:2:5: never true",
      "tcb/core/exit.ts:3: never ran",
    ]);
  });
});

describe("floors", () => {
  const floors = [
    { wing: "tcb/core", of: "branches", percent: 95 },
    { wing: "spec", of: "lines", percent: 95 },
  ] as const;

  it("are missed below them, and where nothing was measured", () => {
    const figures = wingFigures(coverage([5, 0, 5, 0, 0, 0]), "/project");
    expect(belowFloor(figures, floors)).toEqual([
      "tcb/core: 50 % of branches; the floor is 95 %",
      "spec: no lines were measured; the floor is 95 %",
    ]);
    expect(table(figures)).toContain("50.00 %");
  });

  it("are kept at them", () => {
    const figures = [
      { wing: "tcb/core", lines: { covered: 0, total: 1 }, branches: { covered: 19, total: 20 } },
      { wing: "spec", lines: { covered: 95, total: 100 }, branches: { covered: 0, total: 0 } },
    ];
    expect(belowFloor(figures, floors)).toEqual([]);
  });
});
