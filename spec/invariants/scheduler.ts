// Who runs: the schedule, and what a CPU remembers.

import { DOMAINS, SCHEDULE_SLOTS, VCPUS } from "../../tcb/core/limits.ts";
import { all, type Invariant } from "../lang/invariant.ts";

export const schedulerInvariants: readonly Invariant[] = [
  {
    id: "INV-SCHEDULE-1",
    says: "The schedule has at most 64 slots, is at one that can be, and remembers a vCPU row.",
    table: "schedule",
    holds: (s) => {
      const { slots, slot, last } = s.row("schedule");
      return all(slots.le(SCHEDULE_SLOTS), slot.lt(SCHEDULE_SLOTS), last.lt(VCPUS));
    },
  },
  {
    id: "INV-SCHEDULE-2",
    says: "A slot is for a domain that there can be.",
    table: "slot",
    holds: (s, slot) => s.row("slot", slot).domain.lt(DOMAINS),
  },
  {
    id: "INV-CPU-1",
    says: "A CPU's current vCPU, and the one whose state it holds, are rows, or none.",
    table: "cpu",
    holds: (s, cpu) => {
      const { current, stateOwner } = s.row("cpu", cpu);
      return all(current.le(VCPUS), stateOwner.le(VCPUS));
    },
  },
];
