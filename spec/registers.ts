// The registers of a vCPU as its exits read and change them. RAX is in the VMCB; the others are
// kept by the hardware's numbers.

import { RDX } from "./abi.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";

/** A general register other than RAX and RSP. */
export function gpr(s: Transaction, vcpu: Word, register: number): Word {
  return s.row("gpr", vcpu, register).value;
}

export function setGpr(s: Transaction, vcpu: Word, register: number, value: Word): void {
  s.row("gpr", vcpu, register).set({ value });
}

/** EDX:EAX as one number, as RDMSR and WRMSR use them. */
export function pair(s: Transaction, vcpu: Word): Word {
  const low = s.row("vmcb", vcpu).rax.and(0xffffffff);
  return gpr(s, vcpu, RDX).shl(32).or(low);
}

export function setPair(s: Transaction, vcpu: Word, value: Word): void {
  s.row("vmcb", vcpu).set({ rax: value.and(0xffffffff) });
  setGpr(s, vcpu, RDX, value.shr(32));
}

/** Steps over an instruction of that many bytes, and out of its interrupt shadow. */
export function skip(s: Transaction, vcpu: Word, bytes: number): void {
  const vmcb = s.row("vmcb", vcpu);
  vmcb.set({ rip: vmcb.rip.add(bytes), interruptState: vmcb.interruptState.without(1) });
}
