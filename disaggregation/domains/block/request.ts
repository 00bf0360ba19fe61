// A block request, in a copy of the service's own: decoded and checked here, and nowhere else is it
// looked at. Layouts of public/io/blkif.h for 64-bit front ends.

import { copiesDone } from "../../runtime/copies";
import { copyAdd, copyBegin, OWN, pageFrame } from "../../runtime/hypercall";
import { PAGE_OWN } from "../../runtime/places";
import { pageCopyIn } from "../../runtime/world";

export const REQUEST_BYTES: u32 = 112;
export const RESPONSE_BYTES: u32 = 16;

export const READ: u32 = 0;
export const WRITE: u32 = 1;
export const FLUSH: u32 = 3;
export const DISCARD: u32 = 5;
export const INDIRECT: u32 = 6;

export const OKAY: i32 = 0;
export const FAILED: i32 = -1;
export const UNSUPPORTED: i32 = -2;

/** Segments of a plain request, and the most that an indirect one may have: 256 KiB. */
export const DIRECT_SEGMENTS: u32 = 11;
export const INDIRECT_SEGMENTS: u32 = 64;
const SEGMENT_BYTES: u32 = 8;
const LAST_SECTOR_OF_PAGE: u32 = 7;

/** The request at hand, and its segments wherever they came from. */
export const REQUEST: u32 = memory.data(<i32>REQUEST_BYTES, 8) as u32;
const INDIRECT_LIST: u32 = memory.data(<i32>(INDIRECT_SEGMENTS * SEGMENT_BYTES), 8) as u32;
let list: u32 = 0;
let count: u32 = 0;
let write: bool = false;

export function operation(): u32 {
  return load<u8>(REQUEST);
}

/** The operation that a response names: of an indirect request, the one within. */
export function answeredOperation(): u32 {
  return operation() == INDIRECT ? (load<u8>(REQUEST, 1) as u32) : operation();
}

export function identity(): u64 {
  return load<u64>(REQUEST, 8);
}

export function sector(): u64 {
  return load<u64>(REQUEST, 16);
}

export function discardSectors(): u64 {
  return load<u64>(REQUEST, 24);
}

export function isWrite(): bool {
  return write;
}

export function segments(): u32 {
  return count;
}

export function segmentReference(index: u32): u32 {
  return load<u32>(list + index * SEGMENT_BYTES);
}

export function firstSector(index: u32): u32 {
  return load<u8>(list + index * SEGMENT_BYTES, 4);
}

export function lastSector(index: u32): u32 {
  return load<u8>(list + index * SEGMENT_BYTES, 5);
}

/** Is it a flush and nothing else? One with segments writes them, as Linux's back end has it. */
export function isBareFlush(): bool {
  return operation() == FLUSH && load<u8>(REQUEST, 1) == 0;
}

/** Finds the segments of a read or write, direct or not, of a front end in `domain`. False: the
 *  request is malformed, or its list cannot be had. */
export function openTransfer(domain: u32): bool {
  if (operation() == INDIRECT) return openIndirect(domain);
  list = REQUEST + 24;
  count = load<u8>(REQUEST, 1);
  write = operation() != READ;
  return count != 0 && count <= DIRECT_SEGMENTS;
}

/** { operation; u8 indirect operation @1; u16 segments @2; id @8; sector @16; u16 handle @24;
 *  u32 references @28 }: one page holds all the segments that we allow. */
function openIndirect(domain: u32): bool {
  const inner = load<u8>(REQUEST, 1);
  list = INDIRECT_LIST;
  count = load<u16>(REQUEST, 2);
  write = inner == (WRITE as u8);
  if (inner > (WRITE as u8) || count == 0 || count > INDIRECT_SEGMENTS) return false;
  const bytes = count * SEGMENT_BYTES;
  const reference = load<u32>(REQUEST, 28);
  copyBegin();
  copyAdd(domain, true, reference, 0, OWN, false, pageFrame(PAGE_OWN), 0, bytes);
  if (!copiesDone()) return false;
  pageCopyIn(PAGE_OWN, 0, INDIRECT_LIST, bytes);
  return true;
}

/** Sectors of the whole transfer; 0: a segment is malformed. */
export function transferSectors(): u64 {
  let total: u64 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const first = firstSector(index);
    const last = lastSector(index);
    if (first > last || last > LAST_SECTOR_OF_PAGE) return 0;
    total += (last - first + 1) as u64;
  }
  return total;
}
