// What outlives this service (kept.ts): of each domain its name, the port that it offers, how much
// it said and has been told of, and in pages of its own what it said last. Without a keeper nothing
// is written and nothing is found.

import { KEPT_STATE, keptCopyIn, keptCopyOut, keptPage, keptPages } from "../../runtime/kept";
import { pageCopyIn, pageCopyOut, pageLoad32, pageStore32 } from "../../runtime/world";

/** Not zero: an earlier instance took up its work. */
const BEGUN: u32 = KEPT_STATE;
const ROWS: u32 = 128;
const ROW_BYTES: u32 = 56;
export const NAME_LIMIT: u32 = 24;
const LENGTH: u32 = 24;

/** Numbers of a row. */
export const PORT: u32 = 28;
export const SAID: u32 = 32;
export const WATCHED: u32 = 36;
export const TOLD: u32 = 40;

const PAGE_BYTES: u32 = 4096;
const PAGES_A_DOMAIN: u32 = 4;
const FIRST_PAGE: u32 = 1;
/** Pages that all of it takes. */
const PAGES: u32 = 257;

function lasts(): bool {
  return keptPages() >= PAGES;
}

function row(domain: u32): u32 {
  return ROWS + domain * ROW_BYTES;
}

/** Has an earlier instance left what counts, whatever the configuration says of domains? */
export function hasBegun(): bool {
  return lasts() && pageLoad32(keptPage(0), BEGUN) != 0;
}

export function noteBegun(): void {
  if (lasts()) pageStore32(keptPage(0), BEGUN, 1);
}

export function noteNumber(domain: u32, field: u32, value: u32): void {
  if (lasts()) pageStore32(keptPage(0), row(domain) + field, value);
}

export function lastingNumber(domain: u32, field: u32): u32 {
  return lasts() ? pageLoad32(keptPage(0), row(domain) + field) : 0;
}

export function noteName(domain: u32, name: u32, bytes: u32): void {
  if (!lasts()) return;
  pageCopyOut(keptPage(0), row(domain), name, bytes);
  pageStore32(keptPage(0), row(domain) + LENGTH, bytes);
}

/** Copies a domain's name, at most NAME_LIMIT bytes; returns how many. */
export function lastingName(domain: u32, target: u32): u32 {
  const bytes = min<u32>(pageLoad32(keptPage(0), row(domain) + LENGTH), NAME_LIMIT);
  pageCopyIn(keptPage(0), row(domain), target, bytes);
  return bytes;
}

/** Writes bytes of what a domain said to their place in its circle, which they do not cross. */
export function noteWords(domain: u32, offset: u32, source: u32, bytes: u32): void {
  if (lasts()) keptCopyOut(FIRST_PAGE + domain * PAGES_A_DOMAIN, offset, source, bytes);
}

/** Copies the whole circle of a domain's words. */
export function lastingWords(domain: u32, target: u32): void {
  const bytes = PAGES_A_DOMAIN * PAGE_BYTES;
  keptCopyIn(FIRST_PAGE + domain * PAGES_A_DOMAIN, 0, target, bytes);
}
