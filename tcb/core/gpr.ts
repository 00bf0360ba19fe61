// General registers of a vCPU by the hardware's numbers. RAX lives in the VMCB.

import * as column from "./columns";

export const RCX: u32 = 1;
export const RDX: u32 = 2;
export const RBX: u32 = 3;
export const RSI: u32 = 6;
export const RDI: u32 = 7;

export function readGpr(vcpu: u32, register: u32): u64 {
  return column.gprValue((vcpu << 4) | register);
}

export function writeGpr(vcpu: u32, register: u32, value: u64): void {
  column.setGprValue((vcpu << 4) | register, value);
}

/** The low halves of EDX:EAX as one number, as RDMSR and WRMSR use them. */
export function readPair(vcpu: u32): u64 {
  return (readGpr(vcpu, RDX) << 32) | (column.vmcbRax(vcpu) & 0xffffffff);
}

export function writePair(vcpu: u32, value: u64): void {
  column.setVmcbRax(vcpu, value & 0xffffffff);
  writeGpr(vcpu, RDX, value >> 32);
}

/** Steps over an instruction of known length, and out of its interrupt shadow. */
export function skip(vcpu: u32, bytes: u64): void {
  column.setVmcbRip(vcpu, column.vmcbRip(vcpu) + bytes);
  column.setVmcbInterruptState(vcpu, column.vmcbInterruptState(vcpu) & ~(1 as u64));
}
