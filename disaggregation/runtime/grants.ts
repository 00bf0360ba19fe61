// Which handles of the window are in use, and what the core calls the mapping at each.

import { mapAt, unmapAt } from "./hypercall";
import { HANDLES, PAGE_GRANTS } from "./places";

/** What the core calls the mapping at a handle, plus one; 0: the handle is free. */
const MAPPING: u32 = memory.data(<i32>(HANDLES * 4), 4) as u32;

/** No handle below it is free. */
let lowest: u32 = PAGE_GRANTS;

function firstFree(): u32 {
  for (let handle = lowest; handle < HANDLES; handle++) {
    if (load<u32>(MAPPING + (handle << 2)) == 0) return handle;
  }
  return HANDLES;
}

/** Maps a page that `domain` grants under `reference`. Returns its handle, or -1: all are in use,
 *  or the core refuses. */
export function mapGrant(domain: u32, reference: u32, writable: bool): i32 {
  const handle = firstFree();
  lowest = handle;
  if (handle == HANDLES) return -1;
  const mapping = mapAt(handle, domain, reference, writable);
  if (mapping < 0) return -1;
  store<u32>(MAPPING + (handle << 2), (mapping as u32) + 1);
  lowest = handle + 1;
  return handle as i32;
}

/** Takes a mapping back; its handle may name another page from now on. */
export function unmapGrant(handle: u32): void {
  if (handle < PAGE_GRANTS || handle >= HANDLES) return;
  const mapping = load<u32>(MAPPING + (handle << 2));
  if (mapping == 0 || !unmapAt(handle, mapping - 1)) return;
  store<u32>(MAPPING + (handle << 2), 0);
  lowest = min<u32>(lowest, handle);
}
