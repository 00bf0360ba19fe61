import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Pair } from "../../fuzz/oracle/replay.ts";
import * as abi from "../../spec/abi.ts";
import { plantMemoryWorld, rowsSeen } from "./memory-world.ts";
import { brokenInvariants, type Call, caller, carryOut, clausesIn } from "./program.ts";
import { ARGUMENT, corePath } from "./world.ts";

const built = existsSync(corePath);
const MMU_CLASS = 5;
const XENOLITH_CLASS = 13;
const LIST = 0x40;

/** Guest frames in the leaf of 2 MiB, beside it, and out of range; the argument's page is left. */
const gfn = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0x10, max: 0x13 }) },
  { weight: 8, arbitrary: fc.integer({ min: 0x200, max: 0x203 }) },
  { weight: 1, arbitrary: fc.constantFrom(0x2000, 0x3fffff, 0x400000, 0xffffffff) },
);
const self = fc.constantFrom(abi.DOMID_SELF, abi.DOMID_SELF, abi.DOMID_SELF, 1, 2, 0xffff);

/** A structure as the two modes lay it out: fields of a word, or of 4 bytes. */
type Field = { readonly wide: number } | { readonly narrow: number };
const words = (long: boolean, fields: readonly Field[]): number[] =>
  fields.flatMap((field) => {
    if ("narrow" in field) return [field.narrow];
    return long ? [field.wide, 0] : [field.wide];
  });

type Rest = Pick<Call, "words"> & { readonly operation: number };

const addToPhysmap = (long: boolean) =>
  fc
    .tuple(self, fc.constantFrom(0, 0, 1, 1, 2), fc.constantFrom(0, 0, 1, 2, 31, 32), gfn)
    .map(([domain, space, index, at]) => ({
      operation: abi.XENMEM_add_to_physmap,
      words: words(long, [{ narrow: domain }, { narrow: space }, { wide: index }, { wide: at }]),
    }));

const removeFromPhysmap = (long: boolean) =>
  fc.tuple(self, gfn).map(([domain, at]) => ({
    operation: abi.XENMEM_remove_from_physmap,
    words: long ? [domain, 0, at, 0] : [domain, at],
  }));

const extents = (long: boolean) =>
  fc
    .record({
      operation: fc.constantFrom(abi.XENMEM_populate_physmap, abi.XENMEM_decrease_reservation),
      done: fc.constantFrom(0, 0, 0, 1, 2),
      list: fc.array(gfn, { minLength: 1, maxLength: 3 }),
      more: fc.constantFrom(0, 0, 0, 1),
      order: fc.constantFrom(0, 0, 0, 0, 9),
      domain: self,
      place: fc.constantFrom(LIST, LIST, LIST, LIST, 0x3fff0000),
    })
    .map(({ operation, done, list, more, order, domain, place }) => {
      const head = words(long, [
        { wide: Number(ARGUMENT) + place },
        { wide: list.length + more },
        { narrow: order },
        { narrow: 0 },
        { narrow: domain },
      ]);
      const gap = Array.from({ length: LIST / 4 - head.length }, () => 0);
      const rows = list.flatMap((at) => words(long, [{ wide: at }]));
      return {
        operation: operation + done * 2 ** abi.MEMOP_EXTENT_SHIFT,
        words: [...head, ...gap, ...rows],
      };
    });

const about = fc
  .tuple(fc.constantFrom(abi.XENMEM_current_reservation, abi.XENMEM_maximum_reservation), self)
  .map(([operation, domain]) => ({ operation, words: [domain] }));

const memoryMap = (long: boolean) =>
  fc
    .tuple(fc.constantFrom(0, 1, 2, 16), fc.constantFrom(LIST, LIST, 0xfe8, 0x3fff0000))
    .map(([capacity, place]) => ({
      operation: abi.XENMEM_memory_map,
      words: long
        ? [capacity, 0, Number(ARGUMENT) + place, 0]
        : [capacity, Number(ARGUMENT) + place],
    }));

const other = fc.constantFrom(0, 2, 63).map((operation) => ({ operation, words: [] }));

const operation = (long: boolean): fc.Arbitrary<Rest> =>
  fc.oneof(
    { weight: 5, arbitrary: addToPhysmap(long) },
    { weight: 3, arbitrary: removeFromPhysmap(long) },
    { weight: 9, arbitrary: extents(long) },
    { weight: 1, arbitrary: about },
    { weight: 1, arbitrary: memoryMap(long) },
    { weight: 1, arbitrary: other },
  );

const call: fc.Arbitrary<Call> = caller([MMU_CLASS, XENOLITH_CLASS]).chain((base) =>
  fc
    .tuple(
      operation(base.long),
      fc.constantFrom(ARGUMENT, ARGUMENT, ARGUMENT, ARGUMENT, 0x40000000n),
    )
    .map(([{ operation: number, words: argument }, address]) => ({
      ...base,
      number: abi.HYPERVISOR_memory_op,
      registers: [BigInt(number), address, 0n] as const,
      words: argument,
    })),
);

test.skipIf(!built)(
  "core and specification agree on random memory operations: results, events, tables (skipped unless built)",
  () => {
    const machine = plantMemoryWorld();
    const pair = new Pair(machine);
    const start = machine.snapshot();
    expect(brokenInvariants(machine, rowsSeen)).toEqual([]);
    const seen = new Set<string>();
    const results = new Set<bigint | undefined>();
    fc.assert(
      fc.property(fc.array(call, { minLength: 40, maxLength: 60 }), (program) => {
        machine.restore(start);
        pair.align();
        for (const one of program) {
          const { result, clauses } = carryOut(pair, one);
          results.add(result);
          for (const clause of clauses) seen.add(clause);
        }
        pair.compare();
        expect(brokenInvariants(machine, rowsSeen)).toEqual([]);
      }),
      { numRuns: 30, seed: 3 },
    );
    const all = clausesIn("memory_op.ts");
    expect(all.length).toBeGreaterThan(15);
    expect(all.filter((id) => !seen.has(id))).toEqual([]);
    for (const code of [0n, abi.EPERM, abi.EINVAL, abi.ENOMEM, abi.EBUSY, abi.EFAULT, abi.ENOSYS]) {
      expect(results).toContain(code);
    }
  },
);
