// Moves a checked request's bytes between the front end's pages and the disk, by grant copy: the
// hypervisor checks each grant at the moment of its copy, and nothing of the front end is mapped.

import { copiesDone } from "../../runtime/copies";
import { COPIES, copyBegin, copyCount } from "../../runtime/hypercall";
import { sectorAddress } from "./disks";
import * as request from "./request";
import { copyFromDisk, copyToDisk } from "./vault";

const PAGE_BYTES: u32 = 4096;

function addPiece(domain: u32, reference: u32, offset: u32, disk: u64, bytes: u32): void {
  if (request.isWrite()) copyToDisk(domain, true, reference, offset, disk, bytes);
  else copyFromDisk(disk, domain, reference, offset, bytes);
}

/** One segment: at most two pieces, since the disk's page may end within it. */
function addSegment(domain: u32, index: u32, disk: u64): u32 {
  const reference = request.segmentReference(index);
  const offset = request.firstSector(index) << 9;
  const bytes = (request.lastSector(index) - request.firstSector(index) + 1) << 9;
  const first = min<u32>(bytes, PAGE_BYTES - (disk as u32 & 4095));
  addPiece(domain, reference, offset, disk, first);
  const rest = bytes - first;
  if (rest != 0) addPiece(domain, reference, offset + first, disk + (first as u64), rest);
  return bytes;
}

/** Carries out the transfer that `openTransfer` found; the caller has checked that the disk has the
 *  sectors. False: a page was not granted; then the other pages may have been copied or not. */
export function transfer(domain: u32, disk: u32): bool {
  let place = sectorAddress(disk, request.sector());
  copyBegin();
  for (let index: u32 = 0; index < request.segments(); index++) {
    if (copyCount() + 2 > COPIES) {
      if (!copiesDone()) return false;
      copyBegin();
    }
    place += addSegment(domain, index, place) as u64;
  }
  return copiesDone();
}
