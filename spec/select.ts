// The way into a guest: timers that are due, who runs next, what is delivered to it.

import { NOWHERE } from "./abi.ts";
import { systemTime, ticksAt } from "./clock.ts";
import { haltWhenDone } from "./domain.ts";
import { prepareInjection } from "./inject.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { choose, enterRunstate, NOBODY, SCHEDULE_FIXED } from "./scheduler.ts";
import { RUNSTATE_RUNNABLE, RUNSTATE_RUNNING, VCPU_RUNNABLE } from "./states.ts";
import { earliestDeadline, expire } from "./timer.ts";
import { writeRunstate } from "./vcpu_op.ts";

/** Arms the machine's timer. */
function arm(s: Transaction, until: Word): void {
  s.clause(
    "SELECT-ARM-1",
    "The machine's timer is armed for the next thing that has to happen, if there is one.",
  );
  const ticks = s.branch(
    until.eq(NOWHERE),
    () => s.word64(NOWHERE),
    () => ticksAt(s, until),
  );
  s.row("clock").set({ armed: ticks });
  s.when(until.ne(NOWHERE), () => s.machine.setTimer(ticks));
}

/** A vCPU's extended state goes into the CPU. */
function switchState(s: Transaction, next: Word): void {
  const cpu = s.row("cpu", 0);
  const owner = cpu.stateOwner.sub(1);
  s.when(owner.ne(next), () => {
    s.clause(
      "SELECT-SWITCH-2",
      "The extended state of the vCPU that ran before is saved and that of the next loaded; between " +
        "domains, branch predictors forget.",
    );
    const fromOther = () => {
      const differ = s.row("vcpu", owner).domain.ne(s.row("vcpu", next).domain);
      s.when(differ, () => s.machine.predictorBarrier());
    };
    s.when(owner.ne(NOBODY), fromOther);
    s.machine.switchState(owner, next);
    cpu.set({ stateOwner: next.add(1) });
  });
}

/** Makes `next` the current vCPU; NOBODY: the CPU idles. */
function switchTo(s: Transaction, current: Word, next: Word, now: Word): void {
  s.when(current.ne(NOBODY), () => {
    s.when(s.row("vcpu", current).state.eq(VCPU_RUNNABLE), () =>
      enterRunstate(s, current, RUNSTATE_RUNNABLE, now),
    );
  });
  s.row("cpu", 0).set({ current: next.add(1) });
  s.when(next.ne(NOBODY), () => {
    s.clause("SELECT-SWITCH-1", "The vCPU that is chosen runs from now on, and is told so.");
    enterRunstate(s, next, RUNSTATE_RUNNING, now);
    s.when(s.row("vcpu", next).runstateArea.ne(0), () => writeRunstate(s, next));
    switchState(s, next);
  });
}

/** Timers that are due, and who runs next, or NOBODY, as one step. */
function look(s: Transaction, current: Word): Word {
  const [next] = s.block("select/look", [current], () => [lookAround(s, current)]);
  return next!;
}

/** The steps of that. */
export function lookAround(s: Transaction, current: Word): Word {
  const now = systemTime(s);
  expire(s, now);
  const cpu = s.row("cpu", 0);
  s.clause(
    "SELECT-LOOK-1",
    "Who runs is chosen anew if nobody runs, if it is asked for, or at the end of the slice; else the " +
      "current vCPU goes on. If nobody can run, the machine stops if nobody ever will.",
  );
  const again = current.eq(NOBODY).or(cpu.reschedule.ne(0)).or(now.ge(cpu.sliceEnd));
  const anew = () => {
    const next = choose(s, now);
    s.when(next.eq(NOBODY), () => haltWhenDone(s));
    switchTo(s, current, next, now);
    return next;
  };
  const next = s.branch(again, anew, () => current);
  const idle = next.eq(NOBODY).and(s.row("schedule").kind.ne(SCHEDULE_FIXED));
  arm(s, earliestDeadline(s).min(idle.choose(s.word64(NOWHERE), cpu.sliceEnd)));
  return next;
}

/** The vCPU that CPU 0 enters next, ready to be entered, or NOBODY. */
export function selectNext(s: Transaction): Word {
  const cpu = s.row("cpu", 0);
  const current = cpu.current.sub(1);
  s.clause(
    "SELECT-1",
    "Nothing is looked at again before the machine's timer has interrupted, or something has changed " +
      "what it is armed for.",
  );
  const stale = current.eq(NOBODY).or(s.row("clock").armed.eq(0));
  const next = s.branch(
    stale,
    () => look(s, current),
    () => current,
  );
  s.when(next.ne(NOBODY), () => {
    s.clause("SELECT-2", "If the CPU's translations are stale, it forgets all before the entry.");
    s.row("vmcb", next).set({ tlbControl: cpu.flush });
    cpu.set({ flush: 0 });
    prepareInjection(s, next);
  });
  return next;
}

/** The vCPU that a CPU enters next, or NOBODY; only the first CPU enters guests. */
export function selectVcpu(s: Transaction, cpu: Word): Word {
  return s.branch(
    cpu.eq(0),
    () => selectNext(s),
    () => s.word32(NOBODY),
  );
}
