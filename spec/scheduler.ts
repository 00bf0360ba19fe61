// vCPUs that can run, the account of their time, and who is chosen (xen/include/public/sched.h,
// vcpu.h). A runnable vCPU's bit is set; the next one is the nearest after the last.

import { SCHEDULE_SLOTS, VCPUS, VCPUS_PER_DOMAIN } from "../tcb/core/limits.ts";
import { systemTime } from "./clock.ts";
import { vcpuOf } from "./event.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import {
  DOMAIN_RUNNING,
  RUNSTATE_BLOCKED,
  RUNSTATE_OFFLINE,
  RUNSTATE_RUNNABLE,
  VCPU_BLOCKED,
  VCPU_RUNNABLE,
} from "./states.ts";

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

/** A vCPU stops: `state` says why, `runstate` as what its time counts. */
function stopAs(s: Transaction, vcpu: Word, state: number, runstate: number): void {
  s.clause(
    "SCHED-STOP-1",
    "A vCPU that stops leaves the choice; its time counts as blocked, or as offline.",
  );
  s.row("vcpu", vcpu).set({ state });
  enterRunstate(s, vcpu, runstate, systemTime(s));
  suspend(s, vcpu);
}

/** A vCPU waits for an event. */
export function block(s: Transaction, vcpu: Word): void {
  stopAs(s, vcpu, VCPU_BLOCKED, RUNSTATE_BLOCKED);
}

/** A vCPU stops until another starts it. */
export function stop(s: Transaction, vcpu: Word, state: number): void {
  stopAs(s, vcpu, state, RUNSTATE_OFFLINE);
}

/** A vCPU leaves the choice; its own state stays. */
export function suspend(s: Transaction, vcpu: Word): void {
  s.clause("SCHED-SUSPEND-1", "A vCPU that leaves the choice has to be chosen again to run.");
  const choice = s.row("runnable", vcpu.shr(6));
  choice.set({ word: choice.word.without(s.word64(1).shl(vcpu.and(63).wide())) });
  yieldSlice(s);
}

/** The current vCPU gives the rest of its slice away. */
export function yieldSlice(s: Transaction): void {
  s.clause("SCHED-YIELD-1", "Who runs is chosen again before the next entry.");
  s.row("cpu", 0).set({ reschedule: 1 });
  lookAgain(s);
}

/** What the machine's timer is armed for may have changed. */
export function lookAgain(s: Transaction): void {
  s.clause("SCHED-LOOK-1", "Deadlines and slices are looked at before the next entry.");
  s.row("clock").set({ armed: 0 });
}

/** All vCPUs of a domain leave the choice. */
export function suspendAll(s: Transaction, domain: Word): void {
  s.block("domain/suspendAll", [domain], () => {
    s.each(VCPUS_PER_DOMAIN, (id) => {
      const target = vcpuOf(s, domain, s.word32(id));
      s.when(target.exists, () => suspend(s, target.row));
    });
    return [];
  });
}

/** The runnable vCPUs of a running domain join the choice. */
export function joinAll(s: Transaction, domain: Word): void {
  s.each(VCPUS_PER_DOMAIN, (id) => {
    const target = vcpuOf(s, domain, s.word32(id));
    s.when(target.exists, () => join(s, target.row));
  });
}

/** No vCPU. */
export const NOBODY = 0xffffffff;

/** xenolith's own: how who runs is chosen. */
export const SCHEDULE_FIXED = 1;

/** Is a vCPU's bit set? */
const isRunnable = (s: Transaction, vcpu: Word): Bool =>
  s.row("runnable", vcpu.shr(6)).word.bit(vcpu.and(63).wide());

/** The lowest runnable vCPU from a row on, or NOBODY. */
export function lowestFrom(s: Transaction, first: Word): Word {
  const found = s.least(VCPUS, (vcpu) => vcpu.ge(first).and(isRunnable(s, vcpu)));
  return found.exists.choose(found.index, NOBODY);
}

/** The vCPU that runs next if all take turns, or NOBODY. */
function nextWeighted(s: Transaction): Word {
  s.clause(
    "SCHED-PICK-1",
    "The next vCPU is the lowest runnable one above the last that was chosen, else the lowest of all.",
  );
  const { last } = s.row("schedule");
  const any = lowestFrom(s, s.word32(0));
  const above = (): Word => {
    const after = lowestFrom(s, last.add(1));
    return after.ne(NOBODY).choose(after, any);
  };
  return s.branch(last.lt(VCPUS - 1), above, () => any);
}

/** Moves on to the slot that `now` lies in. */
function turnSlots(s: Transaction, now: Word): void {
  const schedule = s.row("schedule");
  s.clause(
    "SCHED-FIXED-1",
    "In a fixed schedule each slot lasts its nanoseconds, whether its domain uses it or not; the first " +
      "follows the last. Of slots that have passed, at most 64 are passed over in a choice.",
  );
  s.rounds(SCHEDULE_SLOTS, (_, next) => {
    const turn = () => {
      const following = schedule.slot.add(1);
      const slot = following.lt(schedule.slots).choose(following, 0);
      schedule.set({ slot: slot.and(0xff) });
      const { nanoseconds } = s.row("slot", slot.and(SCHEDULE_SLOTS - 1));
      schedule.set({ slotEnd: schedule.slotEnd.add(nanoseconds) });
      return next();
    };
    return s.branch(now.lt(schedule.slotEnd), () => s.word64(0), turn);
  });
}

/** The numbers of a domain's vCPUs. */
const NUMBERS: readonly number[] = Array.from({ length: VCPUS_PER_DOMAIN }, (_, at) => at);

/** The vCPU of one domain that runs next, or NOBODY. */
function nextOf(s: Transaction, domain: Word): Word {
  s.clause(
    "SCHED-FIXED-2",
    "Of the slot's domain, the runnable vCPU runs that is nearest after the last that was chosen.",
  );
  const { last } = s.row("schedule");
  const start = { nearest: s.word32(NOBODY), distance: s.word32(NOBODY) };
  const found = NUMBERS.reduce(({ nearest, distance }, id) => {
    const { exists, row } = vcpuOf(s, domain, s.word32(id));
    const away = row
      .sub(last)
      .sub(1)
      .and(VCPUS - 1);
    const runs = isRunnable(s, row.and(VCPUS - 1));
    const nearer = exists.and(runs).and(away.lt(distance));
    return {
      nearest: nearer.choose(row, nearest),
      distance: nearer.choose(away, distance),
    };
  }, start);
  return found.nearest;
}

/** Chooses who runs from `now` on and until when, or NOBODY, as one step. */
export function choose(s: Transaction, now: Word): Word {
  const [next] = s.block("scheduler/choose", [now], () => [chooseNext(s, now)]);
  return next!;
}

/** The steps of a choice. */
export function chooseNext(s: Transaction, now: Word): Word {
  const cpu = s.row("cpu", 0);
  const schedule = s.row("schedule");
  cpu.set({ reschedule: 0 });
  const fixed = () => {
    turnSlots(s, now);
    const vcpu = nextOf(s, s.row("slot", schedule.slot.and(SCHEDULE_SLOTS - 1)).domain);
    s.clause(
      "SCHED-FIXED-3",
      "A slot's time is not given to others: the slice ends with the slot.",
    );
    cpu.set({ sliceEnd: schedule.slotEnd });
    s.when(vcpu.ne(NOBODY), () => schedule.set({ last: vcpu.and(0xffff) }));
    return vcpu;
  };
  const weighted = () => {
    const vcpu = nextWeighted(s);
    s.when(vcpu.ne(NOBODY), () => {
      s.clause(
        "SCHED-CHOOSE-1",
        "A slice lasts the schedule's nanoseconds times the domain's weight, 256 being one.",
      );
      schedule.set({ last: vcpu });
      const { weight } = s.row("domain", s.row("vcpu", vcpu).domain);
      const slice = schedule.sliceNanoseconds.mul(weight.wide()).shr(8);
      cpu.set({ sliceEnd: now.add(slice) });
    });
    return vcpu;
  };
  return s.branch(schedule.kind.eq(SCHEDULE_FIXED), fixed, weighted);
}
