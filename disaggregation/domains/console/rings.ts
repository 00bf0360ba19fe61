// The console rings (struct xencons_interface, public/io/console.h): out[2048] from the domain,
// in[1024] to it. The indices that the domain writes are read once for each move.

import { mapGrant, unmapGrant } from "../../runtime/grants";
import { bindInterdomain, closePort, isLeft, sendEvent } from "../../runtime/hypercall";
import { fence, pageCopyIn, pageCopyOut, pageLoad32, pageStore32 } from "../../runtime/world";
import { noteNumber, PORT as OFFERED } from "./lasting";
import { DOMAINS } from "./rows";

const GRANT_CONSOLE: u32 = 0;
const IN_BYTES: u32 = 1024;
export const OUT_BYTES: u32 = 2048;
const IN: u32 = 0;
const OUT: u32 = 1024;
const IN_CONSUMED: u32 = 3072;
const IN_PRODUCED: u32 = 3076;
const OUT_CONSUMED: u32 = 3080;
const OUT_PRODUCED: u32 = 3084;

/** Port of each domain, 0: none; and the ring's handle plus one, 0: not mapped yet. */
const PORT: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const HANDLE: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;

export function hasRing(domain: u32): bool {
  return load<u32>(PORT + (domain << 2)) != 0;
}

/** Binds to the port that a domain offers; false: it offers none. */
export function openRing(domain: u32, remotePort: u32): bool {
  const port = bindInterdomain(domain, remotePort);
  if (port <= 0) return false;
  store<u32>(PORT + (domain << 2), port as u32);
  store<u32>(HANDLE + (domain << 2), 0);
  noteNumber(domain, OFFERED, remotePort);
  return true;
}

/** Has the domain gone that was at the other end? */
export function isForsaken(domain: u32): bool {
  return hasRing(domain) && isLeft(load<u32>(PORT + (domain << 2)));
}

export function closeRing(domain: u32): void {
  if (!hasRing(domain)) return;
  const mapped = load<u32>(HANDLE + (domain << 2));
  if (mapped != 0) unmapGrant(mapped - 1);
  closePort(load<u32>(PORT + (domain << 2)));
  noteNumber(domain, OFFERED, 0);
  store<u32>(PORT + (domain << 2), 0);
  store<u32>(HANDLE + (domain << 2), 0);
}

/** The domain that a port leads to, or DOMAINS. */
export function domainOfPort(port: u32): u32 {
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    if (load<u32>(PORT + (domain << 2)) == port) return domain;
  }
  return DOMAINS;
}

/** Is the ring there? A domain's can be mapped once it has run. */
function isMapped(domain: u32): bool {
  if (load<u32>(HANDLE + (domain << 2)) != 0) return true;
  if (!hasRing(domain)) return false;
  const handle = mapGrant(domain, GRANT_CONSOLE, true);
  if (handle < 0) return false;
  store<u32>(HANDLE + (domain << 2), (handle as u32) + 1);
  return true;
}

function handleOf(domain: u32): u32 {
  return load<u32>(HANDLE + (domain << 2)) - 1;
}

export function notify(domain: u32): void {
  sendEvent(load<u32>(PORT + (domain << 2)));
}

/** Bytes that wait in the domain's ring. One that names more than fit has lost them. */
export function waitingBytes(domain: u32): u32 {
  if (!isMapped(domain)) return 0;
  const handle = handleOf(domain);
  const consumed = pageLoad32(handle, OUT_CONSUMED);
  const produced = pageLoad32(handle, OUT_PRODUCED);
  if (produced - consumed <= OUT_BYTES) return produced - consumed;
  pageStore32(handle, OUT_CONSUMED, produced);
  return 0;
}

/** Copies `bytes` that wait, which `waitingBytes` said, and leaves them there. */
export function peek(domain: u32, target: u32, bytes: u32): void {
  const handle = handleOf(domain);
  const consumed = pageLoad32(handle, OUT_CONSUMED);
  fence();
  const offset = consumed & (OUT_BYTES - 1);
  const first = min<u32>(bytes, OUT_BYTES - offset);
  pageCopyIn(handle, OUT + offset, target, first);
  pageCopyIn(handle, OUT, target + first, bytes - first);
}

/** Takes `bytes` out, after `peek`. */
export function consume(domain: u32, bytes: u32): void {
  const handle = handleOf(domain);
  fence();
  pageStore32(handle, OUT_CONSUMED, pageLoad32(handle, OUT_CONSUMED) + bytes);
}

/** Bytes that can be given to the domain. */
export function roomBytes(domain: u32): u32 {
  if (!isMapped(domain)) return 0;
  const handle = handleOf(domain);
  const used = pageLoad32(handle, IN_PRODUCED) - pageLoad32(handle, IN_CONSUMED);
  return used > IN_BYTES ? 0 : IN_BYTES - used;
}

/** Gives `bytes` to the domain; there is room for them. */
export function give(domain: u32, source: u32, bytes: u32): void {
  const handle = handleOf(domain);
  const produced = pageLoad32(handle, IN_PRODUCED);
  fence();
  const offset = produced & (IN_BYTES - 1);
  const first = min<u32>(bytes, IN_BYTES - offset);
  pageCopyOut(handle, IN + offset, source, first);
  pageCopyOut(handle, IN, source + first, bytes - first);
  fence();
  pageStore32(handle, IN_PRODUCED, produced + bytes);
}
