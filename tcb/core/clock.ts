// System time: nanoseconds since boot, from the time-stamp counter, by pvclock's arithmetic
// (xen/include/public/xen.h, struct vcpu_time_info). Never runs backwards.

import * as column from "./columns";
import { timestamp } from "./machine";

/** Nanoseconds in a second. */
const NANOSECONDS: u64 = 1000000000;

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

/** Computes the factors once, at boot, from the counter's frequency. CLOCK-START. */
export function startClock(): void {
  const kilohertz = max<u64>(column.bootTscKilohertz(), 1);
  let frequency = kilohertz * 1000;
  column.setClockTicksPerNanosecond(((frequency << 28) / NANOSECONDS) << 4);
  let shift: u32 = 0;
  while (frequency > 2000000000 && shift < 32) {
    frequency >>= 1;
    shift++;
  }
  let shiftByte: u32 = (256 - shift) & 255;
  shift = 0;
  while (frequency <= 1000000000 && shift < 32) {
    frequency <<= 1;
    shift++;
  }
  if (shift != 0) shiftByte = shift;
  column.setClockShift(shiftByte);
  column.setClockMultiplier(((NANOSECONDS << 32) / frequency) as u32);
  column.setClockBootTicks(timestamp());
}
