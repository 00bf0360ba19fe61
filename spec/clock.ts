// System time: nanoseconds since boot, by pvclock's arithmetic (xen/include/public/xen.h, struct
// vcpu_time_info).

import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";

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
const FASTEST = 2 * NANOSECONDS;
/** Halvings or doublings, at most. */
const LIMIT_SHIFTS = 32;

/** A frequency, and how often it was halved or doubled. */
interface Scaled {
  readonly frequency: Word;
  readonly shift: Word;
}

const shifts: readonly number[] = Array.from({ length: LIMIT_SHIFTS }, (_, at) => at);

/** Halves or doubles a frequency while it is out of range. */
function brought(
  start: Scaled,
  isOutside: (frequency: Word) => Bool,
  moved: (frequency: Word) => Word,
): Scaled {
  return shifts.reduce<Scaled>(({ frequency, shift }) => {
    const goesOn = isOutside(frequency);
    return {
      frequency: goesOn.choose(moved(frequency), frequency),
      shift: goesOn.choose(shift.add(1), shift),
    };
  }, start);
}

/** The factors of system time, from the counter's frequency. */
export function startClock(s: Transaction): void {
  s.clause(
    "CLOCK-START-1",
    "The counter's frequency (1 kHz at least) is halved or doubled, 32 times at most, until it is " +
      "above 1 GHz and at most 2; the multiplier makes nanoseconds of that.",
  );
  const reported = s.row("boot").tscKilohertz;
  const frequency = reported.eq(0).choose(s.word64(1), reported).mul(1000);
  const none = s.word32(0);
  const slowed = brought(
    { frequency, shift: none },
    (one) => one.gt(FASTEST),
    (one) => one.shr(1),
  );
  const { frequency: scaled, shift } = brought(
    { frequency: slowed.frequency, shift: none },
    (one) => one.le(NANOSECONDS),
    (one) => one.shl(1),
  );
  const right = s.word32(256).sub(slowed.shift).and(255);
  const clock = s.row("clock");
  clock.set({ ticksPerNanosecond: frequency.shl(28).div(NANOSECONDS).shl(4) });
  clock.set({ shift: shift.ne(0).choose(shift, right) });
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
