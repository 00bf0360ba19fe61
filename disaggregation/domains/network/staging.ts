// The packet at hand, in memory of the switch's own: fetched once, judged there, and delivered from
// there, whatever the sender's pages say later. One page for each of its slots; the first few can
// be looked at, the others are named by grant copies alone.

import { copiesDone } from "../../runtime/copies";
import { copyAdd, copyBegin, OWN, pageFrame } from "../../runtime/hypercall";
import { PAGE_OWN } from "../../runtime/places";
import { pageCopyIn, spareAddress, spareBytes } from "../../runtime/world";
import { deviceDomain } from "../../runtime/xenbus_device";
import { packetBytes, packetSlots, SLOTS, slotBytes, slotOffset, slotReference } from "./packet";

/** Slots whose pages can be looked at. */
export const VISIBLE: u32 = 4;
const PAGE_BYTES: u64 = 4096;
/** Ethernet, IPv4 or IPv6, and TCP headers with options fit. */
const HEAD_BYTES: u32 = 128;
/** What of it must lie in visible slots: Ethernet, and IPv4 or ARP. Who divides a packet so that it
 *  does not hides who sends it. */
const JUDGED_BYTES: u32 = 64;

/** The first bytes of the packet, as far as they lie in visible slots, and how many they are. */
export const HEAD: u32 = memory.data(<i32>HEAD_BYTES, 8) as u32;
let headLength: u32 = 0;

export function headBytes(): u32 {
  return headLength;
}

/** Is there memory for the slots that do not get a visible page? */
function hasRoom(row: u32): bool {
  return packetSlots(row) <= VISIBLE || spareBytes() >= ((SLOTS - VISIBLE) as u64) * PAGE_BYTES;
}

/** The page by which a visible slot can be looked at. */
export function visiblePage(index: u32): u32 {
  return PAGE_OWN + index;
}

/** Guest frame that holds the data of a slot, from its beginning. */
export function stagedFrame(index: u32): u32 {
  if (index < VISIBLE) return pageFrame(visiblePage(index));
  return ((spareAddress() >> 12) as u32) + (index - VISIBLE);
}

/** Fetches the packet at hand of a port; false: one of its pages is not granted, its head cannot be
 *  looked at, or the service was given too little memory. */
export function stage(row: u32): bool {
  const domain = deviceDomain(row);
  if (!hasRoom(row)) return false;
  copyBegin();
  for (let index: u32 = 0; index < packetSlots(row); index++) {
    const reference = slotReference(row, index);
    const offset = slotOffset(row, index);
    const bytes = slotBytes(row, index);
    copyAdd(domain, true, reference, offset, OWN, false, stagedFrame(index), 0, bytes);
  }
  if (!copiesDone()) return false;
  readHead(row);
  return headLength >= min<u32>(packetBytes(row), JUDGED_BYTES);
}

function readHead(row: u32): void {
  const wanted = min<u32>(packetBytes(row), HEAD_BYTES);
  headLength = 0;
  memory.fill(HEAD, 0, HEAD_BYTES);
  for (let index: u32 = 0; index < min<u32>(packetSlots(row), VISIBLE); index++) {
    const bytes = min<u32>(slotBytes(row, index), wanted - headLength);
    pageCopyIn(visiblePage(index), 0, HEAD + headLength, bytes);
    headLength += bytes;
  }
}
