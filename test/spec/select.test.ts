import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Pair } from "../../fuzz/oracle/replay.ts";
import { selectVcpu } from "../../spec/select.ts";
import { brokenInvariants, clausesIn, type Rows } from "./program.ts";
import {
  hostValues,
  NOW,
  plantHost,
  plantVcpuWorld,
  stepWithResult,
  vcpuIndex,
} from "./vcpu-world.ts";
import { corePath } from "./world.ts";

const built = existsSync(corePath);

const situation = fc.record({
  host: hostValues,
  current: fc.option(vcpuIndex),
  cpu: fc.oneof({ weight: 19, arbitrary: fc.constant(0) }, fc.constantFrom(1, 7, 0xffffffff)),
});

const rowsSeen: Rows = {
  timers: [[0]],
  cpu: [[0]],
};

const situations = fc.array(situation, { minLength: 25, maxLength: 50 });

test.skipIf(!built)(
  "the core and the specification choose, switch, arm and inject alike (skipped unless built): a wrong choice starves, a missed switch leaks registers",
  () => {
    const machine = plantVcpuWorld();
    const pair = new Pair(machine);
    const start = machine.snapshot();
    const seen = new Set<string>();
    const property = fc.property(situations, (program) => {
      machine.restore(start);
      pair.align();
      for (const { host, current, cpu } of program) {
        machine.ticks = NOW;
        plantHost(pair, host);
        pair.write("cpuCurrent", 0, current === null ? 0 : current + 1);
        const { results, clauses } = stepWithResult(
          pair,
          () => machine.core.selectVcpu(cpu),
          (s) => selectVcpu(s, s.word32(cpu)),
        );
        expect(results[1]).toBe(results[0]);
        for (const clause of clauses) seen.add(clause);
      }
      pair.compare();
      expect(brokenInvariants(machine, rowsSeen)).toEqual([]);
    });
    fc.assert(property, { numRuns: 30, seed: 5, endOnFailure: true });
    const files = ["select.ts", "timer.ts", "inject.ts", "scheduler.ts"];
    const elsewhere = ["TIMER-SET", "SCHED-STOP", "SCHED-SUSPEND", "SCHED-YIELD", "INJECT-PENDING"];
    const exceptions = ["INJECT-DB-1", "INJECT-UD-1", "INJECT-GP-1", "INJECT-AC-1"];
    const wanted = files
      .flatMap(clausesIn)
      .filter((id) => !elsewhere.some((one) => id.startsWith(one)) && !exceptions.includes(id));
    expect(wanted.length).toBeGreaterThan(20);
    expect(wanted.filter((id) => !seen.has(id))).toEqual([]);
  },
);
