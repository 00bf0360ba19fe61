// Decisions of the security policy (Flask's model: xen/xsm/flask). The policy is a table: which
// permissions of a class a source label has on a target label.

import { DENIALS, LABELS } from "../tcb/core/limits.ts";
import { EPERM } from "./abi.ts";
import { ask, type Question, vectorOf } from "./lang/question.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";

// Class numbers: order in xen/xsm/flask/policy/security_classes, from 0; 13 is Xenolith's own.
const XEN = 0;
const HVM = 4;
const EVENT = 8;
const VERSION = 11;
export const XENOLITH = 13;
export const MMU = 5;
export const GRANT = 9;

/** xen/xsm/flask/policy/access_vectors, class event: bind, send, status, create, reset. */
export const EVENT_BIND = ask("event { bind }", EVENT, 0);
export const EVENT_SEND = ask("event { send }", EVENT, 1);
export const EVENT_STATUS = ask("event { status }", EVENT, 2);
export const EVENT_CREATE = ask("event { create }", EVENT, 3);
export const EVENT_RESET = ask("event { reset }", EVENT, 4);
/** Xenolith's own class. */
export const XENOLITH_PORT = ask("xenolith { port }", XENOLITH, 4);

export const XENOLITH_VERSION = ask("xenolith { version }", XENOLITH, 0);
export const XENOLITH_SCHEDULE = ask("xenolith { schedule }", XENOLITH, 1);
export const XENOLITH_TIMER = ask("xenolith { timer }", XENOLITH, 2);
export const XENOLITH_AREA = ask("xenolith { area }", XENOLITH, 3);
export const XENOLITH_PHYSDEV = ask("xenolith { physdev }", XENOLITH, 6);
export const XENOLITH_SHUTDOWN = ask("xenolith { shutdown }", XENOLITH, 7);
export const XENOLITH_LOAD_POLICY = ask("xenolith { load_policy }", XENOLITH, 20);
/** Class version, in the order of its permissions. */
export const VERSION_EXTRA = ask("version { xen_extraversion }", VERSION, 0);
export const VERSION_COMPILE_INFO = ask("version { xen_compile_info }", VERSION, 1);
export const VERSION_CAPABILITIES = ask("version { xen_capabilities }", VERSION, 2);
export const VERSION_CHANGESET = ask("version { xen_changeset }", VERSION, 3);
export const VERSION_PAGE_SIZE = ask("version { xen_pagesize }", VERSION, 4);
export const VERSION_GUEST_HANDLE = ask("version { xen_guest_handle }", VERSION, 5);
export const VERSION_COMMAND_LINE = ask("version { xen_commandline }", VERSION, 6);
export const VERSION_BUILD_ID = ask("version { xen_build_id }", VERSION, 7);
/** Class hvm. */
export const HVM_SET_PARAMETER = ask("hvm { setparam }", HVM, 2);
export const HVM_GET_PARAMETER = ask("hvm { getparam }", HVM, 3);
export const HVM_CONTROL = ask("hvm { hvmctl }", HVM, 5);
/** Class xen. */
export const XEN_WRITE_CONSOLE = ask("xen { writeconsole }", XEN, 11);

/** xen/xsm/flask/include/flask.h: SECINITSID_XENBOOT, SECINITSID_XEN. */
export const INITIAL_XENBOOT = 1;
export const INITIAL_XEN = 2;

/** The hypervisor's own label, as a target. */
export function labelXen(s: Transaction): Word {
  return s.row("policyInitial", INITIAL_XEN).label.and(LABELS - 1);
}

/** The label under which the boot pack's commands are carried out. */
export function labelBoot(s: Transaction): Word {
  return s.row("policyInitial", INITIAL_XENBOOT).label.and(LABELS - 1);
}

/** Does the policy let `source` do to `target` what is asked? A refusal leaves its traces. */
export function permits(s: Transaction, source: Word, target: Word, question: Question): Bool {
  s.clause(
    "XSM-DECIDE-1",
    "An operation is allowed if the policy gives all the permissions that it asks for, of its class, " +
      "from the source label to the target label.",
  );
  const cell = s.row("policyCell", source, target, question.class);
  const missing = s.word32(vectorOf(question)).without(cell.allowed);
  const allowed = missing.eq(0);
  s.when(allowed.not(), () => recordDenial(s, source, target, s.word32(question.class), missing));
  return allowed;
}

/** Goes on only if the policy permits it. */
export function authorise(s: Transaction, source: Word, target: Word, question: Question): void {
  s.require(permits(s, source, target, question), EPERM);
}

/** What a refusal leaves behind, and nothing else. What it prints is for people. */
export function recordDenial(
  s: Transaction,
  source: Word,
  target: Word,
  group: Word,
  missing: Word,
): void {
  s.clause(
    "XSM-DENIAL-1",
    "A refusal is counted in the policy's cell; the count stays at its greatest value.",
  );
  const cell = s.row("policyCell", source, target, group);
  const count = cell.denied;
  s.when(count.ne(0xffffffff), () => cell.set({ denied: count.add(1) }));
  s.clause(
    "XSM-DENIAL-2",
    "A refusal overwrites the oldest record of the ring: source, target, class, and the lowest " +
      "permission that was missing, one that was never refused there before others.",
  );
  const ring = s.row("denialRing");
  const next = ring.next;
  const fresh = missing.without(cell.seen);
  const permission = fresh.ne(0).choose(fresh, missing).lowestBit();
  cell.set({ seen: cell.seen.or(s.word32(1).shl(permission)) });
  s.row("denial", next.and(DENIALS - 1)).set({ source, target, class: group, permission });
  ring.set({ next: next.add(1) });
  s.clause("XSM-DENIAL-3", "A refusal is counted for the domain whose vCPU has the CPU.");
  const current = s.row("cpu", 0).current;
  s.when(current.ne(0), () => {
    const domain = s.row("domain", s.row("vcpu", current.sub(1)).domain);
    domain.set({ denials: domain.denials.add(1) });
  });
}

/** The label of `domain` as the target of `caller`: a domain that names itself has another. */
export function labelTarget(s: Transaction, caller: Word, domain: Word): Word {
  s.clause(
    "XSM-SELF-1",
    "A domain that names itself is asked about by the label that the policy has for that.",
  );
  const { label, selfLabel } = s.row("domain", domain);
  return caller.eq(domain).choose(selfLabel, label);
}

/** The label of an event channel that a domain labelled `source` opens towards `target`. */
export function labelChannel(s: Transaction, source: Word, target: Word): Word {
  return s.row("policyChannel", source, target).label;
}
