// Privileged operations on the schedule: its kind, and the slots of a fixed frame.

import { DOMAINS, SCHEDULE_SLOTS } from "../tcb/core/limits.ts";
import { EINVAL } from "./abi.ts";
import type { Command } from "./control.ts";
import { ask } from "./lang/question.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import * as xsm from "./xsm.ts";

const SET_SCHEDULE = ask("xenolith { set_schedule }", xsm.XENOLITH, 19);

/** Nanoseconds. */
const SLICE_LEAST = 100000;
const SLICE_MOST = 1000000000;
/** Kinds of schedule: by weight, fixed slots, pinned. */
const SCHEDULE_KINDS = 3;

/** Schedule (kind, nanoseconds of a slice at weight 256). */
export function setSchedule(s: Transaction, { caller, a: kind, b: slice }: Command): Word {
  s.clause("CONTROL-SCHEDULE-1", "The policy lets the caller say who runs when.");
  xsm.authorise(s, caller, xsm.labelXen(s), SET_SCHEDULE);
  s.clause("CONTROL-SCHEDULE-2", "There are three kinds; a slice is 100 us to 1 s.");
  const inRange = slice.ge(SLICE_LEAST).and(slice.le(SLICE_MOST));
  s.require(kind.lt(SCHEDULE_KINDS).and(inRange), EINVAL);
  s.row("schedule").set({ kind: kind.low(), sliceNanoseconds: slice });
  return s.word64(0);
}

/** Slot (number, nanoseconds) of the fixed schedule, for a domain. */
export function setSlot(s: Transaction, { caller, domain, a: slot, b: length }: Command): Word {
  xsm.authorise(s, caller, xsm.labelXen(s), SET_SCHEDULE);
  s.clause("CONTROL-SLOT-1", "Slots are set in order, each for a domain and at least 100 us long.");
  const schedule = s.row("schedule");
  s.require(slot.lt(SCHEDULE_SLOTS).and(domain.lt(DOMAINS)), EINVAL);
  s.require(slot.eq(schedule.slots.wide()).and(length.ge(SLICE_LEAST)), EINVAL);
  s.row("slot", slot.low()).set({ domain, nanoseconds: length });
  schedule.set({ slots: slot.low().add(1) });
  return s.word64(0);
}
