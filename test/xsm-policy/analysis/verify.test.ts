import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Certificate, FlowProblem } from "../../../xsm-policy/analysis/certificate.ts";
import { verifyCertificate } from "../../../xsm-policy/analysis/verify.ts";

/** 0 -> 1 always, 1 -> 2 if b0, 2 -> 3 if not b0, 1 -> 4 if b0 and b1. */
const problem: FlowProblem = {
  nodes: ["a", "b", "c", "d", "e"],
  booleans: ["b0", "b1"],
  conditions: [
    { kind: "boolean", boolean: 0 },
    {
      kind: "and",
      left: { kind: "boolean", boolean: 0 },
      right: { kind: "not", operand: { kind: "not", operand: { kind: "boolean", boolean: 1 } } },
    },
  ],
  edges: [
    { from: 0, to: 1, ways: [[]] },
    { from: 1, to: 2, ways: [[2]] },
    { from: 2, to: 3, ways: [[1]] },
    { from: 1, to: 4, ways: [[1, 2], [4]] },
  ],
  from: [0],
  to: [3],
  through: [],
};

const split: Certificate = {
  kind: "split",
  boolean: 0,
  whenTrue: { kind: "closed", nodes: [1, 2, 4] },
  whenFalse: { kind: "closed", nodes: [1] },
};

const way = (nodes: number[], booleans: boolean[]): Certificate => ({
  kind: "path",
  nodes,
  booleans,
});

/** Would catch a checker that approves of what is not proved. */
describe("the certificate checker", () => {
  it("approves of a path that is one, and of sets that are closed", () => {
    expect(verifyCertificate({ ...problem, to: [2] }, way([0, 1, 2], [true, false]))).toBe(
      undefined,
    );
    expect(verifyCertificate({ ...problem, to: [4] }, way([0, 1, 4], [true, true]))).toBe(
      undefined,
    );
    expect(verifyCertificate(problem, split)).toBe(undefined);
    const guarded = { ...problem, through: [1] };
    expect(verifyCertificate(guarded, { kind: "closed", nodes: [] })).toBe(undefined);
  });

  it.each([
    ["a step that is not there", { ...problem, to: [2] }, way([0, 2], [true, true]), "no step"],
    ["a step whose condition fails", problem, way([0, 1, 2, 3], [true, true]), "no step"],
    ["a step that needs both", { ...problem, to: [4] }, way([0, 1, 4], [true, false]), "no step"],
    ["a wrong beginning", { ...problem, to: [2] }, way([1, 2], [true, true]), "begin"],
    ["a wrong end", problem, way([0, 1, 2], [true, true]), "end"],
    ["a path of no step", { ...problem, to: [0] }, way([0], [true, true]), "at least one"],
    [
      "a guard on the way",
      { ...problem, to: [2], through: [1] },
      way([0, 1, 2], [true, true]),
      "1",
    ],
    ["an open set", problem, { kind: "closed", nodes: [1] }, "leaves the set"],
    ["a set with the goal", { ...problem, to: [2] }, { kind: "closed", nodes: [1, 2] }, "is in"],
    ["a set that begins elsewhere", problem, { kind: "closed", nodes: [4] }, "leaves the set"],
    [
      "a case that is not closed",
      problem,
      { ...split, whenTrue: { kind: "closed", nodes: [1] } } as Certificate,
      "leaves the set",
    ],
    [
      "cases about another boolean",
      problem,
      { ...split, boolean: 1 } as Certificate,
      "leaves the set",
    ],
  ] as const)("refuses %s", (_, asked, certificate, reason) => {
    expect(verifyCertificate(asked, certificate)).toContain(reason);
  });

  it("stands alone and is short, so that it can be read", () => {
    const file = path.join(import.meta.dirname, "../../../xsm-policy/analysis/verify.ts");
    const text = readFileSync(file, "utf8");
    expect(text).not.toMatch(/^import /m);
    expect(text.split("\n").length).toBeLessThan(150);
  });
});
