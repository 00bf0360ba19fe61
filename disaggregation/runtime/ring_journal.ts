// Responses on their way into a ring, in a page that outlives the service (kept.ts): a slot of a
// ring holds a request until its response takes its place, so that a service which ends in between
// would leave slots that are neither. Whoever opens the ring after it finishes what the journal
// says. One journal is written at a time; there is room for those that earlier instances left.

import { keptPage, keptPages } from "./kept";
import { fence, pageCopyIn, pageCopyOut, pageLoad32, pageStore32 } from "./world";

/** Responses of one journal, and bytes of a response. */
export const JOURNAL_RESPONSES: u32 = 64;
export const RESPONSE_LIMIT: u32 = 12;
export const NO_JOURNAL: u32 = 0xffffffff;

const PAGE: u32 = 1;
const JOURNALS: u32 = 4;
const JOURNAL_BYTES: u32 = 1024;
const SEALED: u32 = 0;
const DOMAIN: u32 = 4;
const REFERENCE: u32 = 8;
const FROM: u32 = 12;
const COUNT: u32 = 16;
const BYTES: u32 = 20;
const DATA: u32 = 64;

let next: u32 = 0;

function get(journal: u32, field: u32): u32 {
  return pageLoad32(keptPage(PAGE), journal * JOURNAL_BYTES + field);
}

function set(journal: u32, field: u32, value: u32): void {
  pageStore32(keptPage(PAGE), journal * JOURNAL_BYTES + field, value);
}

/** A journal that nobody has to finish; if all wait for somebody, the one that waits longest. */
function pick(): u32 {
  for (let count: u32 = 0; count < JOURNALS; count++) {
    next = (next + 1) & (JOURNALS - 1);
    if (get(next, SEALED) == 0) return next;
  }
  next = (next + 1) & (JOURNALS - 1);
  return next;
}

/** Notes `count` responses of `bytes` bytes each, which begin at index `from` of the ring whose
 *  first page a domain granted under `reference`. Returns the journal; NO_JOURNAL: nothing is kept.
 *  */
export function sealJournal(
  domain: u32,
  reference: u32,
  from: u32,
  count: u32,
  bytes: u32,
  source: u32,
): u32 {
  if (keptPages() <= PAGE) return NO_JOURNAL;
  const journal = pick();
  set(journal, SEALED, 0);
  set(journal, DOMAIN, domain);
  set(journal, REFERENCE, reference);
  set(journal, FROM, from);
  set(journal, COUNT, count);
  set(journal, BYTES, bytes);
  pageCopyOut(keptPage(PAGE), journal * JOURNAL_BYTES + DATA, source, count * RESPONSE_LIMIT);
  fence();
  set(journal, SEALED, 1);
  return journal;
}

/** All of it is in the ring. */
export function dropJournal(journal: u32): void {
  if (journal != NO_JOURNAL) set(journal, SEALED, 0);
}

/** The journal of a ring that an earlier instance did not finish, or NO_JOURNAL. */
export function findJournal(domain: u32, reference: u32, from: u32): u32 {
  if (keptPages() <= PAGE) return NO_JOURNAL;
  for (let journal: u32 = 0; journal < JOURNALS; journal++) {
    if (get(journal, SEALED) != 1) continue;
    if (get(journal, DOMAIN) != domain || get(journal, REFERENCE) != reference) continue;
    const sound =
      journalCount(journal) <= JOURNAL_RESPONSES && journalBytes(journal) <= RESPONSE_LIMIT;
    if (sound && get(journal, FROM) == from) return journal;
    dropJournal(journal);
  }
  return NO_JOURNAL;
}

export function journalCount(journal: u32): u32 {
  return get(journal, COUNT);
}

export function journalBytes(journal: u32): u32 {
  return get(journal, BYTES);
}

/** Copies the responses, RESPONSE_LIMIT bytes apart. */
export function readJournal(journal: u32, target: u32): void {
  const bytes = journalCount(journal) * RESPONSE_LIMIT;
  pageCopyIn(keptPage(PAGE), journal * JOURNAL_BYTES + DATA, target, bytes);
}
