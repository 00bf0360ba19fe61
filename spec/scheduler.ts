// vCPUs that can run, and the account of their time.

import { systemTime } from "./clock.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { DOMAIN_RUNNING, RUNSTATE_RUNNABLE, VCPU_BLOCKED, VCPU_RUNNABLE } from "./states.ts";

/** The time since the last change goes to the account of the old runstate. */
export function enterRunstate(s: Transaction, vcpu: Word, runstate: number, now: Word): void {
  s.clause(
    "SCHED-ACCOUNT-1",
    "A vCPU's time since its last change of runstate is added to the runstate that it leaves.",
  );
  const row = s.row("vcpu", vcpu);
  const account = s.row("vcpuTime", vcpu, row.runstate);
  account.set({ spent: account.spent.add(now).sub(row.runstateSince) });
  row.set({ runstate, runstateSince: now });
}

/** A blocked vCPU can run again; any other is left as it is. */
export function wake(s: Transaction, vcpu: Word): void {
  const row = s.row("vcpu", vcpu);
  s.when(row.state.eq(VCPU_BLOCKED), () => {
    s.clause("SCHED-WAKE-1", "A blocked vCPU becomes runnable, and its poll ends.");
    row.set({ state: VCPU_RUNNABLE, polling: 0, pollDeadline: 0 });
    enterRunstate(s, vcpu, RUNSTATE_RUNNABLE, systemTime(s));
    join(s, vcpu);
  });
}

/** A runnable vCPU of a running domain joins the choice. */
export function join(s: Transaction, vcpu: Word): void {
  const row = s.row("vcpu", vcpu);
  const runs = s.row("domain", row.domain).state.eq(DOMAIN_RUNNING);
  s.when(row.state.eq(VCPU_RUNNABLE).and(runs), () => {
    s.clause("SCHED-JOIN-1", "A runnable vCPU of a running domain is one that can be chosen.");
    const choice = s.row("runnable", vcpu.shr(6));
    choice.set({ word: choice.word.or(s.word64(1).shl(vcpu.and(63).wide())) });
  });
}
