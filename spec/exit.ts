// VM exits: from the exit code to its meaning.

import { EVENT_VALID, VMEXIT_VMMCALL } from "./abi.ts";
import { exitHypercall } from "./hypercall.ts";
import type { Transaction } from "./lang/transaction.ts";
import { SpecificationError, type Word } from "./lang/word.ts";

/** Kinds of exit, as a domain's counters number them. */
const KIND_HYPERCALL = 6;

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
  vmcb.set({ eventInjection: interrupted.has(EVENT_VALID).choose(interrupted, 0) });
  const hypercall = () => {
    count(s, vcpu, KIND_HYPERCALL);
    exitHypercall(s, vcpu);
    return s.word64(0);
  };
  s.select(vmcb.exitCode, [{ value: VMEXIT_VMMCALL, steps: hypercall }], () => {
    throw new SpecificationError(`exit ${vmcb.exitCode.show()} is not specified`);
  });
}
