import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Expansion, expandMacros } from "../../../xsm-policy/compiler/macro/expand.ts";
import type { Position } from "../../../xsm-policy/compiler/source.ts";
import { program } from "./programs.ts";

const LIMITS = { calls: 2_000, callDepth: 500, argumentDepth: 100, textCharacters: 100_000 };

function expand(files: Record<string, string>): Expansion {
  return expandMacros(Object.entries(files).map(([name, text]) => ({ name, text })));
}

/** Where the first occurrence of `needle` in the expanded text comes from. */
function locate(expansion: Expansion, needle: string): Position {
  const at = expansion.text.indexOf(needle);
  expect(at, `${needle} in ${expansion.text}`).toBeGreaterThanOrEqual(0);
  return expansion.positions.locate(at);
}

function show({ file, line, column, chain }: Position): string {
  const calls = (chain ?? []).map(
    (call) => `${call.macro}@${call.file}:${call.line}:${call.column}`,
  );
  return [`${file}:${line}:${column}`, ...calls].join(" < ");
}

/** Would catch a rule that is blamed on the wrong line, or a call that the chain forgets. */
describe("positions", () => {
  it("name the line in the macro and each call on the way", () => {
    const expansion = expand({
      "x.if":
        "define(`inner',`\nallow $1 $2:grant query;\n')\ndefine(`outer',`\n  inner($1, $1_self)\n')\n",
      "x.te": "type a_t;\n  outer(a_t)\n",
    });
    expect(show(locate(expansion, "allow"))).toBe("x.if:2:1 < inner@x.if:5:3 < outer@x.te:2:3");
    expect(show(locate(expansion, "a_t a_t_self"))).toBe(
      "x.te:2:9 < inner@x.if:5:3 < outer@x.te:2:3",
    );
    expect(show(locate(expansion, "_self"))).toBe("x.if:5:15 < inner@x.if:5:3 < outer@x.te:2:3");
    expect(show(locate(expansion, "type"))).toBe("x.te:1:1");
  });

  it("keep a block's own lines when a macro takes the block in", () => {
    const expansion = expand({
      "o.te": "define(`wrap',`{ $1 }')\nwrap(`\n  allow b c:d e;\n')\n",
    });
    expect(show(locate(expansion, "allow"))).toBe("o.te:3:3 < wrap@o.te:2:1");
  });

  it("tell who wrote and who used text of a macro that grows by redefinition", () => {
    const users = Array.from({ length: 50 }, (_, index) => `add(u${index})\n`).join("");
    const expansion = expand({
      "m.spt": "define(`all',`')\ndefine(`add',`define(`all', all `user $1;\n')')\n",
      "u.te": users,
      users: "all()\n",
    });
    expect(show(locate(expansion, "user u7;"))).toBe("m.spt:2:34 < add@u.te:8:1 < all@users:1:1");
    expect(show(locate(expansion, "u7;"))).toBe("u.te:8:5 < add@u.te:8:1 < all@users:1:1");
  });

  it("name calls inside arguments before the call that takes the argument", () => {
    const expansion = expand({ "a.te": "define(`g',`<x>')define(`f',`[$1]')\nf(g)\n" });
    expect(show(locate(expansion, "<x>"))).toBe("a.te:1:13 < g@a.te:2:3 < f@a.te:2:1");
  });

  it("name a counting macro once, not once per number", () => {
    const text = "define(`c',`n$1 ifelse(`$1',`$2',`last',`c(incr($1),$2)')')\nc(0,300)";
    const { chain } = locate(expand({ "c.te": text }), "last");
    // The last step and the steps before it stand at one place; the first call is one line away.
    expect(chain?.map(({ line, column }) => [line, column])).toEqual([
      [1, 42],
      [2, 1],
    ]);
  });

  it("point at the very character that came out, whatever the program", () => {
    fc.assert(
      fc.property(program, (text) => {
        const { text: output, positions } = expandMacros([{ name: "p", text }], { limits: LIMITS });
        const lines = text.split("\n");
        for (let at = 0; at < output.length; at++) {
          if (!/[a-z]/.test(output[at])) continue;
          const { line, column } = positions.locate(at);
          expect(lines[line - 1][column - 1]).toBe(output[at]);
        }
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  it("give the lines of the files for excerpts", () => {
    const { positions } = expand({ "a.te": "one\ntwo\nthree" });
    expect([1, 3, 4].map((line) => positions.lineText("a.te", line))).toEqual([
      "one",
      "three",
      undefined,
    ]);
    expect(positions.lineText("b.te", 1)).toBeUndefined();
  });
});

/** Would catch macros that hang, exhaust memory or fail without a place. */
describe("errors", () => {
  const error = (text: string): string => {
    const { diagnostics } = expandMacros([{ name: "e.te", text }]);
    return diagnostics.map(({ code, span }) => `${code} ${show(span!)}`).join("\n");
  };

  it.each([
    [
      "endless recursion",
      "define(`x',`a x')\nx",
      "macro-recursion e.te:1:15 < x@e.te:1:15 < x@e.te:2:1",
    ],
    ["a quote that is not closed", "a\n b `c `d' e", "macro-quote e.te:2:4"],
    ["arguments that are not closed", "define(`f',`$1')\nf(a, (b)", "macro-arguments e.te:2:1"],
    ["changequote", "\nchangequote([,])", "macro-refused e.te:2:1"],
    ["include", "a include(`/etc/passwd')", "macro-refused e.te:1:3"],
    ["a regular expression beyond the subset", "regexp(`a',`\\(a*\\)*')", "macro-regexp e.te:1:1"],
    ["deep arguments", "define(`f',`$1')\n".concat("f(".repeat(500)), "macro-nesting e.te:2:801"],
    ["a message", "define(`w',`errprint(`no $1')')\nw(x)", "macro-message e.te:1:13 < w@e.te:2:1"],
    ["a number that is none", "incr(`a')", "macro-number e.te:1:1"],
    [
      "two interfaces of one name",
      "interface(`i',`a')\ninterface(`i',`b')",
      "macro-redefined e.te:2:1",
    ],
  ])("report %s", (_name, text, expected) => {
    expect(error(text)).toBe(expected);
  });

  it("end a doubling macro at the bound", () => {
    const text = "define(`f',`ifelse($1,0,`x',`f(decr($1))f(decr($1))')')f(60)";
    const { diagnostics } = expandMacros([{ name: "e", text }], { limits: { calls: 10_000 } });
    expect(diagnostics.at(-1)?.code).toBe("macro-limit");
    const growing = "define(`g',`g(`$1$1')')g(`0123456789')";
    expect(
      expandMacros([{ name: "e", text: growing }], {
        limits: { textOrigins: 1_000 },
      }).diagnostics.at(-1)?.code,
    ).toBe("macro-limit");
  });

  it("leaves words of refused macros alone where they are no call", () => {
    expect(expand({ a: "type index; type len, format;" }).text).toBe(
      "type index; type len, format;",
    );
  });
});

describe("interfaces", () => {
  it("define macros, whatever a support file says of them", () => {
    const expansion = expand({
      "s.spt": "define(`interface',` `define(`$1',` # dollarsstar\n $2'')')dnl\n",
      "i.if": "interface(`can_see',`\n\tallow $1 $2:x y;\n')dnl\n",
      "t.te": "can_see(a, b)",
    });
    expect(expansion.text).toBe("\n\tallow a b:x y;\n");
    expect(show(locate(expansion, "allow"))).toBe("i.if:2:2 < can_see@t.te:1:1");
  });
});
