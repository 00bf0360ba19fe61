// Machine memory. It is owned in superframes of 2 MiB. A domain's superframe is either whole (one
// extent of its memory, mapped by one 2 MiB leaf) or split: then each of its frames is memory,
// special, or free in that domain's own reservation. Nothing is shared between reservations, so the
// allocator is no channel between domains.

import * as column from "./columns";
import { FRAMES, SCRUB_PARTS, SUPERFRAME_SUMMARIES, SUPERFRAME_WORDS } from "./limits";
import { zero } from "./machine";
import { FRAME_FREE, NONE } from "./states";

const SUPERFRAME_BYTES: u64 = 0x200000;
const FRAME_BYTES: u64 = 0x1000;

/** Machine address of a frame. */
export function frameAddress(frame: u32): u64 {
  return (frame as u64) << 12;
}

/** Is `frame` a row of the table? */
export function frameExists(frame: u64): bool {
  return frame < (FRAMES as u64);
}

/** Owner's domain number plus one; 0 free, 255 not for guests. */
export function frameOwner(frame: u32): u32 {
  return column.superOwner(frame >> 9);
}

/** Mappings and pins of a frame: its own, and those of its superframe's leaves. */
export function frameUses(frame: u32): u32 {
  return column.frameReferences(frame) + column.superReferences(frame >> 9);
}

/** A frame counts one more mapping. The caller has checked frameCountable. */
export function addReference(frame: u32): void {
  column.setFrameReferences(frame, column.frameReferences(frame) + 1);
  column.setSuperUses(frame >> 9, column.superUses(frame >> 9) + 1);
}

export function dropReference(frame: u32): void {
  column.setFrameReferences(frame, column.frameReferences(frame) - 1);
  column.setSuperUses(frame >> 9, column.superUses(frame >> 9) - 1);
}

/** Can the frame's counter take one more? */
export function frameCountable(frame: u32): bool {
  return column.frameReferences(frame) < 0xfffe;
}

// ---- the pool of free superframes ---------------------------------------------------------------
// A bitmap has a bit for each superframe, a summary one for each word of the bitmap that is not
// zero, and the top one for each such word of the summary: the first is found without a search.

/** The bit of a number in its word. */
function bitOf(number: u32): u64 {
  return (1 as u64) << ((number & 63) as u64);
}

/** The lowest free superframe, or NONE. */
export function poolFirst(): u32 {
  const top = column.poolTopWord();
  if (top == 0) return NONE;
  const summary = ctz(top) as u32;
  const word = (summary << 6) | (ctz(column.poolSummaryWord(summary)) as u32);
  return (word << 6) | (ctz(column.poolWord(word)) as u32);
}

function poolRemove(superframe: u32): void {
  const word = superframe >> 6;
  const left = column.poolWord(word) & ~bitOf(superframe);
  column.setPoolWord(word, left);
  if (left != 0) return;
  const summary = word >> 6;
  const words = column.poolSummaryWord(summary) & ~bitOf(word);
  column.setPoolSummaryWord(summary, words);
  if (words == 0) column.setPoolTopWord(column.poolTopWord() & ~bitOf(summary));
}

/** A superframe goes (back) to the pool. It must not be mapped anywhere. */
export function poolAdd(superframe: u32): void {
  const word = superframe >> 6;
  const summary = word >> 6;
  column.setPoolWord(word, column.poolWord(word) | bitOf(superframe));
  column.setPoolSummaryWord(summary, column.poolSummaryWord(summary) | bitOf(word));
  column.setPoolTopWord(column.poolTopWord() | bitOf(summary));
  column.setSuperOwner(superframe, 0);
}

/** Zeros the next part of a superframe of the pool; true: all of it is zero already.
 *  FRAME-SCRUB. */
export function scrubbed(superframe: u32): bool {
  const part = column.superScrubbed(superframe);
  if (part >= SCRUB_PARTS) return true;
  const bytes = (SUPERFRAME_BYTES as u32) / SCRUB_PARTS;
  zero(((superframe as u64) << 21) + ((part * bytes) as u64), bytes);
  column.setSuperScrubbed(superframe, part + 1);
  return false;
}

/** Gives a free superframe, scrubbed, to a domain as one extent. */
export function takeWhole(superframe: u32, domain: u32): void {
  poolRemove(superframe);
  column.setSuperOwner(superframe, domain + 1);
  column.setSuperWhole(superframe, 1);
  column.setSuperScrubbed(superframe, 0);
}

/** Gives a free superframe to a domain, as 512 free frames of its reservation. */
export function takeSplit(superframe: u32, domain: u32): void {
  poolRemove(superframe);
  column.setSuperOwner(superframe, domain + 1);
  column.setSuperWhole(superframe, 0);
  column.setSuperScrubbed(superframe, 0);
  memory.fill(column.superFreeWordBase + (superframe << 6), 0xff, 64);
  column.setSuperFreeSummary(superframe, 0xff);
  markFree(superframe, domain);
}

/** Does anything map or pin any part of the superframe? */
export function superframeUsed(superframe: u32): bool {
  return column.superReferences(superframe) != 0 || column.superUses(superframe) != 0;
}

/** Takes a superframe, unmapped everywhere, from its owner back to the pool. */
export function releaseSuperframe(superframe: u32): void {
  const owner = column.superOwner(superframe);
  clearFree(superframe, owner - 1);
  column.setSuperFreeSummary(superframe, 0);
  column.setSuperWhole(superframe, 0);
  memory.fill(column.superFreeWordBase + (superframe << 6), 0, 64);
  memory.fill(column.frameKindBase + (superframe << 9), 0, 512);
  poolAdd(superframe);
}

// ---- a domain's own free frames -----------------------------------------------------------------

/** Row of a word of a domain's bitmap, and of its summary. */
function freeWord(domain: u32, word: u32): u32 {
  return domain * SUPERFRAME_WORDS + word;
}

function freeSummary(domain: u32, summary: u32): u32 {
  return domain * SUPERFRAME_SUMMARIES + summary;
}

function markFree(superframe: u32, domain: u32): void {
  const word = freeWord(domain, superframe >> 6);
  const summary = freeSummary(domain, superframe >> 12);
  column.setDomainFreeWord(word, column.domainFreeWord(word) | bitOf(superframe));
  const words = column.domainFreeSummaryWord(summary) | bitOf(superframe >> 6);
  column.setDomainFreeSummaryWord(summary, words);
  column.setDomainFreeTopWord(domain, column.domainFreeTopWord(domain) | bitOf(superframe >> 12));
}

function clearFree(superframe: u32, domain: u32): void {
  const word = freeWord(domain, superframe >> 6);
  const left = column.domainFreeWord(word) & ~bitOf(superframe);
  column.setDomainFreeWord(word, left);
  if (left != 0) return;
  const summary = freeSummary(domain, superframe >> 12);
  const words = column.domainFreeSummaryWord(summary) & ~bitOf(superframe >> 6);
  column.setDomainFreeSummaryWord(summary, words);
  if (words != 0) return;
  column.setDomainFreeTopWord(domain, column.domainFreeTopWord(domain) & ~bitOf(superframe >> 12));
}

/** The lowest free frame of a domain's reservation, or NONE. */
export function firstFree(domain: u32): u32 {
  const top = column.domainFreeTopWord(domain);
  if (top == 0) return NONE;
  const summary = ctz(top) as u32;
  const marked = column.domainFreeSummaryWord(freeSummary(domain, summary));
  const word = (summary << 6) | (ctz(marked) as u32);
  const superframe = (word << 6) | (ctz(column.domainFreeWord(freeWord(domain, word))) as u32);
  const part: u32 = ctz(column.superFreeSummary(superframe)) & 7;
  const bit = ctz(column.superFreeWord((superframe << 3) | part)) as u32;
  return (superframe << 9) | (part << 6) | bit;
}

/** Takes a free frame of `domain` into use, scrubbed. */
export function takeFrame(frame: u32, domain: u32, kind: u32): void {
  const superframe = frame >> 9;
  const row = frame >> 6;
  const left = column.superFreeWord(row) & ~((1 as u64) << ((frame & 63) as u64));
  column.setSuperFreeWord(row, left);
  if (left == 0) {
    const summary = column.superFreeSummary(superframe) & ~(1 << (row & 7));
    column.setSuperFreeSummary(superframe, summary);
    if (summary == 0) clearFree(superframe, domain);
  }
  column.setFrameKind(frame, kind);
  column.setDomainFrames(domain, column.domainFrames(domain) + 1);
  zero(frameAddress(frame), FRAME_BYTES as u32);
}

/** A frame that nothing maps becomes free in its owner's reservation. */
export function freeFrame(frame: u32, domain: u32): void {
  const superframe = frame >> 9;
  const row = frame >> 6;
  column.setSuperFreeWord(row, column.superFreeWord(row) | ((1 as u64) << ((frame & 63) as u64)));
  column.setSuperFreeSummary(superframe, column.superFreeSummary(superframe) | (1 << (row & 7)));
  column.setFrameKind(frame, FRAME_FREE);
  column.setDomainFrames(domain, column.domainFrames(domain) - 1);
  markFree(superframe, domain);
}

/** A superframe of the table that is usable and nobody's joins the pool at boot, to be scrubbed
 *  from its beginning. */
export function adoptSuperframe(superframe: u32): void {
  if (column.superOwner(superframe) != 0) return;
  column.setSuperScrubbed(superframe, 0);
  poolAdd(superframe);
}
