// A discard under way: its sectors become zero, some pages in each turn, so that a request for the
// whole disk keeps nobody waiting. Until it is done the device's other requests wait.

import { copiesDone } from "../../runtime/copies";
import { COPIES, copyBegin, copyCount, OWN, pageFrame } from "../../runtime/hypercall";
import { PAGE_OWN, PAGES_OWN } from "../../runtime/places";
import { DEVICES } from "../../runtime/xenbus_device";
import { sectorAddress } from "./disks";
import { copyToDisk } from "./vault";

/** A page that nobody writes to. */
const ZERO_PAGE: u32 = PAGE_OWN + PAGES_OWN - 1;
const PAGE_BYTES: u64 = 4096;

const PLACE: u32 = memory.data(<i32>(DEVICES * 8), 8) as u32;
const LEFT: u32 = memory.data(<i32>(DEVICES * 8), 8) as u32;
const IDENTITY: u32 = memory.data(<i32>(DEVICES * 8), 8) as u32;

/** Begins with `sectors` sectors (not 0) of a disk that has them, for the request `id`. */
export function beginDiscard(row: u32, disk: u32, sector: u64, sectors: u64, id: u64): void {
  store<u64>(IDENTITY + (row << 3), id);
  store<u64>(PLACE + (row << 3), sectorAddress(disk, sector));
  store<u64>(LEFT + (row << 3), sectors << 9);
}

export function discarding(row: u32): bool {
  return load<u64>(LEFT + (row << 3)) != 0;
}

/** The request that the device's last discard was for. */
export function discardIdentity(row: u32): u64 {
  return load<u64>(IDENTITY + (row << 3));
}

export function endDiscard(row: u32): void {
  store<u64>(LEFT + (row << 3), 0);
}

/** Goes on for one batch of copies. False: the hypervisor refused, and the discard has ended. */
export function goOnDiscarding(row: u32): bool {
  let place = load<u64>(PLACE + (row << 3));
  let left = load<u64>(LEFT + (row << 3));
  copyBegin();
  while (left != 0 && copyCount() < COPIES) {
    const within = place & (PAGE_BYTES - 1);
    const bytes = min<u64>(PAGE_BYTES - within, left);
    copyToDisk(OWN, false, pageFrame(ZERO_PAGE), 0, place, bytes as u32);
    place += bytes;
    left -= bytes;
  }
  const done = copiesDone();
  store<u64>(PLACE + (row << 3), place);
  store<u64>(LEFT + (row << 3), done ? left : 0);
  return done;
}
