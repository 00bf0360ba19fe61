// VM exits: from the exit code to its handler. What has no handler is #UD for the guest, or its
// end.

import { SHUTDOWN_POWEROFF } from "./abi";
import * as column from "./columns";
import { exitCpuid } from "./cpuid";
import { crashDomain, crashInvalid, shutdownDomain } from "./domain";
import { skip } from "./gpr";
import { locate } from "./guest";
import { exitHypercall } from "./hypercall";
import { deliverable, raiseAlignment, raiseDebug, raiseProtection, raiseUndefined } from "./inject";
import { exitIo } from "./io";
import { load8 } from "./machine";
import { exitMsr } from "./msr";
import { stop } from "./scheduler";
import { NOWHERE, VCPU_BLOCKED, VCPU_HALTED } from "./states";

// Exit codes: AMD APM volume 2, appendix C.
const EXIT_DEBUG: u64 = 0x41;
const EXIT_ALIGNMENT: u64 = 0x51;
const EXIT_MACHINE_CHECK: u64 = 0x52;
const EXIT_INTERRUPT: u64 = 0x60;
const EXIT_NMI: u64 = 0x61;
const EXIT_SMI: u64 = 0x62;
const EXIT_INIT: u64 = 0x63;
const EXIT_WINDOW: u64 = 0x64;
const EXIT_RDPMC: u64 = 0x6f;
const EXIT_CPUID: u64 = 0x72;
const EXIT_INVD: u64 = 0x76;
const EXIT_HLT: u64 = 0x78;
const EXIT_IO: u64 = 0x7b;
const EXIT_MSR: u64 = 0x7c;
const EXIT_SHUTDOWN: u64 = 0x7f;
const EXIT_INVLPGA: u64 = 0x7a;
const EXIT_VMRUN: u64 = 0x80;
const EXIT_VMMCALL: u64 = 0x81;
const EXIT_WBINVD: u64 = 0x89;
const EXIT_RDPRU: u64 = 0x8e;
const EXIT_NESTED_FAULT: u64 = 0x400;
/** VMRUN refused the state that the guest had made for itself. */
const EXIT_INVALID: u64 = 0xffffffffffffffff;

// Kinds, as they are counted.
const KIND_INTERRUPT: u32 = 0;
const KIND_WINDOW: u32 = 1;
const KIND_CPUID: u32 = 2;
const KIND_HALT: u32 = 3;
const KIND_IO: u32 = 4;
const KIND_MSR: u32 = 5;
const KIND_HYPERCALL: u32 = 6;
const KIND_NESTED_FAULT: u32 = 7;
const KIND_SHUTDOWN: u32 = 8;
const KIND_CACHE: u32 = 9;
const KIND_EXCEPTION: u32 = 10;
const KIND_OTHER: u32 = 11;

const RFLAGS_IF: u64 = 0x200;
const INTERRUPT_VALID: u64 = 0x80000000;
const OPCODE_HLT: u32 = 0xf4;

function count(vcpu: u32, kind: u32): void {
  const row = (column.vcpuDomain(vcpu) << 4) | kind;
  column.setDomainExitCount(row, column.domainExitCount(row) + 1);
}

/** HLT: blocks until something is delivered; with interrupts off, for ever. EXIT-HLT. */
function exitHlt(vcpu: u32): void {
  skip(vcpu, 1);
  if (deliverable(vcpu)) return;
  if ((column.vmcbRflags(vcpu) & RFLAGS_IF) != 0) return stop(vcpu, VCPU_BLOCKED);
  const domain = column.vcpuDomain(vcpu);
  const left = column.domainOnline(domain) - 1;
  stop(vcpu, VCPU_HALTED);
  column.setDomainOnline(domain, left);
  // Nobody is left who could ever wake it: that is how a kernel without ACPI powers off.
  if (left == 0) shutdownDomain(domain, SHUTDOWN_POWEROFF);
}

/** A host interrupt. Between STI and HLT the shadow would be lost on a CPU that does not reload it
 *  (QEMU 7.2): then the HLT is carried out here, with interrupts on, as the guest meant it. */
function exitInterrupt(vcpu: u32): void {
  column.setClockArmed(0);
  if ((column.vmcbInterruptState(vcpu) & 1) == 0) return;
  const address = locate(vcpu, column.vmcbCsBase(vcpu) + column.vmcbRip(vcpu), false);
  if (address != NOWHERE && load8(address) == OPCODE_HLT) exitHlt(vcpu);
}

/** What the exits that are not everyday ones mean. */
function exitRare(vcpu: u32, code: u64): void {
  if (code == EXIT_WBINVD || code == EXIT_INVD) {
    count(vcpu, KIND_CACHE);
    return skip(vcpu, 2);
  }
  if (code == EXIT_NESTED_FAULT) {
    count(vcpu, KIND_NESTED_FAULT);
    return crashDomain(vcpu, "no memory at", column.vmcbExitInfo2(vcpu));
  }
  if (code == EXIT_SHUTDOWN) {
    count(vcpu, KIND_SHUTDOWN);
    return crashDomain(vcpu, "triple fault", 0);
  }
  if (code == EXIT_DEBUG) {
    count(vcpu, KIND_EXCEPTION);
    return raiseDebug(vcpu);
  }
  if (code == EXIT_ALIGNMENT) {
    count(vcpu, KIND_EXCEPTION);
    return raiseAlignment(vcpu);
  }
  count(vcpu, KIND_OTHER);
  if (code == EXIT_RDPMC) return raiseProtection(vcpu);
  if (code == EXIT_INVLPGA) return raiseUndefined(vcpu);
  if (code >= EXIT_VMRUN && code <= EXIT_RDPRU) return raiseUndefined(vcpu);
  if (code == EXIT_INVALID) return crashInvalid(vcpu);
  if (code == EXIT_NMI || code == EXIT_SMI || code == EXIT_INIT) return;
  if (code == EXIT_MACHINE_CHECK) return crashDomain(vcpu, "machine check", 0);
  crashDomain(vcpu, "exit", code);
}

/** One VM exit. EXIT-*. */
export function exitOf(vcpu: u32): void {
  const interrupted = column.vmcbExitInterrupt(vcpu);
  // An event whose delivery was interrupted is delivered again.
  column.setVmcbEventInjection(vcpu, (interrupted & INTERRUPT_VALID) != 0 ? interrupted : 0);
  const code = column.vmcbExitCode(vcpu);
  if (code == EXIT_VMMCALL) {
    count(vcpu, KIND_HYPERCALL);
    return exitHypercall(vcpu);
  }
  if (code == EXIT_CPUID) {
    count(vcpu, KIND_CPUID);
    return exitCpuid(vcpu);
  }
  if (code == EXIT_INTERRUPT) {
    count(vcpu, KIND_INTERRUPT);
    return exitInterrupt(vcpu);
  }
  if (code == EXIT_WINDOW) return count(vcpu, KIND_WINDOW);
  if (code == EXIT_HLT) {
    count(vcpu, KIND_HALT);
    return exitHlt(vcpu);
  }
  if (code == EXIT_MSR) {
    count(vcpu, KIND_MSR);
    return exitMsr(vcpu);
  }
  if (code == EXIT_IO) {
    count(vcpu, KIND_IO);
    return exitIo(vcpu);
  }
  exitRare(vcpu, code);
}
