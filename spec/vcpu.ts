// vCPU rows: creation, the state in which one starts (a PVH entry, or a STARTUP), and the way back
// to a free row. Sources: AMD APM volume 2, chapters 14 to 16 and appendix B; docs/misc/pvh.pandoc.

import { APIC_REGISTERS, VCPUS } from "../tcb/core/limits.ts";
import { EFER_SVME } from "./abi.ts";
import { systemTime } from "./clock.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { suspend } from "./scheduler.ts";
import { RUNSTATE_OFFLINE, VCPU_FREE, VCPU_OFFLINE } from "./states.ts";
import { updateGroup } from "./timer.ts";

/** Intercepts (APM volume 2, appendix B, table B-1): INTR NMI SMI INIT RDPMC CPUID INVD HLT INVLPGA
 *  IOIO MSR shutdown. */
const INTERCEPT_1 = 0x9d44800f;
/** VMRUN and all SVM instructions, WBINVD, MONITOR, MWAIT, XSETBV, RDPRU. */
const INTERCEPT_2 = 0x00007e7f;
/** #DB, #AC and #MC: an endless delivery must not hold the CPU. */
const INTERCEPT_EXCEPTIONS = 0x00060002;
/** V_INTR_MASKING. */
const INTERRUPT_CONTROL = 0x01000000;
const NESTED_PAGING = 1;
const PAT_RESET = 0x0007040600070406n;
const DR6_RESET = 0xffff0ff0;
const DR7_RESET = 0x400;
const RFLAGS_RESET = 2;
const FCW_RESET = 0x37f;
const MXCSR_RESET = 0x1f80;
const ATTRIBUTES_LDT = 0x82;
const ATTRIBUTES_TSS_BUSY = 0x8b;
const LIMIT_RESET = 0xffff;

const APIC_TABLE_FIRST = 0x32;
const APIC_TABLE_ROWS = 6;
const APIC_SPURIOUS = 0x0f;
const APIC_SPURIOUS_RESET = 0xff;
const APIC_MASKED = 0x10000;
const RBX = 3;

/** The local APIC after reset: software-disabled, local vectors masked, nothing requested. */
export function resetApic(s: Transaction, vcpu: Word): void {
  s.clause(
    "APIC-RESET-1",
    "After reset the spurious register is 0xff, local vectors are masked, all else is zero.",
  );
  s.setRows("apic", [vcpu, 0], APIC_REGISTERS, () => ({ register: 0 }));
  s.setRows("apic", [vcpu, APIC_TABLE_FIRST], APIC_TABLE_ROWS, () => ({ register: APIC_MASKED }));
  s.row("apic", vcpu, APIC_SPURIOUS).set({ register: APIC_SPURIOUS_RESET });
  s.setRows("apicRequest", [vcpu, 0], 4, () => ({ word: 0 }));
  s.setRows("apicService", [vcpu, 0], 4, () => ({ word: 0 }));
}

/** The data segments, all alike. */
function setSegments(s: Transaction, vcpu: Word, attributes: number, limit: number): void {
  s.row("vmcb", vcpu).set({
    dsAttributes: attributes,
    esAttributes: attributes,
    ssAttributes: attributes,
    fsAttributes: attributes,
    gsAttributes: attributes,
    dsLimit: limit,
    esLimit: limit,
    ssLimit: limit,
    fsLimit: limit,
    gsLimit: limit,
  });
}

/** Every segment register is zero. */
function clearSegments(s: Transaction, vcpu: Word): void {
  const vmcb = s.row("vmcb", vcpu);
  vmcb.set({ esSelector: 0, esAttributes: 0, esLimit: 0, esBase: 0 });
  vmcb.set({ csSelector: 0, csAttributes: 0, csLimit: 0, csBase: 0 });
  vmcb.set({ ssSelector: 0, ssAttributes: 0, ssLimit: 0, ssBase: 0 });
  vmcb.set({ dsSelector: 0, dsAttributes: 0, dsLimit: 0, dsBase: 0 });
  vmcb.set({ fsSelector: 0, fsAttributes: 0, fsLimit: 0, fsBase: 0 });
  vmcb.set({ gsSelector: 0, gsAttributes: 0, gsLimit: 0, gsBase: 0 });
  vmcb.set({ gdtrSelector: 0, gdtrAttributes: 0, gdtrLimit: 0, gdtrBase: 0 });
  vmcb.set({ ldtrSelector: 0, ldtrAttributes: 0, ldtrLimit: 0, ldtrBase: 0 });
  vmcb.set({ idtrSelector: 0, idtrAttributes: 0, idtrLimit: 0, idtrBase: 0 });
  vmcb.set({ trSelector: 0, trAttributes: 0, trLimit: 0, trBase: 0 });
}

/** Is the row free? */
export const isFreeRow = (s: Transaction, row: Word): Bool =>
  s.row("vcpu", row).state.eq(VCPU_FREE);

/** How many vCPU rows are free. */
export function freeVcpus(s: Transaction): Word {
  return s.count(VCPUS, (row) => isFreeRow(s, row));
}

/** The lowest free vCPU row, or the last row. */
export function freeVcpu(s: Transaction): Word {
  const free = s.least(VCPUS - 1, (row) => isFreeRow(s, row));
  return free.exists.choose(free.index, VCPUS - 1);
}

/** Registers after reset; intercepts and addresses of maps stay. */
export function clearRegisters(s: Transaction, vcpu: Word): void {
  s.clause(
    "VCPU-CLEAR-1",
    "General, segment and control registers are as after reset, and nothing is being delivered.",
  );
  s.setRows("gpr", [vcpu, 0], 16, () => ({ value: 0 }));
  clearSegments(s, vcpu);
  const vmcb = s.row("vmcb", vcpu);
  vmcb.set({ cpl: 0, cr4: 0, cr3: 0, cr0: 0, cr2: 0, rip: 0, rsp: 0, rax: 0 });
  vmcb.set({ eventInjection: 0, interruptControl: INTERRUPT_CONTROL, interruptState: 0 });
  vmcb.set({ efer: EFER_SVME, rflags: RFLAGS_RESET });
  vmcb.set({ dr6: DR6_RESET, dr7: DR7_RESET, pat: PAT_RESET });
  vmcb.set({ ldtrAttributes: ATTRIBUTES_LDT, ldtrLimit: LIMIT_RESET });
  vmcb.set({ trAttributes: ATTRIBUTES_TSS_BUSY, trLimit: LIMIT_RESET });
  vmcb.set({ gdtrLimit: LIMIT_RESET, idtrLimit: LIMIT_RESET });
}

/** The state that the machine loads besides the VMCB. */
export function clearState(s: Transaction, vcpu: Word): void {
  s.clause(
    "VCPU-CLEAR-2",
    "x87 and SSE are as after FNINIT and a reset of MXCSR; debug registers and TSC_AUX are zero.",
  );
  s.setRows("state", [vcpu, 0], 128, () => ({ word: 0 }));
  s.row("state", vcpu, 0).set({ word: FCW_RESET });
  s.row("state", vcpu, 3).set({ word: MXCSR_RESET });
}

/** A free row becomes a vCPU of a domain, offline: what starts it gives it registers. */
export function createVcpu(s: Transaction, vcpu: Word, domain: Word, id: Word): void {
  s.clause("VCPU-CREATE-1", "A new vCPU is offline; its domain has it under its number.");
  const row = s.row("vcpu", vcpu);
  row.set({ domain, id, state: VCPU_OFFLINE, runstate: RUNSTATE_OFFLINE });
  row.set({ runstateSince: systemTime(s) });
  s.row("domainVcpu", domain, id).set({ row: vcpu.add(1) });
  s.clause(
    "VCPU-CREATE-2",
    "Its control block intercepts what the hypervisor must see, has its domain's map of I/O ports and " +
      "the shared one of registers, runs in its domain's address space; its control area is zero otherwise.",
  );
  const vmcb = s.row("vmcb", vcpu);
  vmcb.set({ interceptCr: 0, interceptDr: 0, tscOffset: 0, tlbControl: 0 });
  vmcb.set({ exitCode: 0, exitInfo1: 0, exitInfo2: 0, exitInterrupt: 0 });
  vmcb.set({ eventInjection: 0, interruptState: 0 });
  vmcb.set({
    intercept1: INTERCEPT_1,
    intercept2: INTERCEPT_2,
    interceptException: INTERCEPT_EXCEPTIONS,
    iopmAddress: s.addressOf("iopm", "word", domain, 0),
    msrpmAddress: s.addressOf("msrpm", "word", 0),
    asid: domain.add(1),
    interruptControl: INTERRUPT_CONTROL,
    nestedControl: NESTED_PAGING,
    nestedCr3: s.addressOf("nestedRoot", "entry", domain, 0),
  });
  resetApic(s, vcpu);
}

/** A vCPU's row becomes free, and nothing of it remains. */
export function forgetVcpu(s: Transaction, vcpu: Word): void {
  const cpu = s.row("cpu", 0);
  s.clause("VCPU-FORGET-1", "The CPU forgets a vCPU whose state it holds or that it ran last.");
  s.when(cpu.stateOwner.eq(vcpu.add(1)), () => cpu.set({ stateOwner: 0 }));
  s.when(cpu.current.eq(vcpu.add(1)), () => cpu.set({ current: 0 }));
  s.clause("VCPU-FORGET-2", "It leaves the choice, and its row is zero: nothing is inherited.");
  suspend(s, vcpu);
  s.row("vcpu", vcpu).set({
    state: VCPU_FREE,
    domain: 0,
    id: 0,
    info: 0,
    infoRegistered: 0,
    runstateArea: 0,
    timeArea: 0,
    runstate: 0,
    runstateSince: 0,
    deadline: 0,
    period: 0,
    periodicNext: 0,
    pollDeadline: 0,
    polling: 0,
    pollPort: 0,
    nmi: 0,
    attention: 0,
    awaitsStartup: 0,
  });
  s.setRows("vcpuTime", [vcpu, 0], 4, () => ({ spent: 0 }));
  s.setRows("vcpuVirq", [vcpu, 0], 32, () => ({ port: 0 }));
  updateGroup(s, vcpu);
  clearRegisters(s, vcpu);
  clearState(s, vcpu);
}

/** The state of a PVH entry. */
export function startPvh(s: Transaction, vcpu: Word, entry: Word, startInfo: Word): void {
  clearRegisters(s, vcpu);
  clearState(s, vcpu);
  s.clause(
    "VCPU-PVH-1",
    "A PVH guest starts at its entry in flat 32-bit protected mode without paging; EBX holds the " +
      "address of its start info.",
  );
  setSegments(s, vcpu, 0xc93, 0xffffffff);
  const code = { csAttributes: 0xc9b, csLimit: 0xffffffff, csSelector: 8 };
  s.row("vmcb", vcpu).set({ ...code, trLimit: 0x67, cr0: 0x11, rip: entry });
  s.row("gpr", vcpu, RBX).set({ value: startInfo });
}

/** The state after a STARTUP interrupt. */
export function startReal(s: Transaction, vcpu: Word, vector: Word): void {
  clearRegisters(s, vcpu);
  clearState(s, vcpu);
  s.clause(
    "VCPU-STARTUP-1",
    "A STARTUP starts in real mode at offset 0 of the page that it names.",
  );
  setSegments(s, vcpu, 0x93, 0xffff);
  const code = { csAttributes: 0x9b, csLimit: 0xffff, csSelector: vector.shl(8) };
  s.row("vmcb", vcpu).set({ ...code, csBase: vector.wide().shl(12), cr0: 0x10 });
}
