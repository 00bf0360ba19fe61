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

const NANOSECONDS = 1000000000;
/** 67 GHz: what is more is not believed. */
const KILOHERTZ_MOST = 0x4000000;
/** Leading zeros of a word of 64 bits between 2^30 and 2^31. */
const ZEROS = 33;

/** The factors of system time, from the counter's frequency. */
export function startClock(s: Transaction): void {
  s.clause(
    "CLOCK-START-1",
    "The counter's frequency (1 kHz at least, 67 GHz at most) is shifted until it is 2^30 or more " +
      "and below 2^31; the multiplier makes nanoseconds of that.",
  );
  const reported = s.row("boot").tscKilohertz;
  const frequency = reported.max(s.word64(1)).min(s.word64(KILOHERTZ_MOST)).mul(1000);
  const zeros = frequency.leadingZeros();
  const left = zeros.gt(ZEROS).choose(zeros.sub(ZEROS), 0);
  const right = zeros.lt(ZEROS).choose(s.word64(ZEROS).sub(zeros), 0);
  const scaled = frequency.shr(right).shl(left);
  const clock = s.row("clock");
  clock.set({ ticksPerNanosecond: frequency.shl(28).div(NANOSECONDS).shl(4) });
  clock.set({ shift: left.sub(right).low().and(255) });
  clock.set({ multiplier: s.word64(NANOSECONDS).shl(32).div(scaled).low() });
  s.clause("CLOCK-START-2", "System time begins now.");
  clock.set({ bootTicks: s.machine.timestamp() });
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
