// Decimal numbers as xenstore has them: digits, nothing else.

/** What `readDecimal` says of anything that is not a number below 2^64 - 1. */
export const NO_NUMBER: u64 = 0xffffffffffffffff;
const DIGITS_LIMIT: u32 = 19;
const ZERO: u32 = 48;

/** The number that `bytes` bytes of text are, or NO_NUMBER. */
export function readDecimal(text: u32, bytes: u32): u64 {
  if (bytes == 0 || bytes > DIGITS_LIMIT) return NO_NUMBER;
  let value: u64 = 0;
  for (let index: u32 = 0; index < bytes; index++) {
    const digit = (load<u8>(text + index) as u32) - ZERO;
    if (digit > 9) return NO_NUMBER;
    value = value * 10 + (digit as u64);
  }
  return value;
}

/** Writes a number at `place`; returns the place behind it. At most 20 bytes. */
export function writeDecimal(place: u32, value: u64): u32 {
  let digits: u32 = 1;
  for (let rest = value / 10; rest != 0; rest /= 10) digits++;
  let rest = value;
  for (let index: u32 = digits; index > 0; index--) {
    store<u8>(place + index - 1, (ZERO + ((rest % 10) as u32)) as u8);
    rest /= 10;
  }
  return place + digits;
}

/** Writes a text that stands in the source (ASCII); returns the place behind it. */
export function writeText(place: u32, text: string): u32 {
  const length = text.length as u32;
  const source = changetype<usize>(text) as u32;
  for (let index: u32 = 0; index < length; index++) {
    store<u8>(place + index, load<u8>(source + (index << 1)));
  }
  return place + length;
}

/** Are `bytes` bytes at `place` this text? */
export function isText(place: u32, bytes: u32, text: string): bool {
  if (bytes != (text.length as u32)) return false;
  const source = changetype<usize>(text) as u32;
  for (let index: u32 = 0; index < bytes; index++) {
    if (load<u8>(place + index) != load<u8>(source + (index << 1))) return false;
  }
  return true;
}

/** Place behind `text` where `place` begins with it and no longer than `bytes`; 0: it does not. */
export function behindText(place: u32, bytes: u32, text: string): u32 {
  const length = text.length as u32;
  if (bytes < length || !isText(place, length, text)) return 0;
  return place + length;
}
