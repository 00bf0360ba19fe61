// The registers of a vCPU as its exits change them.

import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";

/** Steps over an instruction of that many bytes, and out of its interrupt shadow. */
export function skip(s: Transaction, vcpu: Word, bytes: number): void {
  const vmcb = s.row("vmcb", vcpu);
  vmcb.set({ rip: vmcb.rip.add(bytes), interruptState: vmcb.interruptState.without(1) });
}
