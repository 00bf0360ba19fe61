// The keeper's grant table: pages of its memory that services may use, whichever instance of them
// runs. Written once, when the keeper starts.

import { mapGrantFrame, pageFrame } from "../../runtime/hypercall";
import { PAGE_GRANTS } from "../../runtime/places";
import { pageStore64 } from "../../runtime/world";

/** Entries of a version 1 table in a page, and pages of the largest table. */
const ENTRIES: u32 = 512;
const TABLE_PAGES: u32 = 32;
const PERMIT_ACCESS: u64 = 1;
const READ_ONLY: u64 = 4;

/** Pages of the table that are mapped, at handles from PAGE_GRANTS on. */
let mapped: u32 = 0;

/** Maps the table up to a reference; false: it cannot become so large. */
function reach(reference: u32): bool {
  const page = reference / ENTRIES;
  while (mapped <= page && mapped < TABLE_PAGES) {
    if (!mapGrantFrame(mapped, pageFrame(PAGE_GRANTS + mapped))) return false;
    mapped++;
  }
  return page < mapped;
}

/** Offers `pages` frames from `frame` on to a domain, under references from `first` on. */
export function offer(domain: u32, first: u32, pages: u32, frame: u32, writable: bool): void {
  const flags = writable ? PERMIT_ACCESS : PERMIT_ACCESS | READ_ONLY;
  for (let index: u32 = 0; index < pages; index++) {
    const reference = first + index;
    if (!reach(reference)) return;
    const entry = flags | ((domain as u64) << 16) | (((frame + index) as u64) << 32);
    pageStore64(PAGE_GRANTS + reference / ENTRIES, (reference % ENTRIES) << 3, entry);
  }
}
