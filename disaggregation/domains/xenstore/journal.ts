// What the store was asked for, in memory that outlives this service (../../runtime/kept.ts): one
// half of the journal begins with the store as it was, and goes on with each request that changes
// it. A half that is full is left for the other one, which begins with the store as it is then;
// which of them counts changes by one access. Reading it again from its beginning makes the same
// store.

import { KEPT_STATE, keptCopyIn, keptCopyOut, keptPage, keptPages } from "../../runtime/kept";
import { fence, pageLoad32, pageStore32 } from "../../runtime/world";
import { FIRST_HALF_PAGE, HALF_PAGES, LASTING_PAGES } from "./limits";

/** 0: nothing was written yet; else the half that counts, plus one. */
const ACTIVE: u32 = KEPT_STATE;
const PAGE_BYTES: u32 = 4096;
const HALF_BYTES: u32 = HALF_PAGES * PAGE_BYTES;
/** A record: { u32 bytes, header included; u8 kind; u8 domain; u16 number } and data; a record of
 *  no bytes ends the half. */
const HEADER: u32 = 8;
export const RECORD_LIMIT: u32 = 8192;

export const REQUEST: u32 = 1;
export const OPEN: u32 = 2;
export const CLOSE: u32 = 3;
export const RESET: u32 = 4;
export const NODE: u32 = 5;
export const WATCH: u32 = 6;
export const TARGET: u32 = 7;
export const TRANSACTION: u32 = 8;
export const NUMBERS: u32 = 9;

/** The record that was read last, or is being put together. */
export const DATA: u32 = memory.data(<i32>RECORD_LIMIT, 8) as u32;
const WORDS: u32 = memory.data(<i32>HEADER, 8) as u32;
export let kind: u32 = 0;
export let domain: u32 = 0;
export let number: u32 = 0;
export let dataBytes: u32 = 0;

/** The journal is being read: nothing that is done has an effect outside of the store. */
let replaying: bool = false;
/** Is what changes noted? */
let noting: bool = false;
let half: u32 = 0;
let at: u32 = 0;

function lasts(): bool {
  return keptPages() >= LASTING_PAGES;
}

/** Is there a journal that an earlier instance wrote? */
export function hasJournal(): bool {
  const active = lasts() ? pageLoad32(keptPage(0), ACTIVE) : 0;
  return active == 1 || active == 2;
}

export function isNoting(): bool {
  return noting;
}

function firstPage(): u32 {
  return FIRST_HALF_PAGE + half * HALF_PAGES;
}

function pageAt(offset: u32): u32 {
  return keptPage(firstPage() + offset / PAGE_BYTES);
}

function setLength(offset: u32, bytes: u32): void {
  pageStore32(pageAt(offset), offset & (PAGE_BYTES - 1), bytes);
}

// ---- writing ------------------------------------------------------------------------------------

/** Adds a record; false: the half has no room for it. */
export function note(what: u32, whose: u32, tag: u32, source: u32, bytes: u32): bool {
  const whole = (HEADER + bytes + 7) & ~7;
  if (whole > RECORD_LIMIT || at + whole + HEADER > HALF_BYTES) return false;
  store<u32>(WORDS, what | (whose << 8) | (tag << 16));
  keptCopyOut(firstPage(), at + 4, WORDS, 4);
  keptCopyOut(firstPage(), at + HEADER, source, bytes);
  setLength(at + whole, 0);
  fence();
  setLength(at, HEADER + bytes);
  at += whole;
  return true;
}

/** Begins the other half, which counts when `finishHalf` is called. */
export function beginHalf(): void {
  half = hasJournal() && pageLoad32(keptPage(0), ACTIVE) == 1 ? 1 : 0;
  at = 0;
  setLength(0, 0);
}

export function finishHalf(): void {
  fence();
  pageStore32(keptPage(0), ACTIVE, half + 1);
  noting = true;
}

/** The store does not fit: an instance that comes later begins with the configuration. */
export function giveUp(): void {
  noting = false;
  pageStore32(keptPage(0), ACTIVE, 0);
}

export function canLast(): bool {
  return lasts();
}

export function isReplaying(): bool {
  return replaying;
}

export function setReplaying(reads: bool): void {
  replaying = reads;
}

// ---- reading ------------------------------------------------------------------------------------

export function openJournal(): void {
  half = pageLoad32(keptPage(0), ACTIVE) - 1;
  at = 0;
}

/** Reads the next record; false: there is none. What comes later is written behind it. */
export function nextRecord(): bool {
  if (at + HEADER > HALF_BYTES) return false;
  const bytes = pageLoad32(pageAt(at), at & (PAGE_BYTES - 1));
  const whole = (bytes + 7) & ~7;
  if (bytes < HEADER || bytes > RECORD_LIMIT || at + whole > HALF_BYTES) return false;
  keptCopyIn(firstPage(), at + 4, WORDS, 4);
  const words = load<u32>(WORDS);
  kind = words & 0xff;
  domain = (words >> 8) & 0xff;
  number = words >> 16;
  dataBytes = bytes - HEADER;
  keptCopyIn(firstPage(), at + HEADER, DATA, dataBytes);
  at += whole;
  return true;
}

export function goOnNoting(): void {
  noting = true;
}
