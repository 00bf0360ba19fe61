// VM exits: from the exit code to its meaning (AMD APM volume 2, appendix C). What a guest may not
// do is #UD or #GP for it, or the end of its domain.

import * as abi from "./abi.ts";
import { exitCpuid } from "./cpuid.ts";
import { crashDomain, shutdownDomain } from "./domain.ts";
import { locate } from "./guest.ts";
import { exitHypercall } from "./hypercall.ts";
import {
  deliverable,
  raiseAlignment,
  raiseDebug,
  raiseProtection,
  raiseUndefined,
} from "./inject.ts";
import { exitIo } from "./io.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { exitMsr } from "./msr.ts";
import { skip } from "./registers.ts";
import { block, lookAgain, stop } from "./scheduler.ts";
import { VCPU_HALTED } from "./states.ts";

/** Kinds of exit, as a domain's counters number them. */
const KIND_INTERRUPT = 0;
const KIND_WINDOW = 1;
const KIND_CPUID = 2;
const KIND_HALT = 3;
const KIND_IO = 4;
const KIND_MSR = 5;
const KIND_HYPERCALL = 6;
const KIND_NESTED_FAULT = 7;
const KIND_SHUTDOWN = 8;
const KIND_CACHE = 9;
const KIND_EXCEPTION = 10;
const KIND_OTHER = 11;

const OPCODE_HLT = 0xf4;

/** An exit: its code, the kind that it counts as, and its steps after that. */
export interface Exit {
  readonly value: number | bigint;
  readonly kind: number;
  readonly steps: (s: Transaction, vcpu: Word) => void;
}

/** HLT. */
function exitHlt(s: Transaction, vcpu: Word): void {
  skip(s, vcpu, 1);
  const waits = () => {
    s.clause("EXIT-HLT-1", "HLT blocks the vCPU until something is delivered.");
    block(s, vcpu);
  };
  const ends = () => {
    s.clause(
      "EXIT-HLT-2",
      "HLT with interrupts off halts the vCPU for ever; the domain has one less online, and with none " +
        "left it powers off: nobody could ever wake it.",
    );
    const { domain } = s.row("vcpu", vcpu);
    const row = s.row("domain", domain);
    const left = row.online.sub(1);
    stop(s, vcpu, VCPU_HALTED);
    row.set({ online: left.and(0xff) });
    s.when(left.eq(0), () => shutdownDomain(s, domain, s.word32(abi.SHUTDOWN_poweroff)));
  };
  s.when(deliverable(s, vcpu).not(), () =>
    s.when(s.row("vmcb", vcpu).rflags.has(abi.RFLAGS_IF), waits, ends),
  );
}

function exitInterrupt(s: Transaction, vcpu: Word): void {
  s.clause(
    "EXIT-INTR-1",
    "A host interrupt is the machine's timer: everything is looked at again.",
  );
  lookAgain(s);
  const vmcb = s.row("vmcb", vcpu);
  s.when(vmcb.interruptState.bit(0), () => {
    s.clause(
      "EXIT-INTR-2",
      "In an interrupt shadow, an HLT that comes next is carried out: the shadow of STI would be lost " +
        "on a CPU that does not reload it.",
    );
    const address = locate(s, vcpu, vmcb.csBase.add(vmcb.rip), s.truth(false));
    s.when(address.ne(abi.NOWHERE), () => {
      const opcode = s.machine.load8(address);
      s.when(opcode.eq(OPCODE_HLT), () => exitHlt(s, vcpu));
    });
  });
}

/** WBINVD and INVD. */
function exitCache(s: Transaction, vcpu: Word): void {
  s.clause("EXIT-CACHE-1", "Caches are coherent: WBINVD and INVD do nothing.");
  skip(s, vcpu, 2);
}

function crash(s: Transaction, vcpu: Word): void {
  s.clause(
    "EXIT-CRASH-1",
    "A nested page fault, a shutdown of the CPU (triple fault), a machine check, an invalid state, " +
      "and an exit that nobody asked for end the domain.",
  );
  crashDomain(s, vcpu);
}

function nothing(s: Transaction): void {
  s.clause("EXIT-HOST-1", "The host's NMI, SMI and INIT are none of the guest's.");
}

/** SVM instructions, STGI to MWAIT, XSETBV, RDPRU: 0x80 to 0x8e but VMMCALL and WBINVD. */
const undefinedOpcodes: readonly number[] = [
  0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e,
];

/** All exits; any other ends the domain. */
export const exits: readonly Exit[] = [
  { value: abi.VMEXIT_VMMCALL, kind: KIND_HYPERCALL, steps: exitHypercall },
  { value: abi.VMEXIT_CPUID, kind: KIND_CPUID, steps: exitCpuid },
  { value: abi.VMEXIT_INTR, kind: KIND_INTERRUPT, steps: exitInterrupt },
  { value: abi.VMEXIT_VINTR, kind: KIND_WINDOW, steps: () => {} },
  { value: abi.VMEXIT_HLT, kind: KIND_HALT, steps: exitHlt },
  { value: abi.VMEXIT_MSR, kind: KIND_MSR, steps: exitMsr },
  { value: abi.VMEXIT_IOIO, kind: KIND_IO, steps: exitIo },
  { value: abi.VMEXIT_WBINVD, kind: KIND_CACHE, steps: exitCache },
  { value: abi.VMEXIT_INVD, kind: KIND_CACHE, steps: exitCache },
  { value: abi.VMEXIT_NPF, kind: KIND_NESTED_FAULT, steps: crash },
  { value: abi.VMEXIT_SHUTDOWN, kind: KIND_SHUTDOWN, steps: crash },
  { value: abi.VMEXIT_EXCEPTION_DB, kind: KIND_EXCEPTION, steps: raiseDebug },
  { value: abi.VMEXIT_EXCEPTION_AC, kind: KIND_EXCEPTION, steps: raiseAlignment },
  { value: abi.VMEXIT_RDPMC, kind: KIND_OTHER, steps: raiseProtection },
  { value: abi.VMEXIT_INVLPGA, kind: KIND_OTHER, steps: raiseUndefined },
  ...undefinedOpcodes.map((value) => ({ value, kind: KIND_OTHER, steps: raiseUndefined })),
  { value: abi.VMEXIT_INVALID, kind: KIND_OTHER, steps: crash },
  { value: abi.VMEXIT_NMI, kind: KIND_OTHER, steps: nothing },
  { value: abi.VMEXIT_SMI, kind: KIND_OTHER, steps: nothing },
  { value: abi.VMEXIT_INIT, kind: KIND_OTHER, steps: nothing },
  { value: abi.VMEXIT_EXCEPTION_MC, kind: KIND_OTHER, steps: crash },
];

function count(s: Transaction, vcpu: Word, kind: number): void {
  s.clause("EXIT-COUNT-1", "Each exit is counted for its domain, by kind.");
  const row = s.row("domainExit", s.row("vcpu", vcpu).domain, kind);
  row.set({ count: row.count.add(1) });
}

/** What the hypervisor does when a vCPU has left its guest. */
export function handleExit(s: Transaction, vcpu: Word): void {
  const vmcb = s.row("vmcb", vcpu);
  s.clause("EXIT-REDELIVER-1", "An event whose delivery the exit interrupted is delivered again.");
  const interrupted = vmcb.exitInterrupt;
  vmcb.set({ eventInjection: interrupted.has(abi.EVENT_VALID).choose(interrupted, 0) });
  const take = (kind: number, steps: Exit["steps"]) => () => {
    count(s, vcpu, kind);
    steps(s, vcpu);
    return s.word64(0);
  };
  const cases = exits.map(({ value, kind, steps }) => ({ value, steps: take(kind, steps) }));
  s.select(vmcb.exitCode, cases, take(KIND_OTHER, crash));
}
