// What guests say: bytes are collected into a line for each domain and written with the domain's
// name before it, so that no guest can speak in another's name or in the hypervisor's.

import * as column from "./columns";
import { raise } from "./event";
import { DOMAIN_NAME_BYTES, LINE_BYTES } from "./limits";
import { load8, load32, store32 } from "./machine";
import { emitLine } from "./text";

/** The console ring page (xen/include/public/io/console.h): out[2048] at 1024, indices behind. */
const RING_OUT: u64 = 1024;
const RING_OUT_BYTES: u32 = 2048;
const RING_OUT_CONSUMED: u64 = 3080;
const RING_OUT_PRODUCED: u64 = 3084;
/** Bytes that one call takes out of a ring: the whole ring. */
const DRAIN_BYTES: u32 = 2048;

/** Appends a domain's name to the line in the scratch frame. */
export function putName(place: u32, domain: u32): u32 {
  let at = place;
  for (let index: u32 = 0; index < DOMAIN_NAME_BYTES; index++) {
    const byte = column.domainNameByte((domain << 5) | index);
    if (byte == 0) break;
    column.setScratchByte(at, byte);
    at++;
  }
  return at;
}

/** Writes a domain's collected line. CONSOLE-LINE. */
export function flushLine(domain: u32): void {
  const length = column.domainLineLength(domain);
  let at = putName(0, domain);
  column.setScratchByte(at, 58);
  column.setScratchByte(at + 1, 32);
  at += 2;
  memory.copy(
    column.scratchByteBase + at,
    column.domainLineByteBase + (domain << 8),
    min<u32>(length, LINE_BYTES),
  );
  column.setDomainLineLength(domain, 0);
  emitLine(at + min<u32>(length, LINE_BYTES));
}

/** Takes one byte from a domain: printable ASCII, tab and escape are kept. CONSOLE-PUT. */
export function putByte(domain: u32, byte: u32): void {
  if (byte == 10) {
    flushLine(domain);
    return;
  }
  if (byte < 32 && byte != 9 && byte != 27) return;
  const length = column.domainLineLength(domain);
  column.setDomainLineByte((domain << 8) | (length & (LINE_BYTES - 1)), byte);
  column.setDomainLineLength(domain, length + 1);
  if (length + 1 >= LINE_BYTES) flushLine(domain);
}

/** Takes what a domain has put into its console ring, at most the ring's size, and tells it so.
 *  CONSOLE-DRAIN. */
export function drainConsole(domain: u32): void {
  const frame = column.domainConsoleFrame(domain);
  if (frame == 0) return;
  const ring = ((frame - 1) as u64) << 12;
  const consumed = load32(ring + RING_OUT_CONSUMED);
  const produced = load32(ring + RING_OUT_PRODUCED);
  const waiting = min<u32>(produced - consumed, DRAIN_BYTES);
  for (let index: u32 = 0; index < waiting; index++) {
    const offset = (consumed + index) & (RING_OUT_BYTES - 1);
    putByte(domain, load8(ring + RING_OUT + (offset as u64)));
  }
  if (waiting == 0) return;
  store32(ring + RING_OUT_CONSUMED, consumed + waiting);
  raise(domain, column.domainConsolePort(domain));
}
