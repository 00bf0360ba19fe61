// Decisions of the security policy (Flask's model: xen/xsm/flask). The policy is a table: which
// permissions of a class a source label has on a target label.

import { DENIALS } from "../tcb/core/limits.ts";
import { EPERM } from "./abi.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";

/** What is asked of the policy: permissions (bit numbers, ascending) of one class. */
export interface Question {
  readonly name: string;
  readonly class: number;
  readonly bits: readonly number[];
}

const ask = (name: string, of: number, ...bits: number[]): Question => ({ name, class: of, bits });

// Class numbers: order in xen/xsm/flask/policy/security_classes, from 0; 13 is Xenolith's own.
const EVENT = 8;
const XENOLITH = 13;

/** xen/xsm/flask/policy/access_vectors, class event: bind, send, status, create, reset. */
export const EVENT_BIND = ask("event { bind }", EVENT, 0);
export const EVENT_SEND = ask("event { send }", EVENT, 1);
export const EVENT_STATUS = ask("event { status }", EVENT, 2);
export const EVENT_CREATE = ask("event { create }", EVENT, 3);
export const EVENT_RESET = ask("event { reset }", EVENT, 4);
/** Xenolith's own class. */
export const XENOLITH_PORT = ask("xenolith { port }", XENOLITH, 4);

/** The access vector of a question. */
function vector(question: Question): number {
  return question.bits.reduce((mask, bit) => mask + 2 ** bit, 0);
}

/** Goes on only if the policy lets `source` do to `target` what is asked. */
export function authorise(s: Transaction, source: Word, target: Word, question: Question): void {
  s.clause(
    "XSM-DECIDE-1",
    "An operation is allowed if the policy gives all the permissions that it asks for, of its class, " +
      "from the source label to the target label.",
  );
  const cell = s.row("policyCell", source, target, question.class);
  const missing = s.word32(vector(question)).without(cell.allowed);
  const allowed = missing.eq(0);
  s.when(allowed.not(), () => recordDenial(s, source, target, s.word32(question.class), missing));
  s.require(allowed, EPERM);
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
      "permission that was missing.",
  );
  const ring = s.row("denialRing");
  const next = ring.next;
  const permission = missing.lowestBit();
  s.row("denial", next.and(DENIALS - 1)).set({ source, target, class: group, permission });
  ring.set({ next: next.add(1) });
  s.clause("XSM-DENIAL-3", "A refusal is counted for the domain whose vCPU has the CPU.");
  const current = s.row("cpu", 0).current;
  s.when(current.ne(0), () => {
    const domain = s.row("domain", s.row("vcpu", current.sub(1)).domain);
    domain.set({ denials: domain.denials.add(1) });
  });
}

/** The label of an event channel that a domain labelled `source` opens towards `target`. */
export function labelChannel(s: Transaction, source: Word, target: Word): Word {
  return s.row("policyChannel", source, target).label;
}
