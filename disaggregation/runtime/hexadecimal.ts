// Bytes as hexadecimal digits, two each.

const NO_DIGIT: u32 = 16;

function digit(letter: u32): u32 {
  const number = letter - 48;
  if (number < 10) return number;
  const high = (letter | 32) - 97;
  return high < 6 ? high + 10 : NO_DIGIT;
}

/** Writes the `count` bytes that a text of twice as many digits names; false: it is no such. */
export function readHexadecimal(text: u32, bytes: u32, place: u32, count: u32): bool {
  if (bytes != 2 * count) return false;
  for (let index: u32 = 0; index < count; index++) {
    const high = digit(load<u8>(text + 2 * index));
    const low = digit(load<u8>(text + 2 * index, 1));
    if (high == NO_DIGIT || low == NO_DIGIT) return false;
    store<u8>(place + index, ((high << 4) | low) as u8);
  }
  return true;
}
