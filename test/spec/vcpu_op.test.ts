import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as abi from "../../spec/abi.ts";
import { caller, clausesIn } from "./program.ts";
import { differCalls } from "./vcpu-world.ts";
import { ARGUMENT, corePath, DOMAINS, vcpuRow } from "./world.ts";

const built = existsSync(corePath);
const XENOLITH_CLASS = 13;
/** Frame of a domain that is mapped by another, and one whose counter is full. */
const FOREIGN = 0x201;
const FULL = 0x1f0;
const OWN_SUPERFRAME = 63;

const operations = [3, 5, 6, 7, 8, 9, 10, 13];
const info = fc
  .tuple(
    fc.constantFrom(0x10, 0x11, 0x1ff, FULL, FOREIGN, 0x202, 0x400000),
    fc.constantFrom(0, 0, 1),
    fc.constantFrom(0, 64, 4032, 4033, 4040, 4, 4096),
  )
  .map(([gfn, high, offset]) => [gfn, high, offset, 0]);
const area = fc
  .constantFrom(0x5000, 0x5fd0, 0x5fd8, 0x5fe0, 0x5fe8, 0x5004, 0x200000, 0x1ffff8)
  .map((linear) => [linear, 0]);
const single = fc
  .tuple(fc.constantFrom(0, 1, 1499, 1600, 0xffffffff), fc.constantFrom(0, 0, 1, 2, 3))
  .map(([deadline, flags]) => [deadline, 0, flags, 0]);
const period = fc
  .tuple(fc.constantFrom(999999, 1000000, 5, 0xffffffff), fc.constantFrom(0, 0x3fffffff, 1 << 30))
  .map(([low, high]) => [low, high]);
const words = (operation: number) =>
  new Map<number, fc.Arbitrary<number[]>>([
    [6, period],
    [8, single],
    [10, info],
  ]).get(operation) ?? area;

const request = fc.constantFrom(...operations, 10, 10, 0, 4, 12, 0xffffffff).chain((operation) =>
  fc.record({
    from: caller([XENOLITH_CLASS]),
    operation: fc.constant(operation),
    words: words(operation),
    id: fc.constantFrom(0n, 1n, 0n, 1n, 2n, 31n, 32n, 1n << 32n),
    address: fc.constantFrom(ARGUMENT, ARGUMENT, ARGUMENT, ARGUMENT, ARGUMENT, 0x200000n, 0x1002n),
    registered: fc.constantFrom(0, 0, 1),
  }),
);
const call = request.map(({ from, operation, words: given, id, address, registered }) => ({
  ...from,
  number: abi.HYPERVISOR_vcpu_op,
  registers: [BigInt(operation), id, address] as const,
  words: given,
  registered,
}));

test.skipIf(!built)(
  "vcpu_op registers and arms alike on both sides (skipped unless built): a page that is not pinned is another's memory later",
  () => {
    const { clauses, results } = differCalls(call, { numRuns: 32, seed: 41 }, (pair, one) => {
      for (const domain of DOMAINS) {
        for (const id of [0, 1]) {
          const vcpu = vcpuRow(domain, id);
          pair.write("vcpuInfoRegistered", vcpu, one.registered);
        }
        // A last-level table behind the superframe, with a frame of another domain.
        pair.write("directoryEntry", domain * 8192 + 1, 0x67);
        const frame = BigInt((OWN_SUPERFRAME + 1) * 512 + 7);
        pair.write("leafEntry", domain * 64 * 512 + FOREIGN - 512, (frame << 12n) | 0x267n);
        pair.write("frameReferences", (OWN_SUPERFRAME + domain) * 512 + FULL, 0xfffe);
      }
    });
    const wanted = clausesIn("vcpu_op.ts");
    expect(wanted.length).toBeGreaterThan(17);
    expect(wanted.filter((id) => !clauses.has(id))).toEqual([]);
    const errors = [abi.EPERM, abi.EFAULT, abi.ENOSYS, abi.EINVAL, abi.ENOENT, abi.ENXIO];
    for (const one of [0n, 1n, ...errors, abi.EBUSY, abi.ETIME]) expect(results).toContain(one);
  },
);
