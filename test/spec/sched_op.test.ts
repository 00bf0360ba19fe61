import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as abi from "../../spec/abi.ts";
import { caller, clausesIn } from "./program.ts";
import { differCalls } from "./vcpu-world.ts";
import { ARGUMENT, corePath, putShared, putWords } from "./world.ts";

const built = existsSync(corePath);
const XENOLITH_CLASS = 13;
/** Where a poll's port stands. */
const PORTS_AT = 0x1800n;

const shutdown = fc.constantFrom(0, 1, 3, 5, 6, 0xffffffff).map((reason) => [reason]);
const poll = fc
  .record({
    address: fc.constantFrom(Number(PORTS_AT), Number(PORTS_AT), 0x1801, 0x200000),
    count: fc.constantFrom(0, 1, 1, 1, 2, 128, 129),
    deadline: fc.constantFrom(0, 1, 1501, 5000),
  })
  .map(({ address, count, deadline }) => [address, 0, count, 0, deadline, 0]);
const operation = fc.oneof(
  fc.tuple(fc.constant(BigInt(abi.SCHEDOP_poll)), poll),
  fc.tuple(fc.constant(BigInt(abi.SCHEDOP_poll)), poll),
  fc.tuple(fc.constant(BigInt(abi.SCHEDOP_shutdown)), shutdown),
  fc.tuple(fc.constantFrom(0n, 1n, 1n, 4n, 0xffffffffn), fc.constant([0])),
);

const call = fc
  .record({
    from: caller([XENOLITH_CLASS]),
    operation,
    address: fc.constantFrom(ARGUMENT, ARGUMENT, ARGUMENT, ARGUMENT, 0x200000n, 0x1002n),
    port: fc.constantFrom(2, 5, 64, 4095, 4096),
    pending: fc.constantFrom(0, 0, 0xffffffff),
  })
  .map(({ from, operation: [first, words], address, port, pending }) => ({
    ...from,
    steps: 1,
    number: abi.HYPERVISOR_sched_op,
    registers: [first, address, 0n] as const,
    words,
    port,
    pending,
  }));

test.skipIf(!built)(
  "sched_op blocks, polls and stops alike on both sides (skipped unless built): a vCPU that blocks with an event pending sleeps for ever",
  () => {
    const { clauses, results } = differCalls(call, { numRuns: 32, seed: 31 }, (pair, one) => {
      putWords(pair.machine, one.domain, PORTS_AT, [one.port]);
      const words = Array.from({ length: 128 }, () => one.pending);
      putShared(pair.machine, one.domain, abi.SHARED_evtchn_pending, words);
    });
    const wanted = clausesIn("sched_op.ts");
    expect(wanted.length).toBe(11);
    expect(wanted.filter((id) => !clauses.has(id))).toEqual([]);
    for (const one of [0n, abi.EPERM, abi.EFAULT, abi.ENOSYS, abi.EINVAL]) {
      expect(results).toContain(one);
    }
  },
);
