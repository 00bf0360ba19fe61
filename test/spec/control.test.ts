import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Pair } from "../../fuzz/oracle/replay.ts";
import * as abi from "../../spec/abi.ts";
import { grantEntry, plantMemoryWorld, rowsSeen } from "./memory-world.ts";
import {
  brokenInvariants,
  type Call,
  caller,
  carryOut,
  clausesIn,
  type Outcome,
} from "./program.ts";
import { ARGUMENT, corePath, DOMAINS } from "./world.ts";

const built = existsSync(corePath);
const XENOLITH_CLASS = 13;
const DYING = 5;
/** Operations of docs/boot-pack.md. */
const CREATE = 1;
const SUPERFRAME = 2;
const RESERVE = 3;
const POPULATE = 4;
const COPY = 5;
const PARAMETER = 6;
const CONSOLE = 7;
const CONTEXT = 8;
const UNPAUSE = 9;
const SCHEDULE = 10;
const SLOT = 11;
const REGION = 12;
const PAUSE = 13;
const RESUME = 14;
const DESTROY = 15;
const XSAVE = 16;
const LOAD_POLICY = 17;
const CHANNEL = 18;
const GRANT = 19;
const IO_PORTS = 20;
const BACKGROUND = 21;
const INFO = 22;
const VCPU_INFO = 23;

/** A command's row: words a to g of 64 bits. */
interface Command {
  readonly operation: number;
  readonly domain: number;
  readonly values: readonly bigint[];
}

const rowOf = ({ operation, domain, values }: Command): number[] => [
  operation,
  domain,
  ...values.flatMap((value) => [Number(value & 0xffffffffn), Number(value >> 32n)]),
];

const big = (...values: (number | bigint)[]) => fc.constantFrom(...values.map(BigInt));
const built4 = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(4, 5) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 63, 64, 0xffffffff) },
);
const anybody = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 2, 3, 4, 5) },
  { weight: 1, arbitrary: fc.constantFrom(0, 63, 64, 0xffffffff) },
);
const gfn = big(0, 1, 511, 512, 513, 1024, 0x3fffff, 0x400000, 1n << 40n);

const command = (
  operation: number,
  domain: fc.Arbitrary<number>,
  ...values: fc.Arbitrary<bigint>[]
): fc.Arbitrary<Command> =>
  fc
    .tuple(domain, fc.tuple(...values))
    .map(([of, given]) => ({ operation, domain: of, values: given }));

const create = command(
  CREATE,
  built4,
  big(1, 2, 3, 3, 4, 1n << 32n),
  big(1, 1, 2, 2, 0, 32, 33),
  big(4096, 4096, 600, 1n << 32n),
  big(256, 256, 1, 0, 65536),
  big(0x6d6f647241n),
  big(0),
  big((1n << 63n) | 7n),
);

const building = fc.oneof(
  { weight: 3, arbitrary: command(SUPERFRAME, built4, gfn) },
  { weight: 4, arbitrary: command(RESERVE, built4) },
  { weight: 5, arbitrary: command(POPULATE, built4, gfn) },
  {
    weight: 3,
    arbitrary: command(
      COPY,
      built4,
      big(0, 8, 0x1000, 0x200000, 0x1fffff, 0xffffffffffffffffn),
      big(0x1000, 0x1800, 0x40000000),
      big(0, 1, 8, 4096, 0x1000, 4097),
    ),
  },
  { weight: 1, arbitrary: command(PARAMETER, built4, big(0, 38, 39, 1n << 32n), big(7)) },
  { weight: 1, arbitrary: command(XSAVE, built4) },
  { weight: 2, arbitrary: command(CONSOLE, built4, gfn) },
  {
    weight: 3,
    arbitrary: command(
      CONTEXT,
      built4,
      big(0, 0, 1, 31, 32),
      big(0x1000, 1n << 32n),
      big(0x2000, 0x2000, 1n << 32n),
    ),
  },
  {
    weight: 1,
    arbitrary: command(REGION, built4, big(0, 15, 16), big(4096), big(0, 4096), big(1, 1n << 32n)),
  },
);

/** What ties a domain that is being built to others, and what is known of any. */
const linking = fc.oneof(
  { weight: 2, arbitrary: command(CHANNEL, built4, big(1, 2, 63, 64), big(0, 2, 38, 39)) },
  {
    weight: 2,
    arbitrary: command(GRANT, built4, big(0, 1, 7, 8), big(0x10, 1n << 40n), big(1, 63, 64)),
  },
  {
    weight: 2,
    arbitrary: command(
      IO_PORTS,
      built4,
      big(0, 0x2f8, 0xffc0),
      big(0, 0x2ff, 0x337, 0x338, 0x10000),
    ),
  },
  { weight: 1, arbitrary: command(BACKGROUND, built4) },
  { weight: 2, arbitrary: command(INFO, anybody) },
  { weight: 2, arbitrary: command(VCPU_INFO, anybody, big(0, 0, 1, 31, 32)) },
);

const governing = fc.oneof(
  { weight: 3, arbitrary: command(UNPAUSE, built4) },
  { weight: 2, arbitrary: command(PAUSE, fc.constantFrom(2, 3, 4, 5, 64)) },
  { weight: 2, arbitrary: command(RESUME, fc.constantFrom(2, 3, 4, 5, 64)) },
  {
    weight: 1,
    arbitrary: command(SCHEDULE, anybody, big(0, 1, 2, 3), big(1_000_000, 99_999, 1_000_000_001)),
  },
  { weight: 1, arbitrary: command(SLOT, anybody, big(0, 1, 2, 64), big(100_000, 99_999)) },
  { weight: 1, arbitrary: command(99, anybody) },
  {
    // Areas in which no policy can lie: what one that is there means is not specified.
    weight: 1,
    arbitrary: command(LOAD_POLICY, anybody, big(0), big(0x1fffff, 1n << 40n), big(0, 2, 0x200001)),
  },
  { weight: 3, arbitrary: command(DESTROY, fc.constantFrom(0, 2, 2, 3, 4, 4, 5, 64)) },
);

const anyCommand = fc.oneof(
  { weight: 3, arbitrary: create },
  { weight: 6, arbitrary: building },
  { weight: 3, arbitrary: linking },
  { weight: 4, arbitrary: governing },
);

const asCall = (base: Omit<Call, "number" | "registers" | "words">, row: Command): Call => ({
  ...base,
  number: abi.HYPERVISOR_control,
  registers: [ARGUMENT, 0n, 0n],
  words: rowOf({ ...row, values: [...row.values, ...Array(7).fill(0n)].slice(0, 7) }),
});

const call = fc
  .tuple(caller([XENOLITH_CLASS]), anyCommand)
  .map(([base, row]) => asCall({ ...base, domain: 1, steps: 1 }, row));

/** What a builder does with a domain from its creation to its end; some of it may be left out. */
const story: readonly (readonly number[])[] = [
  [CREATE, 4, 1, 2, 4096, 256],
  [SUPERFRAME, 4, 0],
  [RESERVE, 4],
  [PARAMETER, 4, 20, 7],
  [REGION, 4, 1, 0, 4096, 1],
  [XSAVE, 4],
  [POPULATE, 4, 512],
  [POPULATE, 4, 513],
  [COPY, 4, 0x200008, 0x1000, 8],
  [COPY, 4, 0x1008, 0x1000, 4096],
  [COPY, 4, 0x200ff8, 0x1000, 16],
  [CONSOLE, 4, 514],
  [CHANNEL, 4, 1, 2],
  [GRANT, 4, 1, 512, 1],
  [IO_PORTS, 4, 0x2f8, 0x2ff],
  [BACKGROUND, 4],
  [CONTEXT, 4, 0, 0x1000, 0x2000],
  [UNPAUSE, 4],
  [INFO, 4],
  [VCPU_INFO, 4, 0],
  [DESTROY, 4],
];
const chapters = fc
  .tuple(caller([XENOLITH_CLASS]), fc.subarray([...story], { minLength: 11 }))
  .map(([base, rows]) =>
    rows.map(([operation, domain, ...values]) =>
      asCall(
        { ...base, domain: 1, steps: 1 },
        { operation: operation!, domain: domain!, values: values.map(BigInt) },
      ),
    ),
  );

/** A guest opens a port, or gives memory up. */
const guest = fc
  .tuple(
    caller([XENOLITH_CLASS]),
    fc.constantFrom(
      [abi.HYPERVISOR_event_channel_op, abi.EVTCHNOP_alloc_unbound, abi.DOMID_SELF | (1 << 16)],
      [abi.HYPERVISOR_memory_op, abi.XENMEM_remove_from_physmap, abi.DOMID_SELF, 0x11],
      [abi.HYPERVISOR_memory_op, abi.XENMEM_remove_from_physmap, abi.DOMID_SELF, 0x12],
    ),
  )
  .map(
    ([base, [number, operation, ...words]]): Call => ({
      ...base,
      long: false,
      number: number!,
      registers: [BigInt(operation!), ARGUMENT, 0n],
      words,
    }),
  );

const programs = fc
  .array(
    fc.oneof(
      { weight: 20, arbitrary: call.map((one) => [one]) },
      { weight: 3, arbitrary: guest.map((one) => [one]) },
      { weight: 2, arbitrary: chapters },
    ),
    { minLength: 35, maxLength: 60 },
  )
  .map((parts) => parts.flat());

/** The rows of each stage of a teardown, and whether one has nothing to do. */
const stages: readonly [number, (pair: Pair, domain: number, row: number) => boolean][] = [
  [64, (pair, domain, row) => pair.read("portUsedWord", domain * 64 + row) >> 1n === 0n],
  [1024, (pair, domain, row) => pair.read("handleDomain", domain * 1024 + row) === 0n],
  [32, (pair, domain, row) => pair.read("domainVcpuRow", domain * 32 + row) === 0n],
  [
    64 * 512,
    (pair, domain, row) => {
      if (pair.read("tableOwnerDirectory", domain * 64 + (row >> 9)) === 0n) return true;
      return (row & 511) !== 511 && pair.read("leafEntry", domain * 64 * 512 + row) === 0n;
    },
  ],
  [8192, (pair, domain, row) => pair.read("directoryEntry", domain * 8192 + row) === 0n],
  [8192, (pair, domain, row) => pair.read("superOwner", row) !== BigInt(domain + 1)],
];

/** Lets a teardown pass the rows at which there is nothing to do, but for a stage's last. */
function fastForward(pair: Pair, domain: number): void {
  if (domain >= 64 || pair.read("domainState", domain) !== BigInt(DYING)) return;
  const stage = stages[Number(pair.read("domainTeardownStage", domain))];
  if (stage === undefined) return;
  const [rows, isEmpty] = stage;
  let row = Number(pair.read("domainTeardownRow", domain));
  while (row < rows - 1 && isEmpty(pair, domain, row)) row++;
  pair.write("domainTeardownRow", domain, row);
}

const STEPS_OF_DESTROY = 12;
/** Steps in which a superframe is zeroed and given away. */
const SCRUBS = 40;
const DESTROYED = {
  refused: [9, 9, XENOLITH_CLASS],
  id: 0,
  long: false,
  domain: 1,
  steps: 1,
} as const;

/** A command; a destruction goes on for some steps. */
function run(pair: Pair, one: Call): Outcome[] {
  const [operation, domain] = one.words;
  if (operation === SUPERFRAME && one.id === 0) return [carryOut(pair, { ...one, steps: SCRUBS })];
  if (operation !== DESTROY) return [carryOut(pair, one)];
  return Array.from({ length: STEPS_OF_DESTROY }, () => {
    fastForward(pair, domain!);
    return carryOut(pair, one);
  });
}

/** Domains 1 and 2 each map a frame of the other. */
function shareFrames(pair: Pair): void {
  for (const [grantee, granter] of [
    [1, 2],
    [2, 1],
  ] as const) {
    const entry = Buffer.alloc(8);
    entry.writeUInt32LE(1 | (grantee << 16), 0);
    entry.writeUInt32LE(0x10, 4);
    pair.machine.memory.write(grantEntry(granter, 0), entry);
    carryOut(pair, {
      ...DESTROYED,
      domain: grantee,
      number: abi.HYPERVISOR_grant_table_op,
      registers: [BigInt(abi.GNTTABOP_map_grant_ref), ARGUMENT, 1n],
      words: [0x200 << 12, 0, 2, 0, granter, 0, 0, 0],
    });
  }
}

test.skipIf(!built)(
  "core and specification agree on random privileged operations (skipped unless built)",
  () => {
    const machine = plantMemoryWorld();
    const pair = new Pair(machine);
    shareFrames(pair);
    const start = machine.snapshot();
    expect(brokenInvariants(machine, rowsSeen)).toEqual([]);
    const seen = new Set<string>();
    const results = new Set<bigint | undefined>();
    fc.assert(
      fc.property(programs, (program) => {
        machine.restore(start);
        pair.align();
        for (const one of program) {
          for (const { result, clauses } of run(pair, one)) {
            results.add(result);
            for (const clause of clauses) seen.add(clause);
          }
        }
        pair.compare();
        expect(brokenInvariants(machine, rowsSeen)).toEqual([]);
      }),
      { numRuns: 14, seed: 3 },
    );
    const files = [
      "control.ts",
      "control_link.ts",
      "control_schedule.ts",
      "control_op.ts",
      "teardown.ts",
      "frame.ts",
      "p2m.ts",
    ];
    const all = files.flatMap(clausesIn);
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter((id) => !seen.has(id))).toEqual([]);
    for (const code of [0n, abi.EPERM, abi.EEXIST, abi.EINVAL, abi.ENOMEM, abi.EAGAIN]) {
      expect(results).toContain(code);
    }
  },
);

test.skipIf(!built)(
  "a domain that is destroyed leaves nothing behind (skipped unless built)",
  () => {
    const machine = plantMemoryWorld();
    const pair = new Pair(machine);
    const row = { operation: DESTROY, domain: DOMAINS[2]!, values: [] };
    const one = asCall(DESTROYED, row);
    let result: bigint | undefined;
    for (let step = 0; step < 200 && result === undefined; step++) {
      fastForward(pair, row.domain);
      result = carryOut(pair, one).result;
    }
    pair.compare();
    expect(result).toBe(0n);
    expect(pair.read("domainState", row.domain)).toBe(0n);
  },
);
