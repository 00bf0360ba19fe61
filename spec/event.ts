// Events on their way to a guest: pending and mask bits in shared_info, selector and upcall byte in
// vcpu_info, all shared with the guest and changed by atomic operations in the order that Xen keeps
// (xen/common/event_2l.c).

import { VCPUS_PER_DOMAIN } from "../tcb/core/limits.ts";
import { SHARED_evtchn_mask, SHARED_evtchn_pending, VCPU_INFO_evtchn_pending_sel } from "./abi.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { wake } from "./scheduler.ts";

/** A vCPU of a domain by its number: does it exist, and its row. */
export interface NamedVcpu {
  readonly exists: Bool;
  readonly row: Word;
}

/** What stands for no vCPU. */
const NONE = 0xffffffff;

/** The vCPU with that number, of any size. */
export function vcpuOf(s: Transaction, domain: Word, id: Word): NamedVcpu {
  const row = s.branch(
    id.lt(VCPUS_PER_DOMAIN),
    () => s.row("domainVcpu", domain, id).row.sub(1),
    () => s.word32(NONE),
  );
  return { exists: row.ne(NONE), row };
}

/** Machine address of a domain's shared_info. */
function sharedInfo(s: Transaction, domain: Word): Word {
  return s.row("domain", domain).sharedInfo.sub(1).wide().shl(12);
}

/** The bit of a port within its word. */
function bitOf(s: Transaction, port: Word): Word {
  return s.word64(1).shl(port.and(63).wide());
}

/** Offset of the word that holds a port's bit. */
function offsetOf(port: Word): Word {
  return port.shr(6).shl(3).wide();
}

/** Marks a port of a domain pending and notifies the vCPU that it is bound to. */
export function raise(s: Transaction, domain: Word, port: Word): void {
  s.clause("EVENT-RAISE-1", "A domain that has never run has no shared_info and hears nothing.");
  s.when(s.row("domain", domain).sharedInfo.ne(0), () => {
    s.clause("EVENT-RAISE-2", "The port's pending bit is set; if it was set already, that is all.");
    const shared = sharedInfo(s, domain);
    const bit = bitOf(s, port);
    const pending = s.machine.or64(shared.add(SHARED_evtchn_pending).add(offsetOf(port)), bit);
    s.when(pending.and(bit).eq(0), () => {
      s.clause(
        "EVENT-RAISE-3",
        "A masked event notifies nobody, but wakes the port's vCPU if that vCPU polls.",
      );
      const mask = s.machine.load64(shared.add(SHARED_evtchn_mask).add(offsetOf(port)));
      s.when(
        mask.and(bit).ne(0),
        () => wakePoller(s, domain, port),
        () => notify(s, domain, port),
      );
    });
  });
}

function wakePoller(s: Transaction, domain: Word, port: Word): void {
  const vcpu = vcpuOf(s, domain, s.row("port", domain, port).vcpu);
  s.when(vcpu.exists, () => {
    s.when(s.row("vcpu", vcpu.row).polling.ne(0), () => wake(s, vcpu.row));
  });
}

/** Tells the port's vCPU that a port of this word is pending. */
export function notify(s: Transaction, domain: Word, port: Word): void {
  const vcpu = vcpuOf(s, domain, s.row("port", domain, port).vcpu);
  s.when(vcpu.exists, () => {
    s.clause(
      "EVENT-NOTIFY-1",
      "The port's selector bit is set in its vCPU's vcpu_info; if it was clear, the upcall byte is " +
        "set. The vCPU is woken.",
    );
    const info = s.row("vcpu", vcpu.row).info;
    const bit = s.word64(1).shl(port.shr(6).wide());
    const selector = s.machine.or64(info.add(VCPU_INFO_evtchn_pending_sel), bit);
    s.when(selector.and(bit).eq(0), () => s.machine.exchange8(info, 1));
    wake(s, vcpu.row);
  });
}

/** Clears a port's mask bit and delivers what waited behind it. */
export function unmask(s: Transaction, domain: Word, port: Word): void {
  s.clause(
    "EVENT-UNMASK-1",
    "The port's mask bit is cleared; if it was set and the port is pending, its vCPU is notified.",
  );
  const shared = sharedInfo(s, domain);
  const bit = bitOf(s, port);
  const mask = s.machine.and64(shared.add(SHARED_evtchn_mask).add(offsetOf(port)), bit.xor(-1));
  s.when(mask.and(bit).ne(0), () => {
    const pending = s.machine.load64(shared.add(SHARED_evtchn_pending).add(offsetOf(port)));
    s.when(pending.and(bit).ne(0), () => notify(s, domain, port));
  });
}

/** Clears the pending bit of a port that is closed. */
export function forget(s: Transaction, domain: Word, port: Word): void {
  s.clause("EVENT-FORGET-1", "A closed port is not pending, once its domain has run.");
  s.when(s.row("domain", domain).sharedInfo.ne(0), () => {
    const place = sharedInfo(s, domain).add(SHARED_evtchn_pending).add(offsetOf(port));
    s.machine.and64(place, bitOf(s, port).xor(-1));
  });
}

/** Is a port's pending bit set? */
export function isPending(s: Transaction, domain: Word, port: Word): Bool {
  const place = sharedInfo(s, domain).add(SHARED_evtchn_pending).add(offsetOf(port));
  return s.machine.load64(place).and(bitOf(s, port)).ne(0);
}
