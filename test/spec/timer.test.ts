import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as abi from "../../spec/abi.ts";
import { caller } from "./program.ts";
import { differCalls } from "./vcpu-world.ts";
import { corePath } from "./world.ts";

const built = existsSync(corePath);
const XENOLITH_CLASS = 13;

const call = fc
  .record({
    from: caller([XENOLITH_CLASS]),
    deadline: fc.constantFrom(0n, 1n, 1400n, 9999n, 0xffffffffn, 0xffffffffffffffffn),
  })
  .map(({ from, deadline }) => ({
    ...from,
    number: abi.HYPERVISOR_set_timer_op,
    registers: [deadline, 0n, 0n] as const,
    words: [],
  }));

test.skipIf(!built)(
  "set_timer_op arms alike on both sides (skipped unless built): a deadline that is lost is a guest that never wakes",
  () => {
    const { clauses, results } = differCalls(call, { numRuns: 25, seed: 19 });
    for (const id of ["TIMER-SET-1", "TIMER-SET-2", "TIMER-GROUP-1", "TIMER-GROUP-2"]) {
      expect(clauses).toContain(id);
    }
    for (const one of [0n, abi.EPERM]) expect(results).toContain(one);
  },
);
