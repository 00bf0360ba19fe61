// What xenstore said of the keys that a back end asked for: kept here until the device is set up or
// connected, each no longer than a number, a name or an address is.

import { isText, NO_NUMBER, readDecimal } from "./decimal";
import { messageBody, messageBytes, messageType, STORE_ERROR } from "./store";

/** Keys that can be asked for in one go. */
export const VALUES: u32 = 16;
export const VALUE_BYTES: u32 = 64;
const ABSENT: u8 = 0xff;

const LENGTH: u32 = memory.data(<i32>VALUES) as u32;
const TEXT: u32 = memory.data(<i32>(VALUES * VALUE_BYTES)) as u32;

/** Keeps the answer that is at hand as value `index`; one that is too long is as good as none. */
export function keepValue(index: u32): void {
  const bytes = messageBytes();
  const there = messageType() != STORE_ERROR && bytes <= VALUE_BYTES;
  store<u8>(LENGTH + index, there ? (bytes as u8) : ABSENT);
  if (there) memory.copy(TEXT + index * VALUE_BYTES, messageBody(), bytes);
}

export function hasValue(index: u32): bool {
  return load<u8>(LENGTH + index) != ABSENT;
}

export function valueText(index: u32): u32 {
  return TEXT + index * VALUE_BYTES;
}

/** Bytes of a value; 0 where there is none. */
export function valueBytes(index: u32): u32 {
  return hasValue(index) ? (load<u8>(LENGTH + index) as u32) : 0;
}

/** A value as a number; NO_NUMBER: there is none, or it is something else. */
export function valueNumber(index: u32): u64 {
  return readDecimal(valueText(index), valueBytes(index));
}

/** A value as a switch: "1" is on. */
export function valueOn(index: u32): bool {
  return valueNumber(index) == 1;
}

/** A value as a number of 32 bits, or `otherwise`. */
export function valueWord(index: u32, otherwise: u32): u32 {
  const value = valueNumber(index);
  return value == NO_NUMBER || value > 0xffffffff ? otherwise : (value as u32);
}

export function valueIs(index: u32, text: string): bool {
  return hasValue(index) && isText(valueText(index), valueBytes(index), text);
}
