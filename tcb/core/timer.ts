// Guest timers: one single-shot and one periodic timer for each vCPU, and the deadline of a poll.
// The earliest deadline of each group of 16 vCPUs is kept, and the least of all: a change costs 32
// steps, a look none.

import { VIRQ_TIMER } from "./abi";
import * as column from "./columns";
import { raise } from "./event";
import { TIMER_GROUP, TIMER_GROUP_BITS, TIMER_GROUPS } from "./limits";
import { lookAgain, wake } from "./scheduler";
import { NOWHERE } from "./states";

/** The least of a vCPU's own deadlines; NOWHERE none. A deadline of 0 is not armed. */
function earliestOf(vcpu: u32): u64 {
  const single = column.vcpuDeadline(vcpu) - 1;
  const periodic = column.vcpuPeriodicNext(vcpu) - 1;
  const poll = column.vcpuPollDeadline(vcpu) - 1;
  return min(min(single, periodic), poll);
}

/** Recomputes the group of a vCPU after one of its deadlines changed, and the least of all groups.
 *  TIMER-GROUP. */
export function updateGroup(vcpu: u32): void {
  const first = vcpu & ~(TIMER_GROUP - 1);
  let least: u64 = NOWHERE;
  for (let index: u32 = 0; index < TIMER_GROUP; index++) {
    least = min(least, earliestOf(first + index));
  }
  column.setTimerGroupDeadline(vcpu >> TIMER_GROUP_BITS, least + 1);
  updateEarliest();
  lookAgain();
}

function updateEarliest(): void {
  let group: u32 = 0;
  let least: u64 = column.timerGroupDeadline(0) - 1;
  for (let index: u32 = 1; index < TIMER_GROUPS; index++) {
    const deadline = column.timerGroupDeadline(index) - 1;
    if (deadline < least) {
      least = deadline;
      group = index;
    }
  }
  column.setTimersDeadline(least + 1);
  column.setTimersGroup(group);
}

/** The earliest deadline of all (system time, ns), or NOWHERE. */
export function earliestDeadline(): u64 {
  return column.timersDeadline() - 1;
}

/** Fires the timers of one group that are due. The rest follow at the next entry, which is due at
 *  once. TIMER-EXPIRE. */
export function expire(now: u64): void {
  if (earliestDeadline() >= now) return;
  const first = column.timersGroup() << TIMER_GROUP_BITS;
  for (let index: u32 = 0; index < TIMER_GROUP; index++) expireOne(first + index, now);
  updateGroup(first);
}

function expireOne(vcpu: u32, now: u64): void {
  if (column.vcpuPollDeadline(vcpu) - 1 < now) {
    column.setVcpuPollDeadline(vcpu, 0);
    wake(vcpu);
  }
  const single = column.vcpuDeadline(vcpu) - 1 < now;
  const periodic = column.vcpuPeriodicNext(vcpu) - 1 < now;
  if (!single && !periodic) return;
  if (single) column.setVcpuDeadline(vcpu, 0);
  // Missed periods are not made up for: the next one lies in the future.
  if (periodic) column.setVcpuPeriodicNext(vcpu, now + column.vcpuPeriod(vcpu));
  const port = column.vcpuVirqPort((vcpu << 5) | VIRQ_TIMER);
  if (port != 0) raise(column.vcpuDomain(vcpu), port);
}
