// Domains as a whole: they run, pause, and stop. What a stopped domain holds stays its own until it
// is destroyed.

import { DOMAINS, VCPUS_PER_DOMAIN } from "../tcb/core/limits.ts";
import { SHUTDOWN_crash } from "./abi.ts";
import { systemTime } from "./clock.ts";
import { vcpuOf } from "./event.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Operand, Word } from "./lang/word.ts";
import { enterRunstate, joinAll, suspendAll } from "./scheduler.ts";
import {
  DOMAIN_FREE,
  DOMAIN_PAUSED,
  DOMAIN_RUNNING,
  DOMAIN_SHUTDOWN,
  RUNSTATE_OFFLINE,
} from "./states.ts";

/** A built or paused domain runs. */
export function unpauseDomain(s: Transaction, domain: Word): void {
  s.clause("DOMAIN-UNPAUSE-1", "The vCPUs of a domain that runs can be chosen, if they can run.");
  s.block("domain/unpauseDomain", [domain], () => {
    s.row("domain", domain).set({ state: DOMAIN_RUNNING });
    joinAll(s, domain);
    return [];
  });
}

/** A domain stops until it is unpaused, or for ever. */
export function stopDomain(s: Transaction, domain: Word, state: number): void {
  s.clause("DOMAIN-PAUSE-1", "No vCPU of a domain that does not run can be chosen.");
  s.row("domain", domain).set({ state });
  suspendAll(s, domain);
}

/** A domain stops for good, by its own wish or because it cannot go on. */
export function shutdownDomain(s: Transaction, domain: Word, reason: Operand): void {
  const row = s.row("domain", domain);
  s.clause("DOMAIN-SHUTDOWN-1", "What a domain has said is written, to the last line.");
  s.when(row.lineLength.ne(0), () => row.set({ lineLength: 0 }));
  s.clause(
    "DOMAIN-SHUTDOWN-2",
    "A domain that stops for good keeps the reason, and what it holds.",
  );
  row.set({ state: DOMAIN_SHUTDOWN, reason });
  suspendAll(s, domain);
}

/** The domain of a vCPU did what it cannot recover from. */
export function crashDomain(s: Transaction, vcpu: Word): void {
  s.clause("DOMAIN-CRASH-1", "A crash is a shutdown with that reason, and a line for people.");
  shutdownDomain(s, s.row("vcpu", vcpu).domain, SHUTDOWN_crash);
}

const numbers: readonly number[] = Array.from({ length: DOMAINS }, (_, at) => at);

/** Does a domain satisfy the condition? */
function someDomain(s: Transaction, holds: (domain: Word) => Bool): Bool {
  return numbers.map((domain) => holds(s.word32(domain))).reduce((some, one) => some.or(one));
}

/** Stops the machine when no domain can ever run again. */
export function haltWhenDone(s: Transaction): void {
  const runs = someDomain(s, (domain) => {
    const row = s.row("domain", domain);
    return row.background.eq(0).and(row.state.isAmong(DOMAIN_RUNNING, DOMAIN_PAUSED));
  });
  s.when(runs.not(), () => {
    const crashed = someDomain(s, (domain) => {
      const row = s.row("domain", domain);
      return row.state.eq(DOMAIN_SHUTDOWN).and(row.reason.eq(SHUTDOWN_crash));
    });
    s.clause("DOMAIN-END-1", "At the end the accounts of all vCPUs of all domains are closed.");
    s.block("domain/rounds", [], () => {
      s.each(DOMAINS, (domain) => closeAccounts(s, s.word32(domain)));
      return [];
    });
    s.clause(
      "DOMAIN-END-2",
      "The machine stops when no domain but services runs or is paused; the code says whether one " +
        "has crashed.",
    );
    s.machine.halt(crashed.choose(s.word32(1), 0));
  });
}

export function closeAccounts(s: Transaction, domain: Word): void {
  s.when(s.row("domain", domain).state.ne(DOMAIN_FREE), () => {
    s.each(VCPUS_PER_DOMAIN, (id) => {
      const vcpu = vcpuOf(s, domain, s.word32(id));
      s.when(vcpu.exists, () => enterRunstate(s, vcpu.row, RUNSTATE_OFFLINE, systemTime(s)));
    });
  });
}
