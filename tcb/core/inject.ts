// What is delivered to a guest at its next entry: an exception that the core raises, an NMI, the
// upcall for pending events, or an interrupt of its local APIC.

import * as column from "./columns";
import { acceptVector, hasRequest, pendingVector } from "./local_apic";
import { load8 } from "./machine";

const VALID: u64 = 0x80000000;
const TYPE_NMI: u64 = 0x200;
const TYPE_EXCEPTION: u64 = 0x300;
const HAS_ERROR: u64 = 0x800;
const RFLAGS_IF: u64 = 0x200;
/** V_IRQ, V_INTR_PRIO (its low bit), V_IGN_TPR, V_INTR_VECTOR of the VMCB's interrupt control. The
 *  CPU ignores the priority beside V_IGN_TPR: here it marks a vector that is in service already. */
const V_IRQ: u64 = 0x100;
const IN_SERVICE: u64 = 0x10000;
const WINDOW: u64 = 0x00100100;
const OFFER: u64 = 0xff001f0100;
/** The VINTR intercept. */
const INTERCEPT_VINTR: u32 = 0x10;

const DEBUG: u64 = 1;
const UNDEFINED_OPCODE: u64 = 6;
const GENERAL_PROTECTION: u64 = 13;
const ALIGNMENT_CHECK: u64 = 17;

/** #UD at the instruction that exited. */
export function raiseUndefined(vcpu: u32): void {
  column.setVmcbEventInjection(vcpu, UNDEFINED_OPCODE | TYPE_EXCEPTION | VALID);
}

/** #GP(0) at the instruction that exited. */
export function raiseProtection(vcpu: u32): void {
  column.setVmcbEventInjection(vcpu, GENERAL_PROTECTION | TYPE_EXCEPTION | HAS_ERROR | VALID);
}

/** #DB, as it was intercepted; the CPU has left DR6 and DR7 as the guest has to find them. */
export function raiseDebug(vcpu: u32): void {
  column.setVmcbEventInjection(vcpu, DEBUG | TYPE_EXCEPTION | VALID);
}

/** #AC(0), as it was intercepted. */
export function raiseAlignment(vcpu: u32): void {
  column.setVmcbEventInjection(vcpu, ALIGNMENT_CHECK | TYPE_EXCEPTION | HAS_ERROR | VALID);
}

/** Is the upcall of the vCPU's domain set up, and has the vCPU pending events? */
function upcallPending(vcpu: u32): bool {
  if (column.domainCallbackVector(column.vcpuDomain(vcpu)) == 0) return false;
  return load8(column.vcpuInfo(vcpu)) != 0;
}

/** Has the vCPU anything to take? Decides whether a HLT blocks. INJECT-PENDING. */
export function deliverable(vcpu: u32): bool {
  return column.vcpuNmi(vcpu) != 0 || load8(column.vcpuInfo(vcpu)) != 0 || pendingVector(vcpu) != 0;
}

function canInterrupt(vcpu: u32): bool {
  return (column.vmcbRflags(vcpu) & RFLAGS_IF) != 0 && (column.vmcbInterruptState(vcpu) & 1) == 0;
}

/** The CPU takes the vector as soon as the guest can. Not by EVENTINJ: an emulated CPU may deliver
 *  a second time what it injects (QEMU 7.2, when its loop is left at the wrong moment).
 *  @param mark IN_SERVICE or 0 */
function offer(vcpu: u32, vector: u32, mark: u64): void {
  const control = column.vmcbInterruptControl(vcpu) & ~OFFER;
  column.setVmcbInterruptControl(vcpu, control | WINDOW | mark | ((vector as u64) << 32));
}

/** The CPU exits as soon as the guest can take an interrupt. */
function openWindow(vcpu: u32): void {
  offer(vcpu, 0, 0);
  column.setVmcbIntercept1(vcpu, column.vmcbIntercept1(vcpu) | INTERCEPT_VINTR);
}

/** Takes back what waits in the VMCB for a time when the guest can take it. */
function closeWindow(vcpu: u32): void {
  column.setVmcbInterruptControl(vcpu, column.vmcbInterruptControl(vcpu) & ~OFFER);
  column.setVmcbIntercept1(vcpu, column.vmcbIntercept1(vcpu) & ~INTERCEPT_VINTR);
}

/** Puts what the vCPU has to take next into its VMCB, one thing at an entry. INJECT-ENTRY. */
export function prepareInjection(vcpu: u32): void {
  const control = column.vmcbInterruptControl(vcpu);
  if ((control & V_IRQ) != 0) {
    // A host interrupt came first: the vector is taken now, before the guest's next instruction.
    if ((control & IN_SERVICE) != 0) return;
    closeWindow(vcpu);
  }
  const upcall = upcallPending(vcpu);
  if (upcall || column.vcpuAttention(vcpu) != 0) inject(vcpu, upcall);
}

function inject(vcpu: u32, upcall: bool): void {
  const busy = (column.vmcbEventInjection(vcpu) & VALID) != 0;
  if (column.vcpuNmi(vcpu) != 0 && !busy) {
    column.setVcpuNmi(vcpu, 0);
    column.setVmcbEventInjection(vcpu, 2 | TYPE_NMI | VALID);
    return;
  }
  if (upcall) return offer(vcpu, column.domainCallbackVector(column.vcpuDomain(vcpu)), 0);
  const vector: u32 = pendingVector(vcpu);
  if (vector == 0) {
    // Requests below the processor's priority stay, and with them the attention.
    if (!hasRequest(vcpu) && column.vcpuNmi(vcpu) == 0) column.setVcpuAttention(vcpu, 0);
    return;
  }
  if (busy || !canInterrupt(vcpu)) return openWindow(vcpu);
  offer(vcpu, vector, IN_SERVICE);
  acceptVector(vcpu, vector);
}
