import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { describeFinding, lintSource } from "../../proofs/lint/algebra.ts";

const spec = fileURLToPath(new URL("../../spec", import.meta.url));
/** Files that are about the text, not part of it. */
const tools = new Set(["lint.ts", "tables.ts"]);

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name.endsWith(".ts") && !tools.has(name))
    .map(({ name }) => join(folder, name));
}

test("no file of the specification looks at a value (its proof would then be about one case)", () => {
  const all = [...files(spec), ...files(join(spec, "invariants"))];
  expect(all.length).toBeGreaterThan(10);
  const findings = all.flatMap((file) => lintSource(file, readFileSync(file, "utf8")));
  expect(findings.map(describeFinding)).toEqual([]);
});

test.each([
  ["if (port) return;", "if"],
  ["const a = port < 4;", "operator <"],
  ["const a = port === other;", "operator ==="],
  ["const a = port && other;", "operator &&"],
  ["const a = port + 1;", "operator +"],
  ["const a = !condition;", "! of a value"],
  ["const a = condition ? 1 : 2;", "a ? b : c"],
  ["for (const a of ports) a;", "for"],
  ["let a = 1;", "a variable that changes"],
  ["const a = new Map();", "new"],
  ["const a = b as Word;", "a type assertion"],
])("the lint refuses %s", (text, what) => {
  expect(lintSource("x.ts", text).map((finding) => finding.what)).toContain(what);
});

test("the lint allows arithmetic of constants", () => {
  expect(lintSource("x.ts", "const A = PORTS / 64 - 1; const b = abi.X + 2n;")).toEqual([]);
});
