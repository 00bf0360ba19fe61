import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Pair } from "../../fuzz/oracle/replay.ts";
import * as abi from "../../spec/abi.ts";
import { grantEntry, plantMemoryWorld, rowsSeen } from "./memory-world.ts";
import { brokenInvariants, type Call, caller, carryOut, clausesIn } from "./program.ts";
import { ARGUMENT, corePath, DOMAINS } from "./world.ts";

const built = existsSync(corePath);
const GRANT_CLASS = 9;
const REFERENCES = 3;

const reference = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: REFERENCES - 1 }) },
  { weight: 1, arbitrary: fc.constantFrom(511, 512, 16383, 16384, 0xffffffff) },
);
const granter = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...DOMAINS) },
  { weight: 2, arbitrary: fc.constantFrom(abi.DOMID_SELF, 0, 63, 64, 0xffff) },
);
/** Where grants are mapped: beside the domain's own memory, in it, or nowhere. */
const gfn = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0x200, max: 0x203 }) },
  { weight: 1, arbitrary: fc.constantFrom(0x10, 0x3fffff, 0x400000) },
);
const handle = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(1023, 1024, 0xffffffff) },
);
const half = (low: number, high: number): number => (low | (high << 16)) >>> 0;
const page = (at: number): [number, number] => [(at << 12) >>> 0, at >>> 20];

type Rest = Pick<Call, "words"> & { readonly operation: number };

const map = fc
  .record({
    at: gfn,
    inPage: fc.constantFrom(0, 0, 0, 0, 8),
    flags: fc.constantFrom(2, 2, 2, 6, 6, 1, 18),
    reference,
    granter,
  })
  .map(({ at, inPage, flags, reference: ref, granter: domain }) => {
    const [low, high] = page(at);
    return [low + inPage, high, flags, ref, half(domain, 7), 9, 0, 0];
  });

const unmap = fc
  .record({ at: gfn, handle })
  .map(({ at, handle: one }) => [...page(at), 0, 0, one, 0]);

const end = fc.oneof(
  fc.tuple(fc.constant(true), reference, granter),
  fc.tuple(fc.constant(false), gfn, fc.constantFrom(abi.DOMID_SELF, abi.DOMID_SELF, 1, 2)),
  fc.tuple(fc.constant(false), fc.constantFrom(0x10, 0x11), fc.constant(abi.DOMID_SELF)),
);
const copy = fc
  .record({
    source: end,
    target: end,
    from: fc.constantFrom(0, 8, 4000),
    to: fc.constantFrom(0, 16, 4096),
    bytes: fc.constantFrom(0, 1, 96, 97),
    high: fc.constantFrom(0, 0, 0, 0, 1),
  })
  .map(({ source, target, from, to, bytes, high }) => {
    const flags = (source[0] ? 1 : 0) + (target[0] ? 2 : 0);
    return [
      ...[source[1], high, half(source[2], from), 0],
      ...[target[1], 0, half(target[2], to), 0],
      ...[half(bytes, flags), 0],
    ];
  });

/** Elements one behind the other, in a call for them or for one more. */
const batch = (
  operation: number,
  element: fc.Arbitrary<number[]>,
): fc.Arbitrary<Rest & { count: number }> =>
  fc
    .tuple(fc.array(element, { minLength: 1, maxLength: 2 }), fc.constantFrom(0, 0, 0, 0, -1))
    .map(([list, more]) => ({ operation, words: list.flat(), count: list.length + more }));

const query = fc
  .constantFrom(abi.DOMID_SELF, abi.DOMID_SELF, 1, 2, 0xffff)
  .map((domain) => ({ operation: abi.GNTTABOP_query_size, words: [domain], count: 1 }));
const version = fc.constantFrom(
  { operation: abi.GNTTABOP_set_version, words: [1], count: 1 },
  { operation: abi.GNTTABOP_set_version, words: [2], count: 1 },
  { operation: abi.GNTTABOP_get_version, words: [0, 9], count: 1 },
  { operation: abi.GNTTABOP_cache_flush, words: [0], count: 1 },
  { operation: 3, words: [0], count: 1 },
);

const call = fc
  .tuple(
    caller([GRANT_CLASS]),
    fc.oneof(
      { weight: 12, arbitrary: batch(abi.GNTTABOP_map_grant_ref, map) },
      { weight: 8, arbitrary: batch(abi.GNTTABOP_unmap_grant_ref, unmap) },
      { weight: 6, arbitrary: batch(abi.GNTTABOP_copy, copy) },
      { weight: 1, arbitrary: query },
      { weight: 1, arbitrary: version },
    ),
    fc.constantFrom(ARGUMENT, ARGUMENT, ARGUMENT, ARGUMENT, ARGUMENT, 0x40000000n),
  )
  .map(
    ([base, { operation, words, count }, address]): Call => ({
      ...base,
      number: abi.HYPERVISOR_grant_table_op,
      registers: [BigInt(operation), address, BigInt(count)],
      words,
    }),
  );

/** What the granter writes into its table before a call. */
interface Entry {
  readonly domain: number;
  readonly reference: number;
  readonly flags: number;
  readonly grantee: number;
  readonly gfn: number;
}

const entry: fc.Arbitrary<Entry> = fc.record({
  domain: fc.constantFrom(...DOMAINS),
  reference: fc.integer({ min: 0, max: REFERENCES - 1 }),
  flags: fc.constantFrom(1, 1, 1, 5, 0, 2, 0x8001),
  grantee: fc.constantFrom(...DOMAINS),
  gfn: fc.constantFrom(0x10, 0x11, 0x12, 0x200, 0x3fffff, 0x400000),
});

function writeEntry(
  pair: Pair,
  { domain, reference: at, flags, grantee, gfn: frame }: Entry,
): void {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(half(flags, grantee), 0);
  bytes.writeUInt32LE(frame, 4);
  pair.machine.memory.write(grantEntry(domain, at), bytes);
}

test.skipIf(!built)(
  "core and specification agree on random grant operations: results, events, tables (skipped unless built)",
  () => {
    const machine = plantMemoryWorld();
    const pair = new Pair(machine);
    const start = machine.snapshot();
    expect(brokenInvariants(machine, rowsSeen)).toEqual([]);
    const seen = new Set<string>();
    const step = fc.tuple(fc.option(entry, { freq: 2 }), call);
    fc.assert(
      fc.property(fc.array(step, { minLength: 60, maxLength: 90 }), (program) => {
        machine.restore(start);
        pair.align();
        for (const [written, one] of program) {
          if (written !== null) writeEntry(pair, written);
          for (const clause of carryOut(pair, one).clauses) seen.add(clause);
        }
        pair.compare();
        expect(brokenInvariants(machine, rowsSeen)).toEqual([]);
      }),
      { numRuns: 30, seed: 5 },
    );
    const files = ["grant_table.ts", "grant_entry.ts", "grant_map.ts", "grant_copy.ts"];
    const all = files.flatMap(clausesIn);
    expect(all.length).toBeGreaterThan(25);
    expect(all.filter((id) => !seen.has(id))).toEqual([]);
  },
);
