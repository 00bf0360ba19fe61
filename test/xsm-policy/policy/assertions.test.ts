import { describe, expect, it } from "vitest";
import { parseAssertions } from "../../../xsm-policy/assertions/parse.ts";

const parse = (text: string) => parseAssertions({ name: "a.assert", text });

/** Would catch a promise that is read as another one. */
describe("assertions", () => {
  it("are read with sets, goals and places", () => {
    const text =
      "# A heading.\n\n# Nobody\n# does that.\nneverallow ~{ a_t b-c } { x -y self }:{ event grant } *;\n";
    const [first, ...rest] = parse(text).assertions;
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      kind: "neverallow",
      goal: "Nobody\ndoes that.",
      sources: { complement: true, names: [{ text: "a_t" }, { text: "b-c" }] },
      targets: { names: [{ text: "x" }, { text: "y", excluded: true }, { text: "self" }] },
      permissions: { star: true, names: [] },
      span: { file: "a.assert", line: 5, column: 1 },
    });
  });

  it("take flows with and without a guard, arrows glued or not", () => {
    const { assertions, diagnostics } = parse(
      "neverflow a_t->b_t; neverflow * -> b_t\n except through { c_t { d_t } };",
    );
    expect(diagnostics).toEqual([]);
    const through = assertions.map((each) =>
      each.kind === "neverflow" ? each.through?.names.map(({ text }) => text) : [],
    );
    expect(through).toEqual([undefined, ["c_t", "d_t"]]);
  });

  it.each([
    ["neverflow a b;", "1:13 expected '->', found 'b'"],
    ["neverflow a -> b", "1:17 expected ';', found the end of the file"],
    ["allow a b:c d;", "1:1 expected neverallow, neverflow or neverboth, found 'allow'"],
    ["neverflow { } -> b;", "1:13 expected a name, found '}'"],
    ["neverflow a -> b except { c };", "1:25 expected 'through', found '{'"],
    ["neverallow a b:c $;", "1:18 expected a name, found '$'"],
  ])("reject %s", (text, expected) => {
    const [first] = parse(text).diagnostics;
    expect(`${first.span?.line}:${first.span?.column} ${first.message}`).toBe(expected);
  });

  it("go on after an error, and give up after many", () => {
    const { assertions, diagnostics } = parse("what; neverflow a -> b;");
    expect([assertions.length, diagnostics.length]).toEqual([1, 1]);
    expect(parse("?;".repeat(1000)).diagnostics.length).toBe(20);
  });

  it("bound the nesting of braces", () => {
    expect(parse(`neverflow ${"{ ".repeat(100_000)}`).diagnostics.length).toBe(1);
  });
});
