// The house style, as far as a machine can judge it: catches a file, function or line that grew too
// long, work left undone, a wing without a README, and generated files that are behind their
// source.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { accessSource } from "../../scripts/access.ts";
import { columnsSource } from "../../scripts/columns.ts";
import { root, sources, type TextFile } from "./tree.ts";

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const LINE_COLUMNS_MAX = 100;

/** Spelled in parts, so that this file does not hold them. */
const MARKS = new RegExp(
  [
    String.raw`\b(TO${""}DO|FIX${""}ME)\b`,
    String.raw`\b(describe|it|test|suite)\.(ski${""}p|onl${""}y|tod${""}o)\b`,
    `biome-${""}ignore`,
    `@ts-${""}(nocheck|ignore|expect-error)`,
    `@asc-${""}ignore`,
  ].join("|"),
);

const WINGS = [
  "tcb",
  "tcb/core",
  "tcb/machine",
  "tcb/subset",
  "spec",
  "proofs",
  "fuzz",
  "jobs",
  "disaggregation",
  "xsm-policy",
  "audit",
];

/** A line less the insides of its literals: the formatter breaks everything but those. */
const breakable = (line: string): string =>
  line.replace(/"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`?|\/(?:[^/\\]|\\.)+\/[a-z]*/g, '""');

const files = sources();
const linesOf = ({ text }: TextFile): string[] => text.replace(/\n$/, "").split("\n");

/** `file:line: what` for each line that breaks a rule. */
function offending(breaks: (line: string) => boolean): string[] {
  return files.flatMap((file) =>
    linesOf(file).flatMap((line, index) => (breaks(line) ? [`${file.path}:${index + 1}`] : [])),
  );
}

/** The body of a `describe` is a list of tests, not a function that somebody follows. */
function isSuite(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isCallExpression(parent) && parent.expression.getText().startsWith("describe");
}

/** Functions of a file that are longer than they should be. */
function longFunctions({ path, text }: TextFile): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && !isSuite(node)) {
      const first = source.getLineAndCharacterOfPosition(node.getStart()).line;
      const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      const length = last - first + 1;
      if (length > FUNCTION_LINES_MAX) found.push(`${path}:${first + 1}: ${length} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe("house style", () => {
  it(`keeps files within ${FILE_LINES_MAX} lines`, () => {
    const long = files.map((file) => ({ path: file.path, lines: linesOf(file).length }));
    expect(long.filter(({ lines }) => lines > FILE_LINES_MAX)).toEqual([]);
  });

  it(`keeps functions within ${FUNCTION_LINES_MAX} lines`, () => {
    const written = files.filter(({ path }) => /\.(ts|cjs|mjs)$/.test(path));
    expect(written.flatMap(longFunctions)).toEqual([]);
  });

  it(`keeps lines within ${LINE_COLUMNS_MAX} columns`, () => {
    expect(offending((line) => breakable(line).length > LINE_COLUMNS_MAX)).toEqual([]);
  });

  it("leaves nothing for later", () => {
    expect(offending((line) => MARKS.test(line))).toEqual([]);
  });

  it("writes its sources in ASCII", () => {
    expect(offending((line) => !/^[\t -~]*$/.test(line))).toEqual([]);
  });

  it("has a README.md in each wing", () => {
    const present = WINGS.filter((wing) => existsSync(join(root, wing)));
    expect(present.filter((wing) => !existsSync(join(root, wing, "README.md")))).toEqual([]);
  });

  it("has generated files that are up to date", () => {
    const text = (path: string) => readFileSync(join(root, path), "utf8");
    expect(text("tcb/core/columns.ts") === columnsSource()).toBe(true);
    expect(text("tcb/core/access.ts") === accessSource()).toBe(true);
  });
});
