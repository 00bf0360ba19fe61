// A client of xenstore over the domain's own ring (PAGE_STORE): messages go out and come in as the
// ring has room, nothing waits. Layout: public/io/xs_wire.h.

import { getParameter, sendEvent } from "./hypercall";
import { PAGE_STORE } from "./places";
import { fence, pageCopyIn, pageCopyOut, pageLoad32, pageStore32 } from "./world";

/** Types of messages. */
export const STORE_DIRECTORY: u32 = 1;
export const STORE_READ: u32 = 2;
export const STORE_WATCH: u32 = 4;
export const STORE_UNWATCH: u32 = 5;
export const STORE_TRANSACTION_START: u32 = 6;
export const STORE_TRANSACTION_END: u32 = 7;
export const STORE_WRITE: u32 = 11;
export const STORE_MKDIR: u32 = 12;
export const STORE_RM: u32 = 13;
export const STORE_SET_PERMS: u32 = 14;
export const STORE_WATCH_EVENT: u32 = 15;
export const STORE_ERROR: u32 = 16;

export const STORE_HEADER_BYTES: u32 = 16;
export const STORE_BODY_BYTES: u32 = 4096;

const PARAMETER_STORE_PORT: u32 = 2;
const RING_BYTES: u32 = 1024;
const REQUESTS: u32 = 0;
const RESPONSES: u32 = 1024;
const REQUEST_CONSUMED: u32 = 2048;
const REQUEST_PRODUCED: u32 = 2052;
const RESPONSE_CONSUMED: u32 = 2056;
const RESPONSE_PRODUCED: u32 = 2060;

/** What waits for room in the ring: a circle of bytes with free-running indices. */
const QUEUE_BYTES: u32 = 16384;
const QUEUE: u32 = memory.data(<i32>QUEUE_BYTES) as u32;
let queued: u32 = 0;
let sent: u32 = 0;

/** The message that comes in, and how much of it is there. */
const MESSAGE: u32 = memory.data(<i32>(STORE_HEADER_BYTES + STORE_BODY_BYTES), 8) as u32;
const HEADER: u32 = memory.data(<i32>STORE_HEADER_BYTES, 8) as u32;
let received: u32 = 0;

let port: u32 = 0;

/** Finds the domain's own channel to xenstore; false: it has none. */
export function storeOpen(): bool {
  port = getParameter(PARAMETER_STORE_PORT) as u32;
  return port != 0;
}

/** The port that says that messages came, or that there is room. */
export function storePort(): u32 {
  return port;
}

function enqueue(source: u32, bytes: u32): void {
  const at = queued & (QUEUE_BYTES - 1);
  const first = min<u32>(bytes, QUEUE_BYTES - at);
  memory.copy(QUEUE + at, source, first);
  memory.copy(QUEUE, source + first, bytes - first);
  queued += bytes;
}

/** Sends a request; `tag` comes back with the answer. False: too much waits already. */
export function storeSend(type: u32, transaction: u32, tag: u32, body: u32, bytes: u32): bool {
  if (bytes > STORE_BODY_BYTES) return false;
  if (QUEUE_BYTES - (queued - sent) < STORE_HEADER_BYTES + bytes) return false;
  store<u32>(HEADER, type);
  store<u32>(HEADER, tag, 4);
  store<u32>(HEADER, transaction, 8);
  store<u32>(HEADER, bytes, 12);
  enqueue(HEADER, STORE_HEADER_BYTES);
  enqueue(body, bytes);
  if (flush()) sendEvent(port);
  return true;
}

/** Moves what waits into the ring; true: some of it went. */
function flush(): bool {
  const before = sent;
  const produced = pageLoad32(PAGE_STORE, REQUEST_PRODUCED);
  let room = RING_BYTES - (produced - pageLoad32(PAGE_STORE, REQUEST_CONSUMED));
  if (room > RING_BYTES) return false;
  fence();
  let at = produced;
  // At most twice around: one of the two circles ends in between.
  while (room > 0 && sent != queued) {
    const from = sent & (QUEUE_BYTES - 1);
    const offset = at & (RING_BYTES - 1);
    const whole = min<u32>(min<u32>(queued - sent, room), QUEUE_BYTES - from);
    const bytes = min<u32>(whole, RING_BYTES - offset);
    pageCopyOut(PAGE_STORE, REQUESTS + offset, QUEUE + from, bytes);
    at += bytes;
    sent += bytes;
    room -= bytes;
  }
  if (sent == before) return false;
  fence();
  pageStore32(PAGE_STORE, REQUEST_PRODUCED, at);
  return true;
}

/** Bytes that the message being received has altogether, as far as is known. */
function wanted(): u32 {
  if (received < STORE_HEADER_BYTES) return STORE_HEADER_BYTES;
  return STORE_HEADER_BYTES + min<u32>(load<u32>(MESSAGE, 12), STORE_BODY_BYTES);
}

/** Takes bytes of the current message out of the ring; true: some came. */
function take(): bool {
  const consumed = pageLoad32(PAGE_STORE, RESPONSE_CONSUMED);
  const there = pageLoad32(PAGE_STORE, RESPONSE_PRODUCED) - consumed;
  if (there == 0 || there > RING_BYTES) return false;
  fence();
  const offset = consumed & (RING_BYTES - 1);
  const bytes = min<u32>(min<u32>(there, wanted() - received), RING_BYTES - offset);
  pageCopyIn(PAGE_STORE, RESPONSES + offset, MESSAGE + received, bytes);
  received += bytes;
  fence();
  pageStore32(PAGE_STORE, RESPONSE_CONSUMED, consumed + bytes);
  return true;
}

/** Takes the next message; false: none is there whole. The last one is overwritten. */
export function storeReceive(): bool {
  if (received == wanted()) received = 0;
  let moved = flush();
  let whole = false;
  while (!whole && take()) {
    moved = true;
    whole = received >= STORE_HEADER_BYTES && received == wanted();
  }
  if (moved) sendEvent(port);
  return whole;
}

export function messageType(): u32 {
  return load<u32>(MESSAGE);
}

export function messageTag(): u32 {
  return load<u32>(MESSAGE, 4);
}

export function messageTransaction(): u32 {
  return load<u32>(MESSAGE, 8);
}

export function messageBody(): u32 {
  return MESSAGE + STORE_HEADER_BYTES;
}

export function messageBytes(): u32 {
  return min<u32>(load<u32>(MESSAGE, 12), STORE_BODY_BYTES);
}
