// System time: nanoseconds since boot, from the time-stamp counter, by pvclock's arithmetic
// (xen/include/public/xen.h, struct vcpu_time_info). Never runs backwards.

import * as column from "./columns";
import { timestamp } from "./machine";

/** Nanoseconds in a second. */
const NANOSECONDS: u64 = 1000000000;
/** The fastest counter that is believed, 67 GHz: 2^28 times its frequency is below 2^64. */
const KILOHERTZ_MAX: u64 = 1 << 26;

/** (value * multiplier) >> 32 without losing the high half; the multiplier is below 2^32. */
function scale(value: u64, multiplier: u64): u64 {
  return (value >> 32) * multiplier + (((value & 0xffffffff) * multiplier) >> 32);
}

/** Nanoseconds of system time now. */
export function systemTime(): u64 {
  return nanosecondsAt(timestamp());
}

function nanosecondsAt(ticks: u64): u64 {
  const passed = ticks - column.clockBootTicks();
  const shift = column.clockShift();
  const scaled = shift < 128 ? passed << (shift as u64) : passed >> ((256 - shift) as u64);
  return scale(scaled, column.clockMultiplier() as u64);
}

/** Time-stamp counter at which system time has reached `nanoseconds`. */
export function ticksAt(nanoseconds: u64): u64 {
  const factor = column.clockTicksPerNanosecond();
  const whole = nanoseconds * (factor >> 32);
  return column.clockBootTicks() + whole + scale(nanoseconds, factor & 0xffffffff) + 1;
}

/** Computes the factors once, at boot, from the counter's frequency, which is shifted to 2^30 and
 *  more, and below 2^31: nanoseconds a tick, times 2^32, fit 32 bits then. CLOCK-START. */
export function startClock(): void {
  const kilohertz = min<u64>(max<u64>(column.bootTscKilohertz(), 1), KILOHERTZ_MAX);
  const frequency = kilohertz * 1000;
  column.setClockTicksPerNanosecond(((frequency << 28) / NANOSECONDS) << 4);
  // Never negative: by how much more than 33 the number of leading zeros is, or less.
  const zeros = clz<u64>(frequency);
  const left: u64 = zeros > 33 ? zeros - 33 : 0;
  const right: u64 = zeros < 33 ? 33 - zeros : 0;
  const scaled = (frequency >> right) << left;
  column.setClockShift((left - right) as u32 & 255);
  column.setClockMultiplier(((NANOSECONDS << 32) / scaled) as u32);
  column.setClockBootTicks(timestamp());
}
