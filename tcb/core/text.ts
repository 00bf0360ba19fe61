// Lines for the console, built in the scratch frame and written at once. Each function takes the
// place where the next byte goes and returns the one after: no state is kept.

import * as column from "./columns";
import { write } from "./machine";

/** Appends a text that stands in the source (ASCII). */
export function putText(place: u32, text: string): u32 {
  const length = min<u32>(text.length as u32, 128);
  const base = changetype<usize>(text);
  for (let index: u32 = 0; index < length; index++) {
    column.setScratchByte(place + index, load<u16>(base + (index << 1)));
  }
  return place + length;
}

/** Appends a number in hexadecimal, 16 digits at most, without leading zeros. */
export function putHex(place: u32, value: u64): u32 {
  const digits: u32 = max<u32>(1, 16 - ((clz(value) as u32) >> 2));
  for (let index: u32 = 0; index < min<u32>(digits, 16); index++) {
    const digit = ((value >> (((digits - 1 - index) << 2) as u64)) & 15) as u32;
    column.setScratchByte(place + index, digit < 10 ? 48 + digit : 87 + digit);
  }
  return place + digits;
}

/** Appends a number in decimal. */
export function putDecimal(place: u32, value: u64): u32 {
  let digits: u32 = 1;
  let bound: u64 = 10;
  while (digits < 20 && value >= bound) {
    digits++;
    bound *= 10;
  }
  let rest = value;
  for (let index: u32 = 0; index < min<u32>(digits, 20); index++) {
    column.setScratchByte(place + digits - 1 - index, 48 + ((rest % 10) as u32));
    rest /= 10;
  }
  return place + digits;
}

/** Ends the line and writes it: the scratch frame's first `place` bytes. */
export function emitLine(place: u32): void {
  column.setScratchByte(place, 10);
  write(column.scratchByteBase, place + 1);
}

/** One line of the hypervisor's own. */
export function say(text: string): void {
  emitLine(putText(putText(0, "xenolith: "), text));
}
