// System time: nanoseconds since boot, by pvclock's arithmetic (xen/include/public/xen.h, struct
// vcpu_time_info).

import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";

/** Nanoseconds of system time now. */
export function systemTime(s: Transaction): Word {
  s.clause(
    "CLOCK-TIME-1",
    "System time is the ticks since boot, shifted and multiplied by the factors that guests are told.",
  );
  const [now] = s.block("clock/systemTime", [], () => {
    const ticks = s.machine.timestamp();
    const clock = s.row("clock");
    const passed = ticks.sub(clock.bootTicks);
    const shift = clock.shift;
    const scaled = shift
      .lt(128)
      .choose(passed.shl(shift.wide()), passed.shr(s.word32(256).sub(shift).wide()));
    return [scale(scaled, clock.multiplier.wide())];
  });
  return now!;
}

/** value * multiplier / 2^32, rounded down in each half. */
function scale(value: Word, multiplier: Word): Word {
  const high = value.shr(32).mul(multiplier);
  const low = value.and(0xffffffff).mul(multiplier).shr(32);
  return high.add(low);
}

/** Time-stamp counter at which system time has reached `nanoseconds`. */
export function ticksAt(s: Transaction, nanoseconds: Word): Word {
  s.clause(
    "CLOCK-TICKS-1",
    "System time reaches a number of nanoseconds not after the ticks at boot, plus the nanoseconds " +
      "times the ticks of each, plus one.",
  );
  const clock = s.row("clock");
  const factor = clock.ticksPerNanosecond;
  const whole = nanoseconds.mul(factor.shr(32));
  const part = scale(nanoseconds, factor.and(0xffffffff));
  return clock.bootTicks.add(whole).add(part).add(1);
}
