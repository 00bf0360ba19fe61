// Rule 12, case by case: catches a loop that the checker calls bounded and that is not, and a
// bounded one that it would refuse.

import { describe, expect, it } from "vitest";
import { parseProgram } from "../../../tcb/subset/source/compiler.ts";
import { boundedLoops } from "../../../tcb/subset/source/loops.ts";
import { type Unit, unitsOf } from "../../../tcb/subset/source/unit.ts";

const BOUNDED = [
  "for (let i: u32 = 0; i < 64; i++) work(i);",
  "for (let i: u32 = 0; i < LIMIT; i += 4) work(i);",
  "for (let i: u64 = 0; i <= 6; i++) work(i as u32);",
  "for (let i: u32 = n >> 6; i < 4; i++) work(i);",
  "for (let i: u32 = 0; i < min<u32>(n, LIMIT); i++) work(i);",
  "for (let i: u32 = 0; i < (n & 63); i++) work(i);",
  "for (let i: u32 = 0; i < LIMIT && i < n; i++) work(i);",
  "const m = min<u32>(n, 8); for (let i: u32 = 0; i < m << 2; i++) work(i);",
  "for (let i: u32 = 0x80000000; i <= 0x80000003; i++) work(i);",
  "for (let i: u32 = min<u32>(n, 20); i > 0; i--) work(i);",
  "let i: u32 = 0; while (i < LIMIT && n != i) i++;",
  "let i: u32 = 0; while (n > 5 && i < 32) { n >>= 1; i++; }",
  "let i: u32 = 0; do { work(i); i++; } while (i < 5);",
];

const UNBOUNDED = [
  "for (let i: u32 = 0; i < n; i++) work(i);",
  "for (let i: u32 = 0; i < 5000; i++) work(i);",
  "for (let i: u32 = 0; i != 64; i++) work(i);",
  "for (let i: u32 = 0; i < 64; i--) work(i);",
  "for (let i: u32 = 0; i < 64; i++) { if (n == i) i = 0; work(i); }",
  "for (let i: u32 = 0; i < 64; i++) { i--; }",
  "for (let i: u32 = 0; i < 64; i = work(i)) n++;",
  "for (let i: u32 = 0; i < 64 || n > 0; i++) n--;",
  "for (let i: u32 = 0; i < max<u32>(n, 64); i++) work(i);",
  "for (let i: u32 = n; i > 0; i--) work(i);",
  "for (let i: u32 = 64; i > 0; i -= 3) work(i);",
  "for (let i: u32 = 64; i >= 0; i--) work(i);",
  "for (let i: i32 = n as i32; i < 64; i++) work(0);",
  "let m = min<u32>(n, 8); m = n; for (let i: u32 = 0; i < m; i++) work(i);",
  "for (;;) work(n);",
  "for (let i: u32 = 0; ; i++) work(i);",
  "while (true) work(n);",
  "while (n > 0) n--;",
  "let i: u32 = 0; while (i < 64) { if (n > 3) i++; }",
  "let i: u32 = 0; while (i < 64) { if (n > 3) continue; i++; }",
  "let i: u32 = 0; while (i < 64) { i++; if (n > 3) i = 0; }",
  "let i: u32 = 0; while (i < 64 || n > 3) i++;",
];

function unitOf(text: string, index: number): string {
  return `export function f${index}(n: u32): void { ${text} }`;
}

/** One file with a function for each loop; findings by the number of the function. */
function refused(loops: readonly string[]): Set<number> {
  const head = "const LIMIT: u32 = 1 << 7;\nfunction work(value: u32): u32 { return value; }\n";
  const text = `${head}${loops.map(unitOf).join("\n")}\n`;
  const program = parseProgram([{ path: "tcb/core/loops.ts", text }], ["tcb/core/loops.ts"]);
  const [unit] = unitsOf(program) as [Unit];
  return new Set(boundedLoops(unit).map(({ line }) => line - 3));
}

describe("bounded loops", () => {
  it("are those that count towards a constant", () => {
    const found = refused(BOUNDED);
    expect(BOUNDED.filter((_, index) => found.has(index))).toEqual([]);
  });

  it("are not those that may go on", () => {
    const found = refused(UNBOUNDED);
    expect(UNBOUNDED.filter((_, index) => !found.has(index))).toEqual([]);
  });
});
