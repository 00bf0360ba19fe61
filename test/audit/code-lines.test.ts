// Lines of code: catches a way of counting that drifts from cloc's, and a file of the image that
// nobody counts.

import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { codeLines, trustedFiles, trustedLines } from "../../audit/evidence/code-lines.ts";
import { root } from "../../audit/trace/source.ts";

const hasCloc = spawnSync("cloc", ["--version"]).status === 0;

describe("code lines", () => {
  it("are neither blank nor comment alone", () => {
    expect(codeLines("a;\n\n// b\n/* c\n d */ e;\nf; // g\n", "x.c")).toBe(3);
    expect(codeLines("# b\n  # c\nmov %eax, %ebx # d\n", "x.S")).toBe(1);
  });

  it.skipIf(!hasCloc)("are those that cloc counts, file by file (skipped: no cloc)", () => {
    // cloc knows no linker scripts.
    const files = trustedFiles().filter(({ path }) => !path.endsWith(".ld"));
    const words = ["--quiet", "--by-file", "--json", "--skip-uniqueness"];
    const paths = files.map(({ path }) => path);
    const ran = spawnSync("cloc", [...words, ...paths], { cwd: root, encoding: "utf8" });
    const counted = JSON.parse(ran.stdout) as Record<string, { code: number }>;
    const theirs = paths.map((path) => [path, counted[path]?.code]);
    expect(files.map((one) => [one.path, one.codeLines])).toEqual(theirs);
  });

  it("count what is compiled: both parts, with what is generated", () => {
    const generated = trustedFiles().filter((one) => one.generated);
    expect(generated.map(({ path }) => path)).toEqual([
      "tcb/core/access.ts",
      "tcb/core/columns.ts",
    ]);
    expect(trustedLines("core")).toBeGreaterThan(4000);
    expect(trustedLines("machine")).toBeGreaterThan(400);
  });
});
