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

/** #DB, as it was intercepted. */
export function raiseDebug(s: Transaction, vcpu: Word): void {
  s.clause(
    "INJECT-DB-1",
    "A debug exception is the guest's own: it gets it, after an exit in which the host could be " +
      "interrupted (a guest may else keep the CPU by debug exceptions alone, XSA-156).",
  );
  s.row("vmcb", vcpu).set({ eventInjection: abi.VECTOR_DB + EXCEPTION });
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
    interruptControl: vmcb.interruptControl.without(abi.V_INTERRUPT),
    intercept1: vmcb.intercept1.without(abi.INTERCEPT_VINTR),
  });
}

/** The CPU takes `vector` when RFLAGS.IF and the interrupt shadow let it. */
function offer(s: Transaction, vcpu: Word, vector: Word, mark: number): void {
  const vmcb = s.row("vmcb", vcpu);
  const control = vmcb.interruptControl.without(abi.V_INTERRUPT).or(abi.V_IRQ_IGN_TPR).or(mark);
  vmcb.set({ interruptControl: control.or(vector.wide().shl(32)) });
}

function openWindow(s: Transaction, vcpu: Word): void {
  s.clause(
    "INJECT-WINDOW-1",
    "What cannot be taken now is tried again as soon as the guest can take an interrupt.",
  );
  offer(s, vcpu, s.word32(0), 0);
  const vmcb = s.row("vmcb", vcpu);
  vmcb.set({ intercept1: vmcb.intercept1.or(abi.INTERCEPT_VINTR) });
}

function offerUpcall(s: Transaction, vcpu: Word): void {
  s.clause(
    "INJECT-UPCALL-1",
    "The upcall's vector is offered: the CPU takes it as soon as the guest can, without an exit. " +
      "Until then, each entry takes it back and looks anew.",
  );
  offer(s, vcpu, s.row("domain", s.row("vcpu", vcpu).domain).callbackVector, 0);
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
    const vector = pendingVector(s, vcpu);
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
      s.clause("INJECT-ENTRY-4", "The APIC's vector is offered, marked, and in service.");
      offer(s, vcpu, vector, abi.V_INTR_PRIO);
      acceptVector(s, vcpu, vector);
    };
    const now = busy.not().and(canInterrupt);
    s.when(vector.eq(0), nothing, () => s.when(now, deliver, () => openWindow(s, vcpu)));
  };
  const other = () => s.when(upcall, () => offerUpcall(s, vcpu), interrupt);
  s.when(row.nmi.ne(0).and(busy.not()), nmi, other);
}

/** What waits for a vCPU that holds no vector in service of its VMCB. */
function look(s: Transaction, vcpu: Word): void {
  const row = s.row("vcpu", vcpu);
  const waited = s.row("vmcb", vcpu).interruptControl.has(abi.V_IRQ);
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

/** Makes a vCPU that is about to be entered take what waits for it, one thing at an entry. */
export function prepareInjection(s: Transaction, vcpu: Word): void {
  s.clause(
    "INJECT-ENTRY-5",
    "A marked vector that the CPU has not taken yet (a host interrupt came first) stays as it is.",
  );
  const control = s.row("vmcb", vcpu).interruptControl;
  const stands = control.has(abi.V_IRQ).and(control.has(abi.V_INTR_PRIO));
  s.when(stands.not(), () => look(s, vcpu));
}
