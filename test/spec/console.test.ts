import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as abi from "../../spec/abi.ts";
import { caller, clausesIn } from "./program.ts";
import { differCalls } from "./vcpu-world.ts";
import { corePath, putWords } from "./world.ts";

const built = existsSync(corePath);
const XEN_CLASS = 0;
const TEXT = 0x5000n;
/** The end of a domain's memory. */
const END = 0x200000n;

const call = fc
  .record({
    from: caller([XEN_CLASS]),
    operation: fc.constantFrom(0n, 0n, 0n, 0n, 1n, 2n),
    count: fc.constantFrom(0n, 1n, 63n, 64n, 65n, 130n, 300n, 0x80000003n),
    address: fc.constantFrom(TEXT, TEXT + 3n, END - 10n, END),
  })
  .map(({ from, operation, count, address }) => ({
    ...from,
    number: abi.HYPERVISOR_console_io,
    registers: [operation, count, address] as const,
    words: [],
  }));

test.skipIf(!built)(
  "console_io takes the same bytes on both sides (skipped unless built): a byte too many is of another page, a step too long holds the CPU",
  () => {
    const text = Array.from({ length: 100 }, (_, at) => 0x61420920 + at * 3);
    const { clauses, results } = differCalls(call, { numRuns: 12, seed: 2 }, ({ machine }, one) => {
      putWords(machine, one.domain, TEXT, text);
      putWords(machine, one.domain, END - 64n, text.slice(0, 16));
    });
    const wanted = clausesIn("console.ts").filter((id) => !id.startsWith("CONSOLE-DRAIN"));
    expect(wanted.length).toBe(4);
    expect(wanted.filter((id) => !clauses.has(id))).toEqual([]);
    for (const one of [0n, undefined, abi.EPERM, abi.EFAULT, abi.ENOSYS]) {
      expect(results).toContain(one);
    }
  },
);
