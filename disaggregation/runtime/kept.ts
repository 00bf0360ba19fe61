// Memory that outlives this service: pages of the keeper (../domains/keeper), granted to the
// service's number. The first one has the pulse, by which the keeper sees that the service lives;
// the rest of it, from KEPT_STATE on, and the other pages are the service's own to use. What an
// earlier instance left in them is judged before it is believed.
//
// The configuration's first line says where they are: `kept DOMAIN REFERENCE PAGES`. Without it
// nothing is kept, and nobody looks at the pulse.

import { isText } from "./decimal";
import { mapGrant } from "./grants";
import { nextLine, openText, takeNumber, takeWord, word, wordBytes } from "./words";
import { config, now, pageCopyIn, pageCopyOut, pageLoad64, pageStore64 } from "./world";

/** Where in the first page the service's own part begins. */
export const KEPT_STATE: u32 = 64;
const PULSE: u32 = 0;
/** A service that has nothing to do shows all the same that it could (ns). */
const PULSE_INTERVAL: u64 = 1000000000;
/** How soon the keeper is asked again whose grants are not there yet (ns). */
const SOON: u64 = 1000000;
const LINE_BYTES: u32 = 64;
const PAGES_LIMIT: u32 = 512;
const PAGE_BYTES: u32 = 4096;

const LINE: u32 = memory.data(<i32>64) as u32;
const HANDLE: u32 = memory.data(<i32>(512 * 2), 2) as u32;

let keeper: u32 = 0;
let reference: u32 = 0;
let pages: u32 = 0;
let mapped: u32 = 0;

/** Reads the first line of the configuration. */
export function expectKept(): void {
  openText(LINE, min<u32>(config(LINE, LINE_BYTES), LINE_BYTES));
  if (!nextLine()) return;
  takeWord();
  if (!isText(word, wordBytes, "kept")) return;
  keeper = takeNumber() as u32;
  reference = takeNumber() as u32;
  pages = min<u32>(takeNumber() as u32, PAGES_LIMIT);
}

/** Maps what is kept; false: the keeper does not offer it yet, as `keptSoon` says when it might. */
export function isKeptReady(): bool {
  while (mapped < pages) {
    const handle = mapGrant(keeper, reference + mapped, true);
    if (handle < 0) return false;
    store<u16>(HANDLE + (mapped << 1), handle as u16);
    mapped++;
  }
  return true;
}

export function keptSoon(): u64 {
  return now() + SOON;
}

/** Pages that are kept for this service. */
export function keptPages(): u32 {
  return pages;
}

/** Handle of a kept page. */
export function keptPage(index: u32): u32 {
  return load<u16>(HANDLE + (index << 1));
}

/** Copies bytes from or to kept pages that follow one another; `offset` counts from the first of
 *  them. */
function copyKept(first: u32, offset: u32, linear: u32, bytes: u32, out: bool): void {
  let done: u32 = 0;
  while (done < bytes) {
    const at = offset + done;
    const page = keptPage(first + at / PAGE_BYTES);
    const place = at & (PAGE_BYTES - 1);
    const part = min<u32>(bytes - done, PAGE_BYTES - place);
    if (out) pageCopyOut(page, place, linear + done, part);
    else pageCopyIn(page, place, linear + done, part);
    done += part;
  }
}

export function keptCopyIn(first: u32, offset: u32, linear: u32, bytes: u32): void {
  copyKept(first, offset, linear, bytes, false);
}

export function keptCopyOut(first: u32, offset: u32, linear: u32, bytes: u32): void {
  copyKept(first, offset, linear, bytes, true);
}

/** Ends a turn: shows the pulse, and returns when the next turn is wanted at the latest. */
export function beat(deadline: u64): u64 {
  if (pages == 0) return deadline;
  pageStore64(keptPage(0), PULSE, pageLoad64(keptPage(0), PULSE) + 1);
  return deadline == 0 ? 0 : min<u64>(deadline, now() + PULSE_INTERVAL);
}
