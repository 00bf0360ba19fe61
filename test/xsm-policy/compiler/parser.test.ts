/** Syntax: what is accepted, what is refused and how clearly, and how parsing goes on. */

import { describe, expect, it } from "vitest";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { parse } from "../../../xsm-policy/compiler/parser.ts";
import { DiagnosticSink } from "../../../xsm-policy/compiler/sink.ts";
import { compileBody, errorCodes, HEAD_LINES, policyOf, rendered } from "./sample.ts";

describe("several errors in one run", () => {
  const result = compileBody(
    [
      "allow a_t b_t domain create;",
      "type d_t",
      "allow a_t b_t:domain create;",
      "allow a_t { }:domain create;",
      "if (x) { type e_t; }",
    ].join("\n"),
  );

  it("each have their own place", () => {
    const lines = result.diagnostics.map(({ span }) => (span?.line ?? 0) - HEAD_LINES);
    expect(lines).toEqual([1, 2, 4, 5]);
    expect(result.policy).toBeUndefined();
  });

  it("are shown with the line and a marker", () => {
    expect(rendered(result)[0]).toBe(
      [
        "policy.conf:10:15: error: expected ':', found 'domain' [syntax]",
        "  10 | allow a_t b_t domain create;",
        "     |               ^^^^^^",
        "  hint: allow SOURCE TARGET:CLASS PERMISSIONS;",
      ].join("\n"),
    );
  });

  it("point a missing semicolon at the end of its statement, not at the next line", () => {
    const { span } = result.diagnostics[1];
    expect(span).toMatchObject({ line: HEAD_LINES + 2, column: 9 });
  });
});

describe("names", () => {
  it.each(["t1", "dom", "source", "LEVEL", "low-high"])("refuse the reserved word %s", (word) => {
    const [first] = rendered(compileBody(`type ${word};`));
    expect(first).toContain(`'${word}' is a word of the policy language`);
  });

  it("may hold '-' and single dots, so that a-b is one name and a -b two", () => {
    expect(errorCodes(compileBody("type n-m_t; allow n-m_t c_t:domain create;"))).toEqual([]);
    expect(errorCodes(compileBody("allow { dm -a_t } c_t:domain create;"))).toEqual([]);
    expect(errorCodes(compileBody("allow { dm-a_t } c_t:domain create;"))).toEqual([
      "unknown-type",
    ]);
    expect(errorCodes(compileBody("type a_t.x; allow a_t.x c_t:event bind;"))).toEqual(["bounds"]);
  });

  it("that are nearly right get a hint", () => {
    const result = compileBody("allow a_t c_tt:domian creat;");
    expect(result.diagnostics.map(({ hint }) => hint)).toEqual([
      "did you mean 'c_t'?",
      "did you mean 'domain'?",
    ]);
  });
});

describe("what the hypervisor cannot use is refused by name", () => {
  it.each([
    ["allowxperm a_t c_t:domain ioctl 0x1;", "extended permissions"],
    ['type_transition a_t b_t:domain c_t "file";', "file name transition"],
    ["genfscon proc / u:r:a_t", "file system contexts"],
    ["portcon tcp 80 u:r:a_t", "network contexts"],
    ["neveraudit a_t;", "neveraudit"],
    ["if (x) { if (y) { allow a_t c_t:domain create; } }", "cannot hold another"],
    ["dominance { role r2 { role r; } }", "role dominance"],
  ])("%s", (statement, words) => {
    const [first] = rendered(compileBody(statement));
    expect(first).toContain(words);
    expect(first).toMatch(/hint: /);
  });

  it("a loadable module too", () => {
    const [first] = compile({ name: "m.te", text: "module m 1.0;\n" }).diagnostics;
    expect(first.message).toContain("loadable module");
  });
});

describe("the order of statements", () => {
  it("is that of a base policy", () => {
    const result = compile({ name: "x", text: `${policyOf("")}type late_t;\n` });
    expect(rendered(result)[0]).toContain("types, roles and rules must come before");
  });

  it("needs every part", () => {
    const result = compile({ name: "x", text: "class c\nsid s\nclass c { p }\n" });
    expect(rendered(result)[0]).toContain("a policy needs types, roles or rules");
  });

  it("allows stray semicolons only among types, roles and rules", () => {
    expect(errorCodes(compileBody(";;"))).toEqual([]);
    expect(errorCodes(compileBody("", "pirqcon 1 u:r:a_t;\n"))).toEqual(["stray-semicolon"]);
  });
});

describe("#line directives", () => {
  it("move the reported place; the excerpt stays the line that is there", () => {
    const result = compileBody('#line 7 "modules/x.te"\nallow nosuch_t c_t:domain create;');
    expect(rendered(result)[0].split("\n").slice(0, 2)).toEqual([
      "modules/x.te:7:7: error: unknown type 'nosuch_t' [unknown-type]",
      "  7 | allow nosuch_t c_t:domain create;",
    ]);
  });
});

describe("a position map", () => {
  it("gives places with the chain of macro calls", () => {
    const call = { macro: "make", file: "x.te", line: 3, column: 1 };
    const result = compile({
      name: "folder",
      text: policyOf("allow nosuch_t c_t:domain create;"),
      positions: {
        locate: (offset) => ({ file: "x.if", line: offset, column: 9, chain: [call] }),
        lineText: () => "        allow $1 c_t:domain create;",
      },
    });
    const [first] = rendered(result);
    expect(first).toMatch(/^x\.if:\d+:9: error: unknown type 'nosuch_t'/);
    expect(first).toContain("    in make() called at x.te:3:1");
    expect(first).toContain("allow $1 c_t");
  });
});

describe("the tree", () => {
  it("holds each statement and set with its place", () => {
    const text = policyOf("allow { a_t -b_t } c_t:domain { create destroy };");
    const tree = parse({ name: "x", text }, new DiagnosticSink());
    const rule = tree.statements.find((statement) => statement.kind === "access-rule");
    if (rule?.kind !== "access-rule") throw new Error("no rule");
    const place = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
    expect(place(rule)).toBe("allow { a_t -b_t } c_t:domain { create destroy };");
    expect(place(rule.source)).toBe("{ a_t -b_t }");
    expect(tree.members(rule.source).map((m) => [m.text, m.excluded, place(m)])).toEqual([
      ["a_t", false, "a_t"],
      ["b_t", true, "b_t"],
    ]);
  });
});
