// The way into a guest: timers that are due, who runs next, what is delivered to it.

import { systemTime, ticksAt } from "./clock";
import * as column from "./columns";
import { haltWhenDone } from "./domain";
import { prepareInjection } from "./inject";
import { predictorBarrier, setTimer, switchState } from "./machine";
import {
  choose,
  enterRunstate,
  RUNSTATE_RUNNABLE,
  RUNSTATE_RUNNING,
  SCHEDULE_FIXED,
} from "./scheduler";
import { NONE, NOWHERE, VCPU_RUNNABLE } from "./states";
import { earliestDeadline, expire } from "./timer";
import { writeRunstate } from "./vcpu_op";

/** Arms the host timer for the next thing that has to happen, unless it is armed for that. */
function arm(until: u64): void {
  const ticks = until == NOWHERE ? NOWHERE : ticksAt(until);
  column.setClockArmed(ticks);
  if (until != NOWHERE) setTimer(ticks);
}

/** Makes `next` the vCPU whose state is in the CPU. SELECT-SWITCH. */
function switchTo(current: u32, next: u32, now: u64): void {
  if (current != NONE && column.vcpuState(current) == VCPU_RUNNABLE) {
    enterRunstate(current, RUNSTATE_RUNNABLE, now);
  }
  column.setCpuCurrent(0, next + 1);
  if (next == NONE) return;
  enterRunstate(next, RUNSTATE_RUNNING, now);
  if (column.vcpuRunstateArea(next) != 0) writeRunstate(next);
  const owner = column.cpuStateOwner(0) - 1;
  if (owner == next) return;
  if (owner != NONE && column.vcpuDomain(owner) != column.vcpuDomain(next)) predictorBarrier();
  switchState(owner, next);
  column.setCpuStateOwner(0, next + 1);
}

/** Timers that are due, and who runs next; NONE: nobody can. SELECT-LOOK. */
function look(current: u32): u32 {
  const now = systemTime();
  expire(now);
  let next = current;
  if (current == NONE || column.cpuReschedule(0) != 0 || now >= column.cpuSliceEnd(0)) {
    next = choose(now);
    if (next == NONE) haltWhenDone();
    switchTo(current, next, now);
  }
  const idle = next == NONE && column.scheduleKind() != SCHEDULE_FIXED;
  arm(min<u64>(earliestDeadline(), idle ? NOWHERE : column.cpuSliceEnd(0)));
  return next;
}

/** Chooses the vCPU that CPU `cpu` enters next and makes it ready; NONE: nobody can run, wait for
 *  an interrupt. Nothing is looked at again before the machine's timer interrupts: that, and
 *  whatever changes what it is armed for, sets the armed time to 0. SELECT. */
export function selectNext(): u32 {
  let next = column.cpuCurrent(0) - 1;
  if (next == NONE || column.clockArmed() == 0) {
    next = look(next);
    if (next == NONE) return NONE;
  }
  column.setVmcbTlbControl(next, column.cpuFlush(0));
  column.setCpuFlush(0, 0);
  prepareInjection(next);
  return next;
}
