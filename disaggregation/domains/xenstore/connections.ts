// The rings to the domains (public/io/xs_wire.h): bytes in until a request is whole, bytes out
// until an answer is. One answer or event at a time is under way for each domain, and its next
// request is looked at when everything before it is in the ring: a domain that does not read makes
// nobody else hold anything for it.

import { mapGrant, unmapGrant } from "../../runtime/grants";
import { bindInterdomain, closePort, isLeft, sendEvent } from "../../runtime/hypercall";
import { fence, pageCopyIn, pageCopyOut, pageLoad32, pageStore32 } from "../../runtime/world";
import { isReplaying } from "./journal";
import * as lasting from "./lasting_ring";
import { DOMAINS, PAYLOAD_LIMIT } from "./limits";

const GRANT_XENSTORE: u32 = 1;
export const HEADER_BYTES: u32 = 16;
const MESSAGE_BYTES: u32 = HEADER_BYTES + PAYLOAD_LIMIT;

const RING_BYTES: u32 = 1024;
const REQUESTS: u32 = 0;
const ANSWERS: u32 = 1024;
const REQUEST_CONSUMED: u32 = 2048;
const REQUEST_PRODUCED: u32 = 2052;
const ANSWER_CONSUMED: u32 = 2056;
const ANSWER_PRODUCED: u32 = 2060;
const SERVER_FEATURES: u32 = 2064;
const CONNECTION: u32 = 2068;
const ERROR: u32 = 2072;
/** Bits of SERVER_FEATURES: reconnection, error field. */
const FEATURES: u32 = 3;
/** Values of CONNECTION and ERROR. */
const CONNECTED: u32 = 0;
const RECONNECT: u32 = 1;
const ERROR_INDEX: u32 = 2;
const ERROR_PROTOCOL: u32 = 3;

const CLOSED: u32 = 0;
/** The port is bound; the ring is mapped when the domain has run. */
const BOUND: u32 = 1;
const OPEN: u32 = 2;
/** The domain broke the protocol; it is heard again after a reconnection. */
const BROKEN: u32 = 3;

const STATE: u32 = memory.data(<i32>DOMAINS) as u32;
const PORT: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const HANDLE: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
/** Bytes received of the current request; bytes of the answer, and those sent. */
const RECEIVED: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const ANSWER_BYTES: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const SENT: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const REQUEST: u32 = memory.data(<i32>(DOMAINS * MESSAGE_BYTES), 8) as u32;
const ANSWER: u32 = memory.data(<i32>(DOMAINS * MESSAGE_BYTES), 8) as u32;

/** The port that each domain offers. */
const OFFERED: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
/** How far the ring's requests were taken; number of the request that comes in, and of the last one
 *  that was answered; how many answers and events there were. Numbers wrap at 16 bits. */
const CONSUMED: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const NUMBER: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const ANSWERED: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const TURN: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const NUMBERS: u32 = 0xffff;
/** Number of the last request of this connection that the journal has, while that is read; NONE. */
const READ: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const NONE: u32 = 0xffffffff;
/** Type of an event, which answers no request. */
const WATCH_EVENT: u32 = 15;

/** Whether indices were moved since the domain was notified last. */
const MOVED: u32 = memory.data(<i32>DOMAINS) as u32;

function get(column: u32, domain: u32): u32 {
  return load<u32>(column + (domain << 2));
}
function set(column: u32, domain: u32, value: u32): void {
  store<u32>(column + (domain << 2), value);
}
function stateOf(domain: u32): u32 {
  return load<u8>(STATE + domain);
}
function setState(domain: u32, state: u32): void {
  store<u8>(STATE + domain, state as u8);
}

export function isIntroduced(domain: u32): bool {
  return domain < DOMAINS && stateOf(domain) != CLOSED;
}

/** The domain whose ring a port belongs to, or DOMAINS. */
export function domainOfPort(port: u32): u32 {
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    if (isIntroduced(domain) && get(PORT, domain) == port) return domain;
  }
  return DOMAINS;
}

function forget(domain: u32): void {
  set(RECEIVED, domain, 0);
  set(ANSWER_BYTES, domain, 0);
  set(SENT, domain, 0);
}

/** Binds to the port that a domain offers; false: it offers none. While the journal is read nothing
 *  is bound: `takeUpConnection` does that for those that are open in the end. */
export function openConnection(domain: u32, remotePort: u32): bool {
  const port = isReplaying() ? 0 : bindInterdomain(domain, remotePort);
  if (port < 0) return false;
  set(PORT, domain, port as u32);
  set(OFFERED, domain, remotePort);
  set(NUMBER, domain, (get(ANSWERED, domain) + 1) & NUMBERS);
  set(READ, domain, NONE);
  forget(domain);
  setState(domain, BOUND);
  if (!isReplaying()) lasting.setRingValid(domain, false);
  return true;
}

export function offeredPort(domain: u32): u32 {
  return get(OFFERED, domain);
}

/** Number of the request that comes in. */
export function requestNumber(domain: u32): u32 {
  return get(NUMBER, domain);
}

/** The journal has a request of the domain, of a number, which is carried out again. */
export function noteRead(domain: u32, number: u32): void {
  set(READ, domain, number);
}

/** A connection that is open in the journal is taken up where an earlier instance left it. The
 *  answer to the journal's last request of the domain stands in its place. */
export function takeUpConnection(domain: u32): void {
  const port = bindInterdomain(domain, offeredPort(domain));
  if (port < 0) {
    setState(domain, CLOSED);
    return;
  }
  set(PORT, domain, port as u32);
  if (!lasting.isRingValid(domain)) return forget(domain);
  const done = get(ANSWER_BYTES, domain);
  set(CONSUMED, domain, lasting.takenIndex(domain));
  set(NUMBER, domain, lasting.takenNumber(domain));
  set(ANSWERED, domain, lasting.answeredNumber(domain));
  set(TURN, domain, lasting.answerTurn(domain));
  set(RECEIVED, domain, lasting.takenBytes(domain));
  lasting.lastingBytes(domain, lasting.REQUEST_PLACE, requestHeader(domain), get(RECEIVED, domain));
  const number = get(NUMBER, domain);
  if (get(READ, domain) == number && get(ANSWERED, domain) != number) {
    // It was carried out, and nobody was told.
    keepAnswer(domain, done, number);
  } else {
    set(ANSWER_BYTES, domain, lasting.answerBytes(domain));
    set(SENT, domain, min<u32>(lasting.givenBytes(domain), lasting.answerBytes(domain)));
    const place = ANSWER + domain * MESSAGE_BYTES;
    lasting.lastingBytes(domain, lasting.ANSWER_PLACE, place, lasting.answerBytes(domain));
  }
  if (get(ANSWERED, domain) == number) dropRequest(domain);
}

/** The ring's indices are moved to what was noted of them. */
function takeUpRing(domain: u32): void {
  const handle = get(HANDLE, domain);
  if (lasting.isRingValid(domain)) {
    pageStore32(handle, REQUEST_CONSUMED, lasting.takenIndex(domain));
    pageStore32(handle, ANSWER_PRODUCED, lasting.givenIndex(domain));
    store<u8>(MOVED + domain, 1);
    return;
  }
  set(CONSUMED, domain, pageLoad32(handle, REQUEST_CONSUMED));
  lasting.noteTaken(domain, get(CONSUMED, domain), 0, get(NUMBER, domain));
  lasting.noteAnswered(domain, get(ANSWERED, domain), 0, get(TURN, domain));
  lasting.noteGiven(domain, pageLoad32(handle, ANSWER_PRODUCED), 0, get(TURN, domain));
  lasting.setRingValid(domain, true);
}

/** Has the domain gone that was at the other end? */
export function isForsaken(domain: u32): bool {
  return isIntroduced(domain) && isLeft(get(PORT, domain));
}

export function closeConnection(domain: u32): void {
  const state = stateOf(domain);
  if (state == CLOSED) return;
  setState(domain, CLOSED);
  if (isReplaying()) return;
  lasting.setRingValid(domain, false);
  if (state != BOUND) unmapGrant(get(HANDLE, domain));
  closePort(get(PORT, domain));
}

/** Maps the ring, once there is one to map. */
function isMapped(domain: u32): bool {
  const state = stateOf(domain);
  if (state != BOUND) return state != CLOSED;
  const handle = mapGrant(domain, GRANT_XENSTORE, true);
  if (handle < 0) return false;
  set(HANDLE, domain, handle as u32);
  setState(domain, OPEN);
  takeUpRing(domain);
  pageStore32(handle as u32, SERVER_FEATURES, FEATURES);
  return true;
}

function refuse(domain: u32, error: u32): void {
  setState(domain, BROKEN);
  pageStore32(get(HANDLE, domain), ERROR, error);
}

/** Can anything be heard of the domain? */
export function isOpen(domain: u32): bool {
  return isMapped(domain) && stateOf(domain) == OPEN;
}

/** Has the domain asked to begin anew? Its indices are zero then. */
export function wantsReconnection(domain: u32): bool {
  if (!isMapped(domain)) return false;
  return pageLoad32(get(HANDLE, domain), CONNECTION) == RECONNECT;
}

/** Both ends begin anew. */
export function reconnect(domain: u32): void {
  const handle = get(HANDLE, domain);
  lasting.setRingValid(domain, false);
  forget(domain);
  setState(domain, OPEN);
  pageStore32(handle, REQUEST_CONSUMED, 0);
  pageStore32(handle, REQUEST_PRODUCED, 0);
  pageStore32(handle, ANSWER_CONSUMED, 0);
  pageStore32(handle, ANSWER_PRODUCED, 0);
  pageStore32(handle, ERROR, 0);
  fence();
  pageStore32(handle, CONNECTION, CONNECTED);
  takeUpRing(domain);
  store<u8>(MOVED + domain, 1);
}

// ---- out ----------------------------------------------------------------------------------------

/** Where the body of the next answer is written. */
export function answerBody(domain: u32): u32 {
  return ANSWER + domain * MESSAGE_BYTES + HEADER_BYTES;
}

/** Is everything that was said to the domain in its ring? */
export function isQuiet(domain: u32): bool {
  return get(SENT, domain) == get(ANSWER_BYTES, domain);
}

/** Says what stands at answerBody. */
export function answer(domain: u32, type: u32, tag: u32, space: u32, bytes: u32): void {
  const header = ANSWER + domain * MESSAGE_BYTES;
  store<u32>(header, type);
  store<u32>(header, tag, 4);
  store<u32>(header, space, 8);
  store<u32>(header, bytes, 12);
  const event = type == WATCH_EVENT;
  keepAnswer(domain, HEADER_BYTES + bytes, event ? get(ANSWERED, domain) : get(NUMBER, domain));
}

/** The answer in its place is what is said next; `number` is the last request that is answered. */
function keepAnswer(domain: u32, bytes: u32, number: u32): void {
  set(ANSWER_BYTES, domain, bytes);
  set(SENT, domain, 0);
  if (isReplaying()) return;
  const turn = (get(TURN, domain) + 1) & NUMBERS;
  set(TURN, domain, turn);
  set(ANSWERED, domain, number);
  lasting.noteBytes(domain, lasting.ANSWER_PLACE, ANSWER + domain * MESSAGE_BYTES, bytes);
  lasting.noteAnswered(domain, number, bytes, turn);
}

/** Moves what is left of the answer into the ring; false: nothing could be moved. */
export function sendOn(domain: u32): bool {
  if (isQuiet(domain)) return false;
  const handle = get(HANDLE, domain);
  const produced = pageLoad32(handle, ANSWER_PRODUCED);
  const waiting = produced - pageLoad32(handle, ANSWER_CONSUMED);
  if (waiting > RING_BYTES) {
    refuse(domain, ERROR_INDEX);
    return false;
  }
  fence();
  const sent = get(SENT, domain);
  const offset = produced & (RING_BYTES - 1);
  const room = min<u32>(RING_BYTES - waiting, RING_BYTES - offset);
  const bytes = min<u32>(room, get(ANSWER_BYTES, domain) - sent);
  if (bytes == 0) return false;
  pageCopyOut(handle, ANSWERS + offset, ANSWER + domain * MESSAGE_BYTES + sent, bytes);
  lasting.noteGiven(domain, produced + bytes, sent + bytes, get(TURN, domain));
  fence();
  pageStore32(handle, ANSWER_PRODUCED, produced + bytes);
  set(SENT, domain, sent + bytes);
  store<u8>(MOVED + domain, 1);
  return true;
}

// ---- in -----------------------------------------------------------------------------------------

export function requestHeader(domain: u32): u32 {
  return REQUEST + domain * MESSAGE_BYTES;
}

/** Bytes that the request has altogether, as far as is known. */
function requestBytes(domain: u32): u32 {
  if (get(RECEIVED, domain) < HEADER_BYTES) return HEADER_BYTES;
  return HEADER_BYTES + load<u32>(requestHeader(domain), 12);
}

/** Takes bytes of the request out of the ring; false: there are none. */
export function receiveOn(domain: u32): bool {
  const handle = get(HANDLE, domain);
  const consumed = pageLoad32(handle, REQUEST_CONSUMED);
  const there = pageLoad32(handle, REQUEST_PRODUCED) - consumed;
  if (there > RING_BYTES) refuse(domain, ERROR_INDEX);
  if (there == 0 || there > RING_BYTES) return false;
  fence();
  const received = get(RECEIVED, domain);
  const offset = consumed & (RING_BYTES - 1);
  const wanted = min<u32>(there, requestBytes(domain) - received);
  const bytes = min<u32>(wanted, RING_BYTES - offset);
  const target = requestHeader(domain) + received;
  pageCopyIn(handle, REQUESTS + offset, target, bytes);
  lasting.noteBytes(domain, lasting.REQUEST_PLACE + received, target, bytes);
  set(CONSUMED, domain, consumed + bytes);
  lasting.noteTaken(domain, consumed + bytes, received + bytes, get(NUMBER, domain));
  fence();
  pageStore32(handle, REQUEST_CONSUMED, consumed + bytes);
  set(RECEIVED, domain, received + bytes);
  store<u8>(MOVED + domain, 1);
  if (received + bytes < HEADER_BYTES) return true;
  if (load<u32>(requestHeader(domain), 12) <= PAYLOAD_LIMIT) return true;
  refuse(domain, ERROR_PROTOCOL);
  return false;
}

/** Is a whole request there? */
export function isWhole(domain: u32): bool {
  const received = get(RECEIVED, domain);
  return received >= HEADER_BYTES && received == requestBytes(domain);
}

/** The request is done with. */
export function dropRequest(domain: u32): void {
  set(RECEIVED, domain, 0);
  if (isReplaying()) return;
  set(NUMBER, domain, (get(NUMBER, domain) + 1) & NUMBERS);
  lasting.noteTaken(domain, get(CONSUMED, domain), 0, get(NUMBER, domain));
}

/** Notifies the domain if its ring changed. */
export function notify(domain: u32): void {
  if (load<u8>(MOVED + domain) == 0) return;
  store<u8>(MOVED + domain, 0);
  sendEvent(get(PORT, domain));
}
