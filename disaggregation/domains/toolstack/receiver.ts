// Frames out of a line on which anything may come: garbage, half frames, frames in frames.

import * as wire from "../../control/wire";
import { receive } from "../../runtime/uart";
import { now } from "../../runtime/world";
import { FRAME_LIMIT, frameAt, UNKNOWN } from "./frame";

const BUFFER: u32 = memory.data(<i32>(16 + 4224 + 16), 8) as u32;
/** Bytes that are skipped in one turn. */
const SKIP_LIMIT: u32 = 1024;

let filled: u32 = 0;
let start: u32 = 0;
let lastByte: u64 = 0;

/** Takes bytes from the line; false: none came. */
export function listen(): bool {
  if (start != 0) {
    memory.copy(BUFFER, BUFFER + start, filled - start);
    filled -= start;
    start = 0;
  }
  const count = receive(BUFFER + filled, FRAME_LIMIT - filled);
  filled += count;
  // What has no room yet is not a silence.
  if (count != 0 || filled == FRAME_LIMIT) lastByte = now();
  return count != 0;
}

/** A frame that is whole but not taken ends here: the search goes on in it. */
export function skipByte(): void {
  start++;
}

export function dropFrame(frame: u32): void {
  start += wire.HEADER_BYTES + (load<u16>(frame + wire.FIELD_BODY_BYTES) as u32) + wire.TAG_BYTES;
}

/** The next whole frame, genuine or not; 0: none is there yet. A frame that broke off is given up
 *  when the line was silent for a while. */
export function nextFrame(): u32 {
  for (let skipped: u32 = 0; skipped < SKIP_LIMIT && start < filled; skipped++) {
    const bytes = frameAt(BUFFER + start, filled - start);
    if (bytes == UNKNOWN) {
      if (now() - lastByte < (wire.GAP_NANOSECONDS as u64)) return 0;
    } else if (bytes != 0) return BUFFER + start;
    start++;
  }
  return 0;
}

/** Does something wait that a look can get on with? */
export function hasMore(): bool {
  return start < filled && frameAt(BUFFER + start, filled - start) != UNKNOWN;
}
