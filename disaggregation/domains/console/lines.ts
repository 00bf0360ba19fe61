// What domains say, as lines on the serial port: "NAME: text", so that no domain speaks in
// another's name. Without a port of its own the service says nothing: it keeps what was said.

import { writeDecimal, writeText } from "../../runtime/decimal";
import { put, sendRoom } from "../../runtime/uart";
import { now } from "../../runtime/world";
import { DOMAINS, nameBytes, nameOf } from "./rows";

const LINE_BYTES: u32 = 256;
/** A line with name, time and line end. */
const WHOLE_BYTES: u32 = LINE_BYTES + 64;
const NEWLINE: u32 = 10;
const TAB: u32 = 9;
const ESCAPE: u32 = 27;
const SPACE: u32 = 32;

const LINE: u32 = memory.data(<i32>(DOMAINS * LINE_BYTES)) as u32;
const LENGTH: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const WHOLE: u32 = memory.data(<i32>WHOLE_BYTES) as u32;

let shown: bool = false;
let timed: bool = false;

/** Lines go to the serial port from now on. */
export function showLines(): void {
  shown = true;
}

/** Lines begin with the time at which they ended. */
export function timeLines(): void {
  timed = true;
}

/** Bytes of a domain's output for which there is room, whatever they are: each might end a line. */
export function lineRoom(): u32 {
  return shown ? sendRoom() / WHOLE_BYTES : 0xffffffff;
}

/** "[12.345678] " */
function writeTime(place: u32): u32 {
  const microseconds = now() / 1000;
  let end = writeDecimal(writeText(place, "["), microseconds / 1000000);
  // A leading 1 keeps the zeros; the point takes its place.
  const point = end;
  end = writeDecimal(point, 1000000 + (microseconds % 1000000));
  store<u8>(point, 46);
  return writeText(end, "] ");
}

function flush(domain: u32): void {
  const length = load<u32>(LENGTH + (domain << 2));
  memory.copy(WHOLE, nameOf(domain), nameBytes(domain));
  let end = writeText(WHOLE + nameBytes(domain), ": ");
  if (timed) end = writeTime(end);
  memory.copy(end, LINE + domain * LINE_BYTES, length);
  end = writeText(end + length, "\r\n");
  put(WHOLE, end - WHOLE);
  store<u32>(LENGTH + (domain << 2), 0);
}

/** Takes what a domain said, for which `lineRoom` had room. Printable ASCII, tab and escape are
 *  kept. */
export function showBytes(domain: u32, place: u32, bytes: u32): void {
  if (!shown) return;
  for (let index: u32 = 0; index < bytes; index++) {
    const byte = load<u8>(place + index) as u32;
    if (byte == NEWLINE) {
      flush(domain);
    } else if (byte >= SPACE || byte == TAB || byte == ESCAPE) {
      const length = load<u32>(LENGTH + (domain << 2));
      store<u8>(LINE + domain * LINE_BYTES + length, byte as u8);
      store<u32>(LENGTH + (domain << 2), length + 1);
      if (length + 1 == LINE_BYTES) flush(domain);
    }
  }
}
