import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { Pair } from "../../../fuzz/oracle/replay.ts";
import { bootPack } from "../../../fuzz/world/pack.ts";
import { type BoundsReport, boundsOf } from "../../../proofs/bounds/bounds.ts";
import { boundsText } from "../../../proofs/bounds/text.ts";
import { VMEXIT_VMMCALL } from "../../../spec/abi.ts";
import { plantVcpuWorld } from "../../spec/vcpu-world.ts";
import { corePath } from "../../spec/world.ts";
import { commandAfter, meteredMachine, operationsAt } from "./metered.ts";
import { type Exit, exit, leave, Measured, spentBy } from "./program.ts";

const built = existsSync(corePath);

let core: Uint8Array;
let report: BoundsReport;

beforeAll(() => {
  if (!built) return;
  core = new Uint8Array(readFileSync(corePath));
  report = boundsOf(core);
});

const door = (name: string) => report.operations.filter((one) => one.name === `door ${name}`);

/** Exits whose handlers have one costliest way that every program meets. */
const exact = ["0x51", "0x61", "0x64", "0x6f", "0x76", "0x7a", "0x89"].map(
  (code) => `exit ${code}`,
);

test.skipIf(!built)(
  "no measured step executes more than its operation's bound, and simple exits execute just that (skipped unless built): a bound that is too low promises what does not hold",
  () => {
    const metered = meteredMachine(core);
    const { machine } = metered;
    plantVcpuWorld(machine);
    const pair = new Pair(machine);
    const start = machine.snapshot();
    const measured = new Measured();
    const take = (one: Exit) => {
      leave(pair, one);
      const before = operationsAt(report, machine, one.vcpu);
      const spent = spentBy(metered, () => machine.core.handleExit(one.vcpu));
      const isCall = one.code === VMEXIT_VMMCALL;
      const command = isCall ? commandAfter(report, machine, BigInt(one.number)) : [];
      measured.note(spent, [...before, ...command]);
      const chosen = spentBy(metered, () => machine.core.selectVcpu(0));
      measured.note(chosen, door("selectVcpu"));
    };
    const programs = fc.array(exit, { minLength: 40, maxLength: 60 });
    const property = fc.property(programs, (program) => {
      machine.restore(start);
      for (const one of program) take(one);
    });
    fc.assert(property, { numRuns: 60, seed: 17, endOnFailure: true });
    expect(measured.exceeded).toEqual([]);
    expect(measured.most.size).toBeGreaterThan(60);
    for (const name of exact) {
      const bound = report.operations.find((one) => one.name === name);
      expect(measured.most.get(name), name).toBe(bound?.instructions);
    }
  },
);

test.skipIf(!built)(
  "the steps of boot stay within boot's bound (skipped unless built): boot runs before anybody watches",
  () => {
    const metered = meteredMachine(core, bootPack());
    const measured = new Measured();
    let isDone = false;
    while (!isDone) {
      const spent = spentBy(metered, () => {
        isDone = metered.machine.core.boot() === 0;
      });
      measured.note(spent, door("boot"));
    }
    expect(measured.exceeded).toEqual([]);
    expect(measured.most.get("door boot")).toBeGreaterThan(10_000);
    expect(metered.machine.columns.read("domainState", 1)).toBe(2n);
  },
);

test.skipIf(!built)(
  "every operation has a bound, no loop is left out, and the table says so (skipped unless built): one loop without an end is a machine that hangs",
  () => {
    const unbounded = report.operations.filter(({ instructions }) => instructions === undefined);
    expect(unbounded).toEqual([]);
    // Ten million: some milliseconds.
    const long = report.operations.filter(({ instructions }) => (instructions ?? 0) > 10_000_000);
    expect(long).toEqual([]);
    const names = report.operations.map(({ name }) => name);
    for (const name of ["door boot", "hypercall 32: 4", "command 17", "exit 0x81"]) {
      expect(names).toContain(name);
    }
    const text = boundsText(report, true);
    expect(text).toContain("p2m/splitLeaf");
    expect(text).toMatch(/^hypercall 32: 4 +[\d,]+ +[\d,]+ {2}event_channel: send$/m);
  },
);
