import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandMacros } from "../../../xsm-policy/compiler/macro/expand.ts";
import { PRELUDE } from "../../../xsm-policy/compiler/macro/prelude.ts";
import { sourceFiles } from "../../../xsm-policy/format/files.ts";
import { formatPolicy } from "../../../xsm-policy/format/format.ts";
import { FormatError, scan } from "../../../xsm-policy/format/scan.ts";
import { program } from "../macro/programs.ts";

const POLICIES = path.join(import.meta.dirname, "../../../xsm-policy/policy");
const XEN_CONF = path.join(import.meta.dirname, "../../../../shared/data/xen-flask/policy.conf");

const shipped = sourceFiles(POLICIES).map((name) => ({ name, text: readFileSync(name, "utf8") }));

function tokens(text: string): string[] {
  return scan(text).map(({ kind, text: each }) => `${kind} ${each}`);
}

/** Pieces of policy source, good and bad. */
const soup = fc
  .array(
    fc.constantFrom(
      ..."allow neverallow type a_t b_t self if class # ; ; , : { { } } ( ( ) ) ~ - * == != && !".split(
        " ",
      ),
      ..."\n \n \t \n\n  \n # note ` note\n #line_5 $1 $1_self $@ $# 0x1f-0x2f a-b dnl define( '".split(
        " ",
      ),
      "\n",
      "\n",
      " ",
      " ",
      "`quoted, text'",
      "`\n",
      "\n')",
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(" ".repeat(parts.length % 2)));

/** Would catch a formatter that loses text, changes meaning, or never comes to rest. */
describe("the formatter", () => {
  const holds = (text: string): void => {
    let before: string[];
    try {
      before = tokens(text);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      return;
    }
    const once = formatPolicy(text);
    expect(tokens(once)).toEqual(before);
    expect(formatPolicy(once)).toBe(once);
  };

  it("keeps tokens and is idempotent on any text", () => {
    fc.assert(fc.property(soup, holds), { numRuns: 2_000, seed: 1 });
    fc.assert(fc.property(program, holds), { numRuns: 500, seed: 2 });
  });

  it.each(shipped.map(({ name, text }) => [path.relative(POLICIES, name), text]))(
    "finds %s in order, and puts it in order again",
    (_name, text) => {
      expect(formatPolicy(text)).toBe(text);
      const mangled = text
        .replace(/^\t+/gm, (tabs) => "  ".repeat(tabs.length))
        .replace(/\n\n/g, "\n\n \t\n")
        .replace(/(?<=;)\n/g, "   \n");
      expect(formatPolicy(mangled)).toBe(text);
    },
  );

  it("changes nothing that the macro processor makes of modules", () => {
    const words = (files: readonly { name: string; text: string }[]): string =>
      expandMacros([PRELUDE, ...files])
        .text.replace(/#.*/g, "")
        .replace(/\s+/g, "");
    const modules = shipped.filter(({ name }) => /\.(if|te)$/.test(name));
    const loose = modules.map(({ name, text }) => ({
      name,
      text: text.replace(/:/g, " : ").replace(/^\t*(?=\w)/gm, "      "),
    }));
    const tidy = loose.map(({ name, text }) => ({ name, text: formatPolicy(text) }));
    expect(words(tidy)).toBe(words(loose));
    expect(words(tidy).length).toBeGreaterThan(1_000);
  });

  it.skipIf(!existsSync(XEN_CONF))(
    "keeps the lines of a policy.conf (skipped without data)",
    () => {
      const text = readFileSync(XEN_CONF, "utf8");
      const formatted = formatPolicy(text);
      expect(formatted.split("\n").length).toBe(text.trimEnd().split("\n").length + 1);
      expect(tokens(formatted)).toEqual(tokens(text));
      expect(formatPolicy(formatted)).toBe(formatted);
    },
  );
});

/** Would catch a change of style that nobody meant. */
describe("style", () => {
  it.each([
    ["spaces", "allow a  b : c {d e} ;", "allow a b:c { d e };"],
    ["commas", "f(a,b ,c)", "f(a, b , c)"],
    ["empty arguments", "gen_user(u,, r)", "gen_user(u,, r)"],
    ["no call is made or lost", "f (a) f(a)", "f (a) f(a)"],
    ["signs in names and before them", "{ a -b } { a-b } ~ c", "{ a -b } { a-b } ~ c"],
    ["quoted text", "f(`a,b :  c')", "f(`a,b :  c')"],
    ["operators", "if (a&&b) {\nallow x y:z w;\n}", "if (a && b) {\n\tallow x y:z w;\n}"],
    ["blocks", "interface(`i',`\nallow a b:c d;\n  ')", "interface(`i', `\n\tallow a b:c d;\n')"],
    [
      "continued statements",
      "neverallow a b:c\n{ d };\ntype x;",
      "neverallow a b:c\n{ d };\ntype x;",
    ],
    ["constraints", "constrain c p\n(u1 == u2);\n", "constrain c p\n\t(u1 == u2);"],
    ["sets on lines", "allow a b:c {\nd\ne\n};", "allow a b:c {\n\td\n\te\n};"],
    ["comments", "class x {\n# why\nd  # that\n}", "class x {\n\t# why\n\td  # that\n}"],
    ["blank lines", "\n\ntype a;\n\n\n\ntype b;\n\n", "type a;\n\ntype b;"],
    ["dnl", "f(`x')dnl don't  touch\ny", "f(`x')dnl don't  touch\ny"],
    ["an apostrophe in a comment in quotes", "f(`\n# it's\n x", "f(`\n\t# it's\n\tx"],
  ])("of %s", (_what, text, expected) => {
    expect(formatPolicy(text)).toBe(`${expected}\n`);
  });

  it("spreads a set that makes its line too long", () => {
    const names = Array.from({ length: 30 }, (_, index) => `permission_${index}`).join(" ");
    const lines = formatPolicy(`allow a b:c { ${names} };`).split("\n");
    expect(lines[0]).toBe("allow a b:c {");
    expect(lines.at(-2)).toBe("};");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it("names the line of a quote that is not closed", () => {
    expect(() => formatPolicy("a\nf(`b\n")).toThrow(FormatError);
    try {
      formatPolicy("a\nf(`b\n");
    } catch (error) {
      expect((error as FormatError).line).toBe(2);
    }
  });
});
