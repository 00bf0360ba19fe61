// What a guest gets at its next entry (AMD APM volume 2, 15.20 and 15.21): an exception that the
// hypervisor raises, an NMI, the upcall for pending events, or an interrupt of its local APIC.

import * as abi from "./abi.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { acceptVector, hasRequest, pendingVector } from "./local_apic.ts";

const EXCEPTION = abi.EVENT_VALID + abi.EVENT_EXCEPTION;

/** #UD at the instruction that exited. */
export function raiseUndefined(s: Transaction, vcpu: Word): void {
  s.clause("INJECT-UD-1", "An instruction that a guest does not have is an undefined opcode.");
  s.row("vmcb", vcpu).set({ eventInjection: abi.VECTOR_UD + EXCEPTION });
}

/** #GP(0) at the instruction that exited. */
export function raiseProtection(s: Transaction, vcpu: Word): void {
  s.clause("INJECT-GP-1", "What a guest may not do by an instruction that it has is #GP(0).");
  const eventInjection = abi.VECTOR_GP + EXCEPTION + abi.EVENT_HAS_ERROR;
  s.row("vmcb", vcpu).set({ eventInjection });
}

/** #AC(0), as it was intercepted. */
export function raiseAlignment(s: Transaction, vcpu: Word): void {
  s.clause("INJECT-AC-1", "An alignment check is the guest's own: it gets it.");
  const eventInjection = abi.VECTOR_AC + EXCEPTION + abi.EVENT_HAS_ERROR;
  s.row("vmcb", vcpu).set({ eventInjection });
}

/** A condition that is found by steps. */
function found(s: Transaction, condition: Bool, whenTrue: () => Bool, whenFalse: () => Bool): Bool {
  const word = (steps: () => Bool) => () => steps().choose(s.word32(1), 0);
  return s.branch(condition, word(whenTrue), word(whenFalse)).ne(0);
}

/** The upcall byte of a vCPU's vcpu_info. */
const upcallByte = (s: Transaction, vcpu: Word): Bool =>
  s.machine.load8(s.row("vcpu", vcpu).info).ne(0);

/** Has the vCPU anything to take? */
export function deliverable(s: Transaction, vcpu: Word): Bool {
  s.clause(
    "INJECT-PENDING-1",
    "A vCPU has something to take if an NMI waits, if its upcall byte is set, or if its APIC has a " +
      "vector above its priority. The byte is read only if no NMI waits.",
  );
  return found(
    s,
    s.row("vcpu", vcpu).nmi.ne(0),
    () => s.truth(true),
    () => {
      const upcall = upcallByte(s, vcpu);
      return upcall.or(pendingVector(s, vcpu).ne(0));
    },
  );
}

function closeWindow(s: Transaction, vcpu: Word): void {
  const vmcb = s.row("vmcb", vcpu);
  vmcb.set({
    interruptControl: vmcb.interruptControl.without(abi.V_IRQ_IGN_TPR),
    intercept1: vmcb.intercept1.without(abi.INTERCEPT_VINTR),
  });
}

function openWindow(s: Transaction, vcpu: Word): void {
  s.clause(
    "INJECT-WINDOW-1",
    "What cannot be taken now is tried again as soon as the guest can take an interrupt.",
  );
  const vmcb = s.row("vmcb", vcpu);
  vmcb.set({
    interruptControl: vmcb.interruptControl.or(abi.V_IRQ_IGN_TPR),
    intercept1: vmcb.intercept1.or(abi.INTERCEPT_VINTR),
  });
}

/** Puts an NMI, the upcall, or an APIC vector into the VMCB, in this order. */
function inject(s: Transaction, vcpu: Word, upcall: Bool): void {
  const row = s.row("vcpu", vcpu);
  const vmcb = s.row("vmcb", vcpu);
  const busy = vmcb.eventInjection.has(abi.EVENT_VALID);
  const nmi = () => {
    s.clause("INJECT-ENTRY-2", "An NMI that waits is delivered, unless an event is already.");
    row.set({ nmi: 0 });
    vmcb.set({ eventInjection: abi.VECTOR_NMI + abi.EVENT_NMI + abi.EVENT_VALID });
  };
  const interrupt = () => {
    const vector = upcall.choose(
      s.row("domain", row.domain).callbackVector,
      pendingVector(s, vcpu),
    );
    const canInterrupt = vmcb.rflags.has(abi.RFLAGS_IF).and(vmcb.interruptState.bit(0).not());
    const nothing = () => {
      s.clause(
        "INJECT-ENTRY-3",
        "With nothing to take, the vCPU's attention ends, unless requests of a low priority or an " +
          "NMI wait.",
      );
      const idle = hasRequest(s, vcpu).not().and(row.nmi.eq(0));
      s.when(idle, () => row.set({ attention: 0 }));
    };
    const deliver = () => {
      s.clause("INJECT-ENTRY-4", "The vector is delivered; one of the APIC is then in service.");
      vmcb.set({ eventInjection: vector.wide().or(abi.EVENT_VALID) });
      s.when(upcall.not(), () => acceptVector(s, vcpu, vector));
    };
    const now = busy.not().and(canInterrupt);
    s.when(vector.eq(0), nothing, () => s.when(now, deliver, () => openWindow(s, vcpu)));
  };
  s.when(row.nmi.ne(0).and(busy.not()), nmi, interrupt);
}

/** Makes a vCPU that is about to be entered take what waits for it, one thing at an entry. */
export function prepareInjection(s: Transaction, vcpu: Word): void {
  const row = s.row("vcpu", vcpu);
  const waited = s.row("vmcb", vcpu).intercept1.has(abi.INTERCEPT_VINTR);
  s.when(waited, () => closeWindow(s, vcpu));
  s.clause(
    "INJECT-ENTRY-1",
    "The upcall byte is read if the domain has a callback; NMIs and APIC vectors are looked for if " +
      "the vCPU has attention.",
  );
  const upcall = found(
    s,
    s.row("domain", row.domain).callbackVector.ne(0),
    () => upcallByte(s, vcpu),
    () => s.truth(false),
  );
  s.when(upcall.or(row.attention.ne(0)), () => inject(s, vcpu, upcall));
}
