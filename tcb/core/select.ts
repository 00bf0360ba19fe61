// The way into a guest: timers that are due, who runs next, what is delivered to it.

import * as column from "./columns";
import { systemTime, ticksAt } from "./clock";
import { haltWhenDone } from "./domain";
import { prepareInjection } from "./inject";
import { predictorBarrier, setTimer, switchState } from "./machine";
import { choose, enterRunstate, RUNSTATE_RUNNABLE, RUNSTATE_RUNNING } from "./scheduler";
import { NONE, NOWHERE, VCPU_RUNNABLE } from "./states";
import { earliestDeadline, expire } from "./timer";
import { writeRunstate } from "./vcpu_op";

/** Arms the host timer for the next thing that has to happen, unless it is armed for that. */
function arm(until: u64): void {
  if (until == column.clockArmed()) return;
  column.setClockArmed(until);
  if (until != NOWHERE) setTimer(ticksAt(until));
}

/** Is the current vCPU to go on? */
function goesOn(current: u32, now: u64): bool {
  if (current == NONE || column.cpuReschedule(0) != 0) return false;
  return now < column.cpuSliceEnd(0) && column.vcpuState(current) == VCPU_RUNNABLE;
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

/** Chooses the vCPU that CPU `cpu` enters next and makes it ready; NONE: nobody can run, wait for an
 *  interrupt. SELECT. */
export function selectNext(): u32 {
  const now = systemTime();
  const current = column.cpuCurrent(0) - 1;
  if (current == NONE || now >= column.clockArmed()) {
    column.setClockArmed(0);
    expire(now);
  }
  let next = current;
  if (!goesOn(current, now)) {
    next = choose(now);
    if (next == NONE) haltWhenDone();
    switchTo(current, next, now);
  }
  const slice: u64 = next == NONE && column.scheduleKind() != 1 ? NOWHERE : column.cpuSliceEnd(0);
  arm(min<u64>(earliestDeadline(), slice));
  if (next == NONE) return NONE;
  column.setVmcbTlbControl(next, column.cpuFlush(0));
  column.setCpuFlush(0, 0);
  prepareInjection(next);
  return next;
}
