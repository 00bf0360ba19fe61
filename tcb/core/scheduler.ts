// Who runs. A vCPU is runnable when its bit is set; the next one is the nearest after the last, so
// a runnable vCPU waits for at most VCPUS - 1 slices. Weighted: the slice is proportional to the
// domain's weight. Fixed frame: slots of a major frame, each for one domain, whether it uses it or
// not. Pinned: the choice is never taken back while the vCPU can run.

import { systemTime } from "./clock";
import * as column from "./columns";
import { RUNNABLE_WORDS, SCHEDULE_SLOTS, VCPUS, VCPUS_PER_DOMAIN } from "./limits";
import { DOMAIN_RUNNING, NONE, VCPU_BLOCKED, VCPU_RUNNABLE } from "./states";

export const SCHEDULE_WEIGHTED: u32 = 0;
export const SCHEDULE_FIXED: u32 = 1;
export const SCHEDULE_PINNED: u32 = 2;

/** Runstates of the ABI. */
export const RUNSTATE_RUNNING: u32 = 0;
export const RUNSTATE_RUNNABLE: u32 = 1;
export const RUNSTATE_BLOCKED: u32 = 2;
export const RUNSTATE_OFFLINE: u32 = 3;

function setRunnable(vcpu: u32): void {
  const word = vcpu >> 6;
  column.setRunnableWord(word, column.runnableWord(word) | ((1 as u64) << ((vcpu & 63) as u64)));
}

function clearRunnable(vcpu: u32): void {
  const word = vcpu >> 6;
  column.setRunnableWord(word, column.runnableWord(word) & ~((1 as u64) << ((vcpu & 63) as u64)));
}

/** Time since the last change goes to the account of the old runstate. */
export function enterRunstate(vcpu: u32, runstate: u32, now: u64): void {
  const account = (vcpu << 2) | column.vcpuRunstate(vcpu);
  column.setVcpuTimeSpent(
    account,
    column.vcpuTimeSpent(account) + now - column.vcpuRunstateSince(vcpu),
  );
  column.setVcpuRunstate(vcpu, runstate);
  column.setVcpuRunstateSince(vcpu, now);
}

/** Makes a blocked vCPU runnable. SCHED-WAKE. */
export function wake(vcpu: u32): void {
  if (column.vcpuState(vcpu) != VCPU_BLOCKED) return;
  column.setVcpuState(vcpu, VCPU_RUNNABLE);
  column.setVcpuPolling(vcpu, 0);
  column.setVcpuPollDeadline(vcpu, 0);
  enterRunstate(vcpu, RUNSTATE_RUNNABLE, systemTime());
  resume(vcpu);
}

/** Puts a runnable vCPU of a running domain into the choice. */
export function resume(vcpu: u32): void {
  if (column.vcpuState(vcpu) != VCPU_RUNNABLE) return;
  if (column.domainState(column.vcpuDomain(vcpu)) != DOMAIN_RUNNING) return;
  setRunnable(vcpu);
}

/** Takes a vCPU out of the choice; `state` says why. SCHED-STOP. */
export function stop(vcpu: u32, state: u32): void {
  column.setVcpuState(vcpu, state);
  enterRunstate(vcpu, state == VCPU_BLOCKED ? RUNSTATE_BLOCKED : RUNSTATE_OFFLINE, systemTime());
  suspend(vcpu);
}

/** Takes a vCPU out of the choice without a change of its own state (its domain is paused). */
export function suspend(vcpu: u32): void {
  clearRunnable(vcpu);
  yieldSlice();
}

/** The current vCPU gives the rest of its slice to others: before the next entry there is a choice.
 *  SCHED-YIELD. */
export function yieldSlice(): void {
  column.setCpuReschedule(0, 1);
  lookAgain();
}

/** What the timer is armed for may have changed. */
export function lookAgain(): void {
  column.setClockArmed(0);
}

/** Lowest runnable vCPU at or after `from`, below VCPUS, or NONE. */
function runnableFrom(from: u32): u32 {
  let mask = ~(0 as u64) << ((from & 63) as u64);
  for (let word: u32 = from >> 6; word < RUNNABLE_WORDS; word++) {
    const candidates = column.runnableWord(word) & mask;
    if (candidates != 0) return (word << 6) | (ctz(candidates) as u32);
    mask = ~(0 as u64);
  }
  return NONE;
}

/** The runnable vCPU nearest after the last one, or NONE. SCHED-PICK. */
function nextWeighted(): u32 {
  const last = column.scheduleLast();
  if (last < VCPUS - 1) {
    const after = runnableFrom(last + 1);
    if (after != NONE) return after;
  }
  return runnableFrom(0);
}

/** The current slot's domain, moving on to the slot that `now` lies in. SCHED-FIXED. */
function slotDomain(now: u64): u32 {
  const slots = column.scheduleSlots();
  for (let step: u32 = 0; step < SCHEDULE_SLOTS; step++) {
    if (now < column.scheduleSlotEnd()) break;
    const next = column.scheduleSlot() + 1;
    const slot = next < slots ? next : 0;
    column.setScheduleSlot(slot);
    column.setScheduleSlotEnd(column.scheduleSlotEnd() + column.slotNanoseconds(slot));
  }
  return column.slotDomain(column.scheduleSlot());
}

/** The nearest runnable vCPU of one domain after the last one, or NONE. */
function nextOf(domain: u32): u32 {
  let nearest = NONE;
  let distance = NONE;
  for (let id: u32 = 0; id < VCPUS_PER_DOMAIN; id++) {
    const entry = column.domainVcpuRow((domain << 5) | id);
    if (entry == 0) continue;
    const vcpu = entry - 1;
    const word = column.runnableWord(vcpu >> 6);
    if (((word >> ((vcpu & 63) as u64)) & 1) == 0) continue;
    const away = (vcpu - column.scheduleLast() - 1) & (VCPUS - 1);
    if (away < distance) {
      distance = away;
      nearest = vcpu;
    }
  }
  return nearest;
}

/** Chooses who runs from `now` on and until when; NONE: nobody can. SCHED-CHOOSE. */
export function choose(now: u64): u32 {
  column.setCpuReschedule(0, 0);
  if (column.scheduleKind() == SCHEDULE_FIXED) {
    const vcpu = nextOf(slotDomain(now));
    column.setCpuSliceEnd(0, column.scheduleSlotEnd());
    if (vcpu != NONE) column.setScheduleLast(vcpu);
    return vcpu;
  }
  const vcpu = nextWeighted();
  if (vcpu == NONE) return NONE;
  column.setScheduleLast(vcpu);
  const weight = column.domainWeight(column.vcpuDomain(vcpu)) as u64;
  column.setCpuSliceEnd(0, now + ((column.scheduleSliceNanoseconds() * weight) >> 8));
  return vcpu;
}
