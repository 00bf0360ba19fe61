// How fast a domain may speak: so many bytes a second, and a burst. What is too much stays in the
// domain's own ring, which makes it wait; nothing is lost.

import { now } from "../../runtime/world";
import { DOMAINS } from "./rows";

const BYTES_A_SECOND: u64 = 262144;
const BURST_BYTES: u64 = 65536;
const SECOND: u64 = 1000000000;

/** When the bytes said so far are worked off, at the allowed rate. */
const WORKED_OFF: u32 = memory.data(<i32>(DOMAINS * 8), 8) as u32;

function bytesAhead(domain: u32, time: u64): u64 {
  const until = load<u64>(WORKED_OFF + (domain << 3));
  return until <= time ? 0 : ((until - time) * BYTES_A_SECOND) / SECOND;
}

/** Bytes that a domain may say now. */
export function allowance(domain: u32): u32 {
  const ahead = bytesAhead(domain, now());
  return ahead >= BURST_BYTES ? 0 : ((BURST_BYTES - ahead) as u32);
}

/** A domain said so many bytes. */
export function charge(domain: u32, bytes: u32): void {
  const place = WORKED_OFF + (domain << 3);
  const from = max<u64>(load<u64>(place), now());
  store<u64>(place, from + ((bytes as u64) * SECOND) / BYTES_A_SECOND);
}
