import { expect, test } from "vitest";
import { runOfficialSuite } from "../../../proofs/validate/official.ts";
import { atoms, parseScript, printExpression } from "../../../proofs/validate/wast.ts";

const folder = process.env.WEBASSEMBLY_TESTSUITE;

test.skipIf(folder === undefined)(
  "the executor passes the official suite (skipped unless WEBASSEMBLY_TESTSUITE names its folder)",
  async () => {
    const result = await runOfficialSuite(folder!);
    expect(result.mismatches).toEqual([]);
    expect(result.passed).toBeGreaterThan(6000);
  },
);

test("scripts are read with their strings, comments and nesting", () => {
  const script = '(a "x;;(" (; (; inner ;) ) ;) (b 1)) ;; rest\n(c)';
  const [first, second, ...none] = parseScript(script);
  expect(first).toEqual(["a", '"x;;("', ["b", "1"]]);
  expect(printExpression(second!)).toBe("(c)");
  expect(atoms(first!)).toEqual(["a", '"x;;("', "b", "1"]);
  expect(none).toEqual([]);
  expect(() => parseScript("(a")).toThrow("inside an expression");
});
