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
/** V_IRQ and V_IGN_TPR of the VMCB's interrupt control; the VINTR intercept. */
const WINDOW: u64 = 0x00100100;
const INTERCEPT_VINTR: u32 = 0x10;

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

/** The CPU exits as soon as the guest can take an interrupt. */
function openWindow(vcpu: u32): void {
  column.setVmcbInterruptControl(vcpu, column.vmcbInterruptControl(vcpu) | WINDOW);
  column.setVmcbIntercept1(vcpu, column.vmcbIntercept1(vcpu) | INTERCEPT_VINTR);
}

function closeWindow(vcpu: u32): void {
  column.setVmcbInterruptControl(vcpu, column.vmcbInterruptControl(vcpu) & ~WINDOW);
  column.setVmcbIntercept1(vcpu, column.vmcbIntercept1(vcpu) & ~INTERCEPT_VINTR);
}

/** Puts what the vCPU has to take next into its VMCB, one thing at an entry. INJECT-ENTRY. */
export function prepareInjection(vcpu: u32): void {
  if ((column.vmcbIntercept1(vcpu) & INTERCEPT_VINTR) != 0) closeWindow(vcpu);
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
  const vector: u32 = upcall
    ? column.domainCallbackVector(column.vcpuDomain(vcpu))
    : pendingVector(vcpu);
  if (vector == 0) {
    // Requests below the processor's priority stay, and with them the attention.
    if (!hasRequest(vcpu) && column.vcpuNmi(vcpu) == 0) column.setVcpuAttention(vcpu, 0);
    return;
  }
  if (busy || !canInterrupt(vcpu)) return openWindow(vcpu);
  column.setVmcbEventInjection(vcpu, (vector as u64) | VALID);
  if (!upcall) acceptVector(vcpu, vector);
}
