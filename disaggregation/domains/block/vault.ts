// Where the disks' space is: in this service's own memory, by guest-physical address, or in memory
// of the keeper's that it grants to this service, by a number of its own. The latter outlives the
// service. A line of the configuration for each stretch, images first:
//
//   vault DOMAIN REFERENCE PAGES MODE     MODE r (images) or w (scratch disks)

import { isText } from "../../runtime/decimal";
import { copyAdd, OWN } from "../../runtime/hypercall";
import { takeNumber, takeWord, word, wordBytes } from "../../runtime/words";
import { moduleAddress, moduleBytes, spareAddress, spareBytes } from "../../runtime/world";

const PARTS: u32 = 8;
const PAGE_SHIFT: u64 = 12;

const DOMAIN: u32 = memory.data(<i32>(PARTS * 4), 4) as u32;
const REFERENCE: u32 = memory.data(<i32>(PARTS * 4), 4) as u32;
/** Pages of all parts up to the end of each. */
const END: u32 = memory.data(<i32>(PARTS * 4), 4) as u32;

let parts: u32 = 0;
let images: u32 = 0;

function end(part: u32): u32 {
  return load<u32>(END + (part << 2));
}

/** Takes the rest of a line. */
export function addPart(): void {
  if (parts == PARTS) return;
  store<u32>(DOMAIN + (parts << 2), takeNumber() as u32);
  store<u32>(REFERENCE + (parts << 2), takeNumber() as u32);
  const before = parts == 0 ? 0 : end(parts - 1);
  store<u32>(END + (parts << 2), before + (takeNumber() as u32));
  takeWord();
  if (isText(word, wordBytes, "r")) images = end(parts);
  parts++;
}

export function imageStart(): u64 {
  return parts == 0 ? moduleAddress() : 0;
}

export function imageBytes(): u64 {
  return parts == 0 ? moduleBytes() : (images as u64) << PAGE_SHIFT;
}

export function scratchStart(): u64 {
  return parts == 0 ? spareAddress() : (images as u64) << PAGE_SHIFT;
}

export function scratchBytes(): u64 {
  return parts == 0 ? spareBytes() : ((end(parts - 1) - images) as u64) << PAGE_SHIFT;
}

function partOf(page: u32): u32 {
  let part: u32 = 0;
  while (part + 1 < parts && page >= end(part)) part++;
  return part;
}

/** Who holds a page of the space: OWN, or a domain that granted it. */
export function pageHolder(page: u32): u32 {
  return parts == 0 ? OWN : load<u32>(DOMAIN + (partOf(page) << 2));
}

/** The page's frame, or the reference under which it was granted. */
export function pageName(page: u32): u32 {
  if (parts == 0) return page;
  const part = partOf(page);
  const start = part == 0 ? 0 : end(part - 1);
  return load<u32>(REFERENCE + (part << 2)) + page - start;
}

/** Adds a copy to a page of the space (copyAdd). */
export function copyToDisk(
  domain: u32,
  isReference: bool,
  source: u32,
  offset: u32,
  place: u64,
  bytes: u32,
): void {
  const page = (place >> PAGE_SHIFT) as u32;
  const kept = parts != 0;
  const within = place as u32 & 4095;
  copyAdd(
    domain,
    isReference,
    source,
    offset,
    pageHolder(page),
    kept,
    pageName(page),
    within,
    bytes,
  );
}

/** Adds a copy from a page of the space to a page that a domain granted. */
export function copyFromDisk(
  place: u64,
  domain: u32,
  reference: u32,
  offset: u32,
  bytes: u32,
): void {
  const page = (place >> PAGE_SHIFT) as u32;
  const kept = parts != 0;
  const within = place as u32 & 4095;
  copyAdd(pageHolder(page), kept, pageName(page), within, domain, true, reference, offset, bytes);
}
