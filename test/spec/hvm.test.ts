import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as abi from "../../spec/abi.ts";
import { caller, clausesIn } from "./program.ts";
import { differCalls } from "./vcpu-world.ts";
import { ARGUMENT, corePath } from "./world.ts";

const built = existsSync(corePath);
const HVM_CLASS = 4;

const words = fc.tuple(
  fc.constantFrom(abi.DOMID_SELF, abi.DOMID_SELF, 0xffff0001, 1, 2, 64),
  fc.constantFrom(0, 0, 0, 1, 17, 38, 39, 0xffffffff),
  fc.constantFrom(0, 31, 32, 0xf3, 0x1ff, 0x1f3),
  fc.constantFrom(0, 0x02000000, 0x02000000, 0x01000000, 0x02ffffff, 0x03000000),
);

const call = fc
  .record({
    from: caller([HVM_CLASS]),
    operation: fc.constantFrom(0n, 0n, 0n, 1n, 1n, 9n, 2n, 0xffffffffn),
    address: fc.constantFrom(ARGUMENT, ARGUMENT, ARGUMENT, 0x1ffff8n, 0x1001n),
    words,
  })
  .map(({ from, operation, address, words: given }) => ({
    ...from,
    number: abi.HYPERVISOR_hvm_op,
    registers: [operation, address, 0n] as const,
    words: given,
  }));

test.skipIf(!built)(
  "hvm_op sets and gets alike on both sides (skipped unless built): a wrong callback loses events, another's parameter is not the caller's",
  () => {
    const { clauses, results } = differCalls(call, { numRuns: 25, seed: 13 });
    const wanted = clausesIn("hvm.ts");
    expect(wanted.length).toBe(8);
    expect(wanted.filter((id) => !clauses.has(id))).toEqual([]);
    for (const one of [0n, abi.EPERM, abi.EFAULT, abi.ENOSYS, abi.EINVAL]) {
      expect(results).toContain(one);
    }
  },
);
