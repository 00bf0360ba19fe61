// The back end's half of a shared ring (Xen's public/io/ring.h). The other half belongs to a domain
// that may write anything at any moment: its index is read once for each decision, a request is
// copied out before anybody looks at it, and the own indices live here, not in the shared page.

import {
  dropJournal,
  findJournal,
  JOURNAL_RESPONSES,
  journalBytes,
  journalCount,
  NO_JOURNAL,
  RESPONSE_LIMIT,
  readJournal,
  sealJournal,
} from "./ring_journal";
import { fence, pageCopyIn, pageCopyOut, pageLoad32, pageStore32 } from "./world";

/** Rings that a service can hold at once. */
export const RINGS: u32 = 128;
/** Pages of the largest ring, and the largest order that a front end may ask for. */
export const RING_PAGES: u32 = 4;
export const RING_ORDER_LIMIT: u32 = 2;
/** What `ringPending` says of indices that no working front end can have written. */
export const RING_BROKEN: u32 = 0xffffffff;

const PAGE_BYTES: u32 = 4096;
const HEADER_BYTES: u32 = 64;
const REQUEST_PRODUCED: u32 = 0;
const REQUEST_EVENT: u32 = 4;
const RESPONSE_PRODUCED: u32 = 8;
const RESPONSE_EVENT: u32 = 12;

const HANDLE: u32 = memory.data(<i32>(RINGS * RING_PAGES * 4), 4) as u32;
const SLOTS: u32 = memory.data(<i32>(RINGS * 4), 4) as u32;
const SLOT_BYTES: u32 = memory.data(<i32>(RINGS * 4), 4) as u32;
/** Requests copied out, responses put, those of them that are in the ring, and those that the front
 *  end was told of. */
const TAKEN: u32 = memory.data(<i32>(RINGS * 4), 4) as u32;
const ANSWERED: u32 = memory.data(<i32>(RINGS * 4), 4) as u32;
const SHOWN: u32 = memory.data(<i32>(RINGS * 4), 4) as u32;
const PUBLISHED: u32 = memory.data(<i32>(RINGS * 4), 4) as u32;

/** Whose ring it is, and the reference of its first page. */
const DOMAIN: u32 = memory.data(<i32>(RINGS * 4), 4) as u32;
const REFERENCE: u32 = memory.data(<i32>(RINGS * 4), 4) as u32;
/** Responses that are not in the ring yet, and their bytes. */
const STAGED: u32 = memory.data(<i32>(RINGS * JOURNAL_RESPONSES * RESPONSE_LIMIT), 4) as u32;
const RESPONSE_BYTES: u32 = memory.data(<i32>(RINGS * 4), 4) as u32;

function handleOf(ring: u32, page: u32): u32 {
  return load<u32>(HANDLE + ((ring * RING_PAGES + page) << 2));
}

/** Names the mapping that holds page `page` of the ring. */
export function setRingPage(ring: u32, page: u32, handle: u32): void {
  store<u32>(HANDLE + ((ring * RING_PAGES + page) << 2), handle);
}

/** Slots of a ring: the largest power of two that fits behind the header. */
function slotsFor(slotBytes: u32, order: u32): u32 {
  const room = ((PAGE_BYTES << order) - HEADER_BYTES) / slotBytes;
  return 1 << (31 - clz(room));
}

/**
 * Begins with a ring whose pages are mapped. It goes on behind the last response that the shared
 * page shows: a new ring starts at zero, and one that an earlier instance of the service left
 * behind is taken up where that one answered last. False: the indices make no sense.
 */
export function openRing(ring: u32, slotBytes: u32, order: u32, domain: u32, reference: u32): bool {
  const slots = slotsFor(slotBytes, order);
  const answered = pageLoad32(handleOf(ring, 0), RESPONSE_PRODUCED);
  store<u32>(SLOTS + (ring << 2), slots);
  store<u32>(SLOT_BYTES + (ring << 2), slotBytes);
  store<u32>(DOMAIN + (ring << 2), domain);
  store<u32>(REFERENCE + (ring << 2), reference);
  store<u32>(TAKEN + (ring << 2), answered);
  store<u32>(ANSWERED + (ring << 2), answered);
  store<u32>(SHOWN + (ring << 2), answered);
  store<u32>(PUBLISHED + (ring << 2), answered);
  if (ringPending(ring) == RING_BROKEN) return false;
  return finishJournal(ring, answered);
}

/** Shows what an earlier instance was about to show. False: the ring has no room for it. */
function finishJournal(ring: u32, from: u32): bool {
  const domain = load<u32>(DOMAIN + (ring << 2));
  const journal = findJournal(domain, load<u32>(REFERENCE + (ring << 2)), from);
  if (journal == NO_JOURNAL) return true;
  const count = journalCount(journal);
  if (count > ringPending(ring)) return false;
  readJournal(journal, stagedAt(ring, 0));
  store<u32>(RESPONSE_BYTES + (ring << 2), journalBytes(journal));
  store<u32>(TAKEN + (ring << 2), from + count);
  store<u32>(ANSWERED + (ring << 2), from + count);
  showResponses(ring);
  dropJournal(journal);
  return true;
}

function stagedAt(ring: u32, index: u32): u32 {
  return STAGED + (ring * JOURNAL_RESPONSES + index) * RESPONSE_LIMIT;
}

export function ringSlots(ring: u32): u32 {
  return load<u32>(SLOTS + (ring << 2));
}

/** Requests that wait, by one look at the front end's index; RING_BROKEN: more than fit. */
export function ringPending(ring: u32): u32 {
  const produced = pageLoad32(handleOf(ring, 0), REQUEST_PRODUCED);
  fence();
  if (produced - load<u32>(ANSWERED + (ring << 2)) > ringSlots(ring)) return RING_BROKEN;
  const pending = produced - load<u32>(TAKEN + (ring << 2));
  // Back behind what was taken already: no working front end does that either.
  return pending > ringSlots(ring) ? RING_BROKEN : pending;
}

/** Byte offset of a slot in the ring's pages. */
function slotOffset(ring: u32, index: u32): u32 {
  return HEADER_BYTES + (index & (ringSlots(ring) - 1)) * load<u32>(SLOT_BYTES + (ring << 2));
}

/** Copies the first `bytes` of the next request to `target` and counts it as taken. The caller has
 *  asked `ringPending`. */
export function takeRequest(ring: u32, target: u32, bytes: u32): void {
  const taken = load<u32>(TAKEN + (ring << 2));
  store<u32>(TAKEN + (ring << 2), taken + 1);
  const offset = slotOffset(ring, taken);
  const page = offset >> 12;
  const first = min<u32>(bytes, PAGE_BYTES - (offset & 4095));
  pageCopyIn(handleOf(ring, page), offset & 4095, target, first);
  if (first < bytes) pageCopyIn(handleOf(ring, page + 1), 0, target + first, bytes - first);
}

/** Gives back the last `count` requests that were taken and not answered: they come again. */
export function returnRequests(ring: u32, count: u32): void {
  store<u32>(TAKEN + (ring << 2), load<u32>(TAKEN + (ring << 2)) - count);
}

/** Puts the next response; the front end sees it when it is published, or when there is no room for
 *  more of them here. Never more responses than requests were taken: the caller answers each once.
 *  At most RESPONSE_LIMIT bytes, as many each time. */
export function putResponse(ring: u32, source: u32, bytes: u32): void {
  const answered = load<u32>(ANSWERED + (ring << 2));
  if (answered == load<u32>(TAKEN + (ring << 2))) return;
  makeRoom(ring, 1);
  const staged = answered - load<u32>(SHOWN + (ring << 2));
  memory.copy(stagedAt(ring, staged), source, min<u32>(bytes, RESPONSE_LIMIT));
  store<u32>(RESPONSE_BYTES + (ring << 2), min<u32>(bytes, RESPONSE_LIMIT));
  store<u32>(ANSWERED + (ring << 2), answered + 1);
}

/** Sees to it that the next `count` responses (as many as a journal has, at most) are shown at once
 *  or not at all. */
export function makeRoom(ring: u32, count: u32): void {
  const staged = load<u32>(ANSWERED + (ring << 2)) - load<u32>(SHOWN + (ring << 2));
  if (staged + count > JOURNAL_RESPONSES) showResponses(ring);
}

/** Copies bytes into a slot. */
function fillSlot(ring: u32, index: u32, source: u32, bytes: u32): void {
  const offset = slotOffset(ring, index);
  const page = offset >> 12;
  const first = min<u32>(bytes, PAGE_BYTES - (offset & 4095));
  pageCopyOut(handleOf(ring, page), offset & 4095, source, first);
  if (first < bytes) pageCopyOut(handleOf(ring, page + 1), 0, source + first, bytes - first);
}

/** Moves what was put into the ring: all of it, whatever happens to the service meanwhile. */
function showResponses(ring: u32): void {
  const from = load<u32>(SHOWN + (ring << 2));
  const to = load<u32>(ANSWERED + (ring << 2));
  if (from == to) return;
  const bytes = load<u32>(RESPONSE_BYTES + (ring << 2));
  const domain = load<u32>(DOMAIN + (ring << 2));
  const reference = load<u32>(REFERENCE + (ring << 2));
  const journal = sealJournal(domain, reference, from, to - from, bytes, stagedAt(ring, 0));
  for (let index = from; index != to; index++) {
    fillSlot(ring, index, stagedAt(ring, index - from), bytes);
  }
  fence();
  pageStore32(handleOf(ring, 0), RESPONSE_PRODUCED, to);
  fence();
  dropJournal(journal);
  store<u32>(SHOWN + (ring << 2), to);
}

/** Requests taken and not answered yet. */
export function ringOwed(ring: u32): u32 {
  return load<u32>(TAKEN + (ring << 2)) - load<u32>(ANSWERED + (ring << 2));
}

/** Shows the responses to the front end. True: it has asked to be notified of one of them. */
export function publishResponses(ring: u32): bool {
  const before = load<u32>(PUBLISHED + (ring << 2));
  const now = load<u32>(ANSWERED + (ring << 2));
  if (now == before) return false;
  showResponses(ring);
  store<u32>(PUBLISHED + (ring << 2), now);
  return now - pageLoad32(handleOf(ring, 0), RESPONSE_EVENT) < now - before;
}

/** Asks for a notification of the request that is `distance` behind the last one taken (1: the
 *  next), and says how many wait already. Call it before sleeping. */
export function awaitRequests(ring: u32, distance: u32): u32 {
  const taken = load<u32>(TAKEN + (ring << 2));
  pageStore32(handleOf(ring, 0), REQUEST_EVENT, taken + distance);
  fence();
  return ringPending(ring);
}
