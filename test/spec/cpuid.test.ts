import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { VMEXIT_CPUID } from "../../spec/abi.ts";
import { clausesIn } from "./program.ts";
import { differExits } from "./vcpu-world.ts";
import { corePath } from "./world.ts";

const built = existsSync(corePath);

const ROWS = 64;

const leaf = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0x80000000, max: 0x80000028 }),
  fc.integer({ min: 0x40000000, max: 0x40000105 }),
  fc.constantFrom(0x7fffffff, 0xffffffff, 0xc0000000, 0x3fffffff),
);
const exit = fc.record({
  code: fc.constant(VMEXIT_CPUID),
  rax: fc.tuple(leaf, fc.constantFrom(0n, 1n << 40n)).map(([low, high]) => high | BigInt(low)),
  rcx: fc.constantFrom(0n, 1n, 1n << 32n, 0xffffffffn),
});

test.skipIf(!built)(
  "CPUID tells a guest the same on both sides (skipped unless built): a wrong mask shows a guest what it must not know",
  () => {
    const seen = differExits(exit, { numRuns: 25, seed: 7 }, (pair) => {
      for (let row = 0; row < ROWS; row++) {
        for (const name of ["Eax", "Ebx", "Ecx", "Edx"]) {
          pair.write(`cpuidRow${name}`, row, row * 0x01010101);
        }
      }
    });
    const wanted = clausesIn("cpuid.ts").filter((id) => id.startsWith("CPUID-EXIT"));
    expect(wanted.length).toBe(4);
    expect(wanted.filter((id) => !seen.has(id))).toEqual([]);
  },
);
