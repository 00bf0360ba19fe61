import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as abi from "../../spec/abi.ts";
import { caller, clausesIn } from "./program.ts";
import { differCalls } from "./vcpu-world.ts";
import { ARGUMENT, corePath } from "./world.ts";

const built = existsSync(corePath);
const CLASSES = [11, 13];
/** Structures that fit a page, end it, cross into the next, and lie nowhere. */
const address = fc.constantFrom(ARGUMENT, ARGUMENT, 0x4ff0n, 0x4f80n, 0x4ffcn, 0x1ffffcn, 0x4ff2n);
const operation = fc.oneof(
  { weight: 9, arbitrary: fc.bigInt({ min: 0n, max: 10n }) },
  { weight: 1, arbitrary: fc.constantFrom(11n, 255n, 0xffffffffn) },
);

const call = fc
  .record({ from: caller(CLASSES), operation, address, words: fc.constantFrom([0], [1]) })
  .map(({ from, operation: first, address: second, words }) => ({
    ...from,
    number: abi.HYPERVISOR_xen_version,
    registers: [first, second, 0n] as const,
    words,
  }));

test.skipIf(!built)(
  "xen_version answers alike on both sides (skipped unless built): a text too many tells of the build, a word too many overwrites a guest",
  () => {
    const { clauses, results } = differCalls(call, { numRuns: 25, seed: 17 });
    const wanted = clausesIn("version.ts");
    expect(wanted.length).toBe(8);
    expect(wanted.filter((id) => !clauses.has(id))).toEqual([]);
    for (const one of [0n, abi.EPERM, abi.EFAULT, abi.ENOSYS, 4096n, BigInt(abi.XEN_VERSION)]) {
      expect(results).toContain(one);
    }
  },
);
