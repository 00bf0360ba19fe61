// The simulated machine under the real core. Catches: an import that differs from the metal's, a
// snapshot that does not come back whole, a TLB that lets a missing flush pass.

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { exitCode, SimulatedCpu } from "../../../../tcb/machine/sim/cpu.ts";
import { NOBODY, SimulatedMachine, type Snapshot } from "../../../../tcb/machine/sim/machine.ts";
import { MachineHalt, MachineRefusal, StaleTranslation } from "../../../../tcb/machine/sim/stop.ts";
import { compileRealCore, twoGuests } from "./fixture.ts";

const XEN_VERSION = 17;
const MEMORY_OP = 12;
const DECREASE_RESERVATION = 1;

let core: Uint8Array<ArrayBuffer>;
let machine: SimulatedMachine;
let cpu: SimulatedCpu;
let booted: Snapshot;

beforeAll(() => {
  core = compileRealCore();
  machine = new SimulatedMachine({ core, pack: twoGuests() });
  cpu = new SimulatedCpu(machine);
  machine.boot();
  booted = machine.snapshot();
});
beforeEach(() => machine.restore(booted));

/** The vCPU that the core chooses. */
const select = (): number => machine.core.selectVcpu(0) >>> 0;

describe("the core on the simulated machine", () => {
  it("boots two domains and chooses one of their vCPUs", () => {
    expect(machine.console).toContain("xenolith: simulated");
    expect(machine.columns.number("domainVcpus", 1)).toBe(1);
    const vcpu = select();
    expect(vcpu).not.toBe(NOBODY);
    expect(cpu.register(vcpu, "rip")).toBe(0x1000n);
  });

  it("answers hypercalls and CPUID, and steps over the instruction", () => {
    const vcpu = select();
    expect(cpu.hypercall(vcpu, XEN_VERSION, 0, 0)).toBe(0x40011n);
    expect(cpu.register(vcpu, "rip")).toBe(0x1003n);
    cpu.run(vcpu, { code: exitCode.cpuid, registers: { rax: 0x40000000n, rcx: 0n } });
    expect(cpu.register(vcpu, "rbx")).toBe(0x566e6558n);
    expect(cpu.register(vcpu, "rip")).toBe(0x1005n);
  });

  it("lets both guests have turns while time passes", () => {
    const seen = new Set<number>();
    for (let turn = 0; turn < 100; turn++) {
      cpu.turn((vcpu) => {
        seen.add(vcpu);
        return { code: exitCode.cpuid, registers: { rax: 0n, rcx: 0n }, ticks: 1_000_000n };
      });
    }
    expect(seen.size).toBe(2);
    expect(seen).toContain(machine.loaded);
  });

  it("stops when there is no boot pack", () => {
    const bare = new SimulatedMachine({ core });
    expect(() => bare.boot()).toThrow(MachineHalt);
    expect(bare.console).toContain("no boot pack");
  });
});

describe("snapshots", () => {
  it("bring back columns, memory, clock and console", () => {
    const vcpu = select();
    const before = machine.columns.read("vmcbRip", vcpu);
    machine.restore(booted);
    cpu.run(select(), { code: exitCode.cpuid, registers: { rax: 0n }, ticks: 5n });
    expect(cpu.guestWrite(vcpu, 0x5000n, new Uint8Array([1, 2, 3]))).toBe(true);
    machine.restore(booted);
    expect(machine.columns.read("vmcbRip", vcpu)).toBe(before);
    expect(cpu.guestRead(vcpu, 0x5000n, 3)).toEqual(new Uint8Array(3));
    expect(machine.ticks).toBe(booted.ticks);
    expect(machine.console).toBe(booted.console);
  });
});

describe("refusals", () => {
  it("of memory that is not the guests', and of vCPUs that do not exist", () => {
    const { machine: imports } = machine.imports() as {
      machine: Record<string, (...values: unknown[]) => unknown>;
    };
    const { load64, copy, switchState } = imports;
    expect(() => load64!(0x1200000n)).toThrow(MachineRefusal);
    expect(() => load64!(-8n)).toThrow(MachineRefusal);
    expect(() => copy!(0x8000000n, 0x8200000n, 0x200001)).toThrow(MachineRefusal);
    expect(() => switchState!(-1, 256)).toThrow(MachineRefusal);
    expect(() => machine.columns.read("noSuchColumn")).toThrow("no column");
    expect(() => machine.columns.read("vmcbRip", 256)).toThrow("rows 0 to 255");
  });
});

describe("the hostile TLB", () => {
  /** The guest gives back its page at gfn 5: paging is off, so linear is physical. */
  function giveBack(vcpu: number): void {
    const words = new Uint8Array(20);
    const view = new DataView(words.buffer);
    view.setUint32(0, 0x3000, true);
    view.setUint32(4, 1, true);
    view.setUint16(16, 0x7ff0, true);
    const frames = new Uint8Array(8);
    frames[0] = 5;
    expect(cpu.guestWrite(vcpu, 0x2800n, words)).toBe(true);
    expect(cpu.guestWrite(vcpu, 0x3000n, frames)).toBe(true);
    expect(cpu.hypercall(vcpu, MEMORY_OP, DECREASE_RESERVATION, 0x2800)).toBe(1n);
  }

  it("lets the core pass, which flushes after it has unmapped", () => {
    const vcpu = select();
    cpu.enter(vcpu);
    giveBack(vcpu);
    const next = select();
    expect(() => cpu.enter(next)).not.toThrow();
  });

  it("catches a planted missing flush", () => {
    const vcpu = select();
    cpu.enter(vcpu);
    giveBack(vcpu);
    machine.columns.write("cpuFlush", 0, 0);
    const next = select();
    machine.columns.write("vmcbTlbControl", next, 0);
    expect(next).toBe(vcpu);
    expect(() => cpu.enter(next)).toThrow(StaleTranslation);
  });

  it("sends an access by the stale translation until the flush", () => {
    const vcpu = select();
    cpu.enter(vcpu);
    const before = cpu.guestAccess(vcpu, 0x5000n, true);
    giveBack(vcpu);
    expect(cpu.guestAccess(vcpu, 0x5000n, true)).toBe(before);
    cpu.enter(select());
    expect(cpu.guestAccess(vcpu, 0x5000n, true)).toBeUndefined();
  });
});
