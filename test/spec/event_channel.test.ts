import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type LoggingMachine, Pair } from "../../fuzz/oracle/replay.ts";
import * as abi from "../../spec/abi.ts";
import { handleExit } from "../../spec/exit.ts";
import { invariants } from "../../spec/invariants/index.ts";
import { ConcreteState, ConcreteTransaction, truth } from "../../spec/lang/concrete.ts";
import {
  ARGUMENT,
  corePath,
  DOMAINS,
  plantWorld,
  prepareHypercall,
  putShared,
  putWords,
  VCPUS_EACH,
  vcpuRow,
} from "./world.ts";

const built = existsSync(corePath);
const PORTS_SEEN = 12;

/** Small numbers, now and then one that is out of every range. */
const port = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: PORTS_SEEN }) },
  { weight: 1, arbitrary: fc.constantFrom(4095, 4096, 0xffffffff) },
);
const domain = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...DOMAINS) },
  { weight: 2, arbitrary: fc.constantFrom(0, 63, 64, abi.DOMID_SELF, 0xffff) },
);
const vcpuId = fc.constantFrom(0, 1, 2, 31, 32, 0xffffffff);
const virq = fc.constantFrom(0, 1, 2, 3, 23, 24, 0xffffffff);
const pair = (low: number, high: number): number => (low | (high << 16)) >>> 0;

const call = fc.oneof(
  fc.tuple(
    fc.constant(abi.EVTCHNOP_send),
    port.map((p) => [p]),
  ),
  fc.tuple(
    fc.constant(abi.EVTCHNOP_unmask),
    port.map((p) => [p]),
  ),
  fc.tuple(
    fc.constant(abi.EVTCHNOP_close),
    port.map((p) => [p]),
  ),
  fc.tuple(
    fc.constant(abi.EVTCHNOP_reset),
    domain.map((d) => [d]),
  ),
  fc.tuple(
    fc.constant(abi.EVTCHNOP_alloc_unbound),
    fc.tuple(fc.constantFrom(abi.DOMID_SELF, 1, 2), domain).map(([a, b]) => [pair(a, b)]),
  ),
  fc.tuple(
    fc.constant(abi.EVTCHNOP_bind_interdomain),
    fc.tuple(domain, port).map(([d, p]) => [d, p]),
  ),
  fc.tuple(
    fc.constant(abi.EVTCHNOP_bind_virq),
    fc.tuple(virq, vcpuId).map(([v, i]) => [v, i]),
  ),
  fc.tuple(
    fc.constant(abi.EVTCHNOP_bind_ipi),
    vcpuId.map((i) => [i]),
  ),
  fc.tuple(
    fc.constant(abi.EVTCHNOP_bind_vcpu),
    fc.tuple(port, vcpuId).map(([p, i]) => [p, i]),
  ),
  fc.tuple(
    fc.constant(abi.EVTCHNOP_status),
    fc.tuple(fc.constantFrom(abi.DOMID_SELF, 1, 2), port).map(([d, p]) => [d, p]),
  ),
  fc.tuple(fc.constantFrom(2, 11, 12, 255), fc.constant([0])),
);

interface Step {
  readonly domain: number;
  readonly id: number;
  readonly call: readonly [number, readonly number[]];
  /** The caller's other vCPU waits, and may poll. */
  readonly waits: number;
  /** The policy refuses all of this class between two labels while the step is taken. */
  readonly refused: readonly [number, number];
  readonly mask: number;
}

const step = fc.record<Step>({
  domain: fc.constantFrom(...DOMAINS),
  id: fc.integer({ min: 0, max: VCPUS_EACH - 1 }),
  call,
  waits: fc.constantFrom(0, 0, 1, 2),
  refused: fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })),
  mask: fc.constantFrom(0, 0, 0xffffffff),
});

const EVENT_CLASS = 8;

/** Who may run besides the caller, on both sides. */
function arrange(pair: Pair, one: Step): void {
  const vcpu = vcpuRow(one.domain, one.id);
  const other = vcpuRow(one.domain, 1 - one.id);
  pair.write("vcpuState", vcpu, 2);
  pair.write("vcpuState", other, one.waits === 0 ? 2 : 3);
  pair.write("vcpuPolling", other, one.waits === 2 ? 1 : 0);
  const bits = (1n << BigInt(vcpu)) | (one.waits === 0 ? 1n << BigInt(other) : 0n);
  const both = (1n << BigInt(vcpu)) | (1n << BigInt(other));
  pair.write("runnableWord", 0, (pair.read("runnableWord", 0) & ~both) | bits);
}

/** Takes a step on both sides; gives the result and the clauses. */
function take(pair: Pair, one: Step): { result: bigint; clauses: readonly string[] } {
  const { machine } = pair;
  const vcpu = vcpuRow(one.domain, one.id);
  arrange(pair, one);
  const cell = (one.refused[0] * 128 + one.refused[1]) * 16 + EVENT_CLASS;
  const allowed = pair.read("policyCellAllowed", cell);
  pair.write("policyCellAllowed", cell, 0);
  putShared(machine, one.domain, abi.SHARED_evtchn_mask, [one.mask, 0]);
  putWords(machine, one.domain, ARGUMENT, [...one.call[1], 0, 0, 0, 0, 0]);
  prepareHypercall(pair, vcpu, abi.HYPERVISOR_event_channel_op, [one.call[0], ARGUMENT, 0n]);
  const clauses = pair.step(
    () => machine.core.handleExit(vcpu),
    (s) => handleExit(s, s.word32(vcpu)),
  );
  pair.write("policyCellAllowed", cell, allowed);
  return { result: BigInt.asIntN(64, pair.read("vmcbRax", vcpu)), clauses };
}

/** The invariants that do not hold at rows of the world, by name. */
function broken(machine: LoggingMachine): string[] {
  const state = new ConcreteState(new Uint8Array(machine.core.memory.buffer));
  const silent = { linearBase: 0n, perform: () => 0n };
  const s = new ConcreteTransaction(state, silent);
  const rows = { domain: 5, vcpu: 8, port: PORTS_SEEN + 2 };
  const names: string[] = [];
  for (const { id, table, holds } of invariants) {
    const counts = keyCounts[table];
    if (counts === undefined) continue;
    for (const keys of product(counts(rows))) {
      if (!truth(holds(s, ...keys.map((key) => s.word32(key))))) names.push(`${id}(${keys})`);
    }
  }
  return names;
}

type Counts = { domain: number; vcpu: number; port: number };
const keyCounts: Readonly<Record<string, (of: Counts) => number[]>> = {
  domain: ({ domain: d }) => [d],
  vcpu: ({ vcpu: v }) => [v],
  domainVcpu: ({ domain: d }) => [d, 3],
  port: ({ domain: d, port: p }) => [d, p],
  portUsed: ({ domain: d }) => [d, 2],
  vcpuVirq: ({ vcpu: v }) => [v, 24],
};

function product(counts: readonly number[]): number[][] {
  return counts.reduce<number[][]>(
    (all, count) =>
      all.flatMap((keys) => Array.from({ length: count }, (_, key) => [...keys, key])),
    [[]],
  );
}

test.skipIf(!built)(
  "core and specification agree on random event channel calls (skipped unless built)",
  () => {
    const machine = plantWorld();
    const pair = new Pair(machine);
    const start = machine.snapshot();
    expect(broken(machine)).toEqual([]);
    const seen = new Set<string>();
    const results = new Set<bigint>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 80 }), (program) => {
        machine.restore(start);
        pair.align();
        for (const one of program) {
          const { result, clauses } = take(pair, one);
          results.add(result);
          for (const clause of clauses) seen.add(clause);
        }
        pair.compare();
        expect(broken(machine)).toEqual([]);
      }),
      { numRuns: 60, seed: 11 },
    );
    const text = readFileSync(new URL("../../spec/event_channel.ts", import.meta.url), "utf8");
    const all = [...text.matchAll(/"(EVTCHN-[A-Z]+-[0-9]+|EVTCHN-[0-9]+)"/g)].map(([, id]) => id!);
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter((id) => !seen.has(id))).toEqual([]);
    for (const code of [0n, abi.EPERM, abi.EINVAL, abi.ENOENT, abi.EEXIST, abi.ENOSYS]) {
      expect(results).toContain(code);
    }
  },
);
