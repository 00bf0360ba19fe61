// Guest timers: a single-shot and a periodic timer for each vCPU, and the deadline of its poll
// (xen/include/public/vcpu.h, sched.h). The earliest deadline of each group of 16 vCPUs is kept,
// and the earliest of all. A deadline is kept as system time in ns; 0 is none.

import { TIMER_GROUP, TIMER_GROUP_BITS, TIMER_GROUPS } from "../tcb/core/limits.ts";
import { VIRQ_TIMER } from "./abi.ts";
import { raise } from "./event.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { lookAgain, wake } from "./scheduler.ts";
import * as xsm from "./xsm.ts";

/** A deadline as a number that is greatest if there is none. */
const orNever = (deadline: Word): Word => deadline.sub(1);

/** The earliest of a vCPU's own deadlines, less one. */
function earliestOf(s: Transaction, vcpu: Word): Word {
  const row = s.row("vcpu", vcpu);
  const timers = orNever(row.deadline).min(orNever(row.periodicNext));
  return timers.min(orNever(row.pollDeadline));
}

/** The numbers below a count. */
const below = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

/** Takes a change of a vCPU's deadlines into account. */
export function updateGroup(s: Transaction, vcpu: Word): void {
  s.block("timer/updateGroup", [vcpu], () => {
    findEarliest(s, vcpu);
    return [];
  });
}

/** The earliest deadline of the vCPU's group, and of all. */
export function findEarliest(s: Transaction, vcpu: Word): void {
  s.clause("TIMER-GROUP-1", "A group's deadline is the earliest of its 16 vCPUs' deadlines.");
  const group = vcpu.shr(TIMER_GROUP_BITS);
  const least = below(TIMER_GROUP).reduce<Word>(
    (sum, at) => sum.min(earliestOf(s, group.shl(TIMER_GROUP_BITS).add(at))),
    s.word64(-1),
  );
  s.row("timerGroup", group).set({ deadline: least.add(1) });
  s.clause(
    "TIMER-GROUP-2",
    "The next deadline of all is the earliest of the groups'; of equal ones the lowest group's.",
  );
  const first = { deadline: orNever(s.row("timerGroup", 0).deadline), group: s.word32(0) };
  const next = below(TIMER_GROUPS)
    .slice(1)
    .reduce((sum, at) => {
      const deadline = orNever(s.row("timerGroup", at).deadline);
      const earlier = deadline.lt(sum.deadline);
      return {
        deadline: earlier.choose(deadline, sum.deadline),
        group: earlier.choose(s.word32(at), sum.group),
      };
    }, first);
  s.row("timers").set({ deadline: next.deadline.add(1), group: next.group });
  lookAgain(s);
}

/** The next deadline of all, less one; greatest if there is none. */
export function earliestDeadline(s: Transaction): Word {
  return orNever(s.row("timers").deadline);
}

/** Has a deadline passed? */
const isDue = (deadline: Word, now: Word): Bool => orNever(deadline).lt(now);

/** Fires the timers of a vCPU that are due. */
export function expireOne(s: Transaction, vcpu: Word, now: Word): void {
  const row = s.row("vcpu", vcpu);
  s.when(isDue(row.pollDeadline, now), () => {
    s.clause("TIMER-EXPIRE-2", "A poll whose deadline has passed ends.");
    row.set({ pollDeadline: 0 });
    wake(s, vcpu);
  });
  const single = isDue(row.deadline, now);
  const periodic = isDue(row.periodicNext, now);
  s.when(single.or(periodic), () => {
    s.clause(
      "TIMER-EXPIRE-3",
      "A single-shot timer that is due is spent; a periodic one is due again a period from now, and " +
        "missed periods are not made up for. Either raises the vCPU's timer interrupt, if bound.",
    );
    row.set({
      deadline: single.choose(s.word64(0), row.deadline),
      periodicNext: periodic.choose(now.add(row.period), row.periodicNext),
    });
    const { port } = s.row("vcpuVirq", vcpu, VIRQ_TIMER);
    s.when(port.ne(0), () => raise(s, row.domain, port));
  });
}

/** Fires the timers that are due, of the group whose deadline is the next. */
export function expire(s: Transaction, now: Word): void {
  s.block("timer/expire", [now], () => {
    expireGroup(s, now);
    return [];
  });
}

/** The first vCPU of the group whose deadline is the next. */
export const firstOfGroup = (s: Transaction): Word => s.row("timers").group.shl(TIMER_GROUP_BITS);

export function expireGroup(s: Transaction, now: Word): void {
  s.when(earliestDeadline(s).lt(now), () => {
    s.clause(
      "TIMER-EXPIRE-1",
      "When the next deadline has passed, the timers of its group that are due fire; those of other " +
        "groups follow at the next entries, which are due at once.",
    );
    const first = firstOfGroup(s);
    s.block("timer/rounds", [], () => {
      s.each(TIMER_GROUP, (at) => expireOne(s, first.add(at), now));
      return [];
    });
    updateGroup(s, first);
  });
}

/** HYPERVISOR_set_timer_op(deadline). */
export function setTimerOp(s: Transaction, vcpu: Word, deadline: Word): Word {
  s.clause("TIMER-SET-1", "The policy lets the caller use timers.");
  const row = s.row("vcpu", vcpu);
  const domain = s.row("domain", row.domain);
  xsm.authorise(s, domain.label, domain.selfLabel, xsm.XENOLITH_TIMER);
  s.clause("TIMER-SET-2", "The caller's single-shot timer is due at the deadline; 0 stops it.");
  row.set({ deadline });
  updateGroup(s, vcpu);
  return s.word64(0);
}
