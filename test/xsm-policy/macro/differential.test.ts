import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandMacros } from "../../../xsm-policy/compiler/macro/expand.ts";
import { program } from "./programs.ts";

const hasM4 = spawnSync("m4", ["--version"]).status === 0;
const LIMITS = { calls: 2_000, callDepth: 500, argumentDepth: 100, textCharacters: 100_000 };
const BEYOND_LIMITS = /^macro-(limit|recursion|nesting)$/;

/** Would catch any difference in what text comes out, for programs that m4 can run to an end. */
describe("expansion against m4", () => {
  it.skipIf(!hasM4)("gives the same text and the same verdict (skipped without m4)", () => {
    let compared = 0;
    fc.assert(
      fc.property(program, (text) => {
        const ours = expandMacros([{ name: "-", text }], { limits: LIMITS });
        if (ours.diagnostics.some(({ code }) => BEYOND_LIMITS.test(code))) return;
        const theirs = spawnSync("m4", [], { input: text, encoding: "utf8", timeout: 10_000 });
        compared++;
        expect(ours.text).toBe(theirs.stdout);
        const failed = ours.diagnostics.some(({ severity }) => severity === "error");
        expect(failed).toBe(theirs.status !== 0);
      }),
      { numRuns: 300, seed: 20 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  it.skipIf(!hasM4).each([
    ["words that meet at the end of a call", "define(`f',`ba')define(`bar',`B')f()r f`'r"],
    ["a name that a call makes", "define(`q',`def`'ine')q()(`z',1)z indir"],
    ["comments in arguments", "define(`f',`[$1]')f(a # , )\n b)"],
    ["dnl that reaches past the call", "define(`f',`x dnl')f y\nz"],
    ["space before arguments only", "define(`f',`[$1|$2]')f(  a b  ,\n\tc )"],
    ["numbers above nine", "define(`f',`$10-$11')f(1,2,3,4,5,6,7,8,9,ten)"],
    ["optional tail", "define(`d',`t $1`'ifelse(`$#', `1', `', `,shift($@)');')d(a) d(a,b,c)"],
    ["shiftn", "define(`s',`ifelse($1,0,`shift($*)',`s(decr($1),shift(shift($*)))')')s(2,a,b,c,d)"],
    ["accumulation", "define(`all',)define(`add',`define(`all', all `$1;')')add(a)add(b)all"],
    ["counting", "define(`c',`$1 ifelse(`$1',`$2',,`c(incr($1),$2)')')c(0,20)"],
    ["regexp position", "regexp(`a_b-c',`\\W') regexp(`abc', `x') regexp(`a\nbc',`^b')"],
    [
      "regexp groups",
      "regexp(`(a && b)', `\\(\\w+\\)', `\\1,\\&') regexp(`a.b c', `[^.a]+.\\(.*\\)', `<\\1>')",
    ],
    [
      "regexp literals",
      "regexp(`a+(b)',`+(b') regexp(`*a', `*a') regexp(`x$y',`$y') regexp(`a^',`a^')",
    ],
  ])("agrees on %s", (_name, text) => {
    const theirs = spawnSync("m4", [], { input: text, encoding: "utf8" });
    expect(expandMacros([{ name: "-", text }]).text).toBe(theirs.stdout);
  });
});
