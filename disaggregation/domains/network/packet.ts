// A packet that a front end sends: the slots of its transmit ring, copied out, decoded and checked.
// One packet of each port is at hand at a time; it stays there until it is answered.

import { makeRoom, putResponse, RING_BROKEN, ringPending, takeRequest } from "../../runtime/ring";
import { DEVICES } from "../../runtime/xenbus_device";
import { macAt } from "./address";
import { addMulticast, removeMulticast } from "./multicast";
import { txRing } from "./port";

/** What `takePacket` finds. */
export const NOTHING: u32 = 0;
export const PACKET: u32 = 1;
/** It asks for nothing to be sent, or for too little: answer it with `packetStatus`. */
export const NO_PACKET: u32 = 2;
/** What no working front end writes. */
export const BROKEN: u32 = 3;

export const OKAY: i32 = 0;
export const FAILED: i32 = -1;
export const DROPPED: i32 = -2;
const NULL_RESPONSE: i32 = 1;

/** Flags of the first slot. */
export const CHECKSUM_BLANK: u32 = 1;
export const DATA_VALIDATED: u32 = 2;
const MORE_DATA: u32 = 4;
const EXTRA_INFO: u32 = 8;

const EXTRA_GSO: u32 = 1;
const EXTRA_MULTICAST_ADD: u32 = 2;
const EXTRA_MULTICAST_REMOVE: u32 = 3;
const EXTRA_MORE: u32 = 1;
const GSO_TCP4: u32 = 1;
const GSO_TCP6: u32 = 2;

/** Slots with data of one packet (XEN_NETIF_NR_SLOTS_MIN), and extra slots: one of each type. */
export const SLOTS: u32 = 18;
const EXTRAS: u32 = 4;
const SLOT_BYTES: u32 = 12;
const PAGE_BYTES: u32 = 4096;
const ETHERNET_HEADER_BYTES: u32 = 14;

/** { u32 reference; u16 offset @4; u16 flags @6; u16 id @8; u16 bytes @10 } for each slot. */
const SLOT: u32 = memory.data(<i32>(DEVICES * SLOTS * SLOT_BYTES), 4) as u32;
const COUNT: u32 = memory.data(<i32>DEVICES) as u32;
const EXTRA_COUNT: u32 = memory.data(<i32>DEVICES) as u32;
const TOTAL: u32 = memory.data(<i32>(DEVICES * 4), 4) as u32;
/** The GSO extra slot as it is handed on, 0 where there is none. */
const SEGMENTATION: u32 = memory.data(<i32>(DEVICES * 8), 8) as u32;
const STATUS: u32 = memory.data(<i32>(DEVICES * 4), 4) as u32;
const EXTRA: u32 = memory.data(<i32>SLOT_BYTES, 4) as u32;
const RESPONSE: u32 = memory.data(4, 4) as u32;

/** Requests of the look that are not taken yet. */
let left: u32 = 0;

function slot(row: u32, index: u32): u32 {
  return SLOT + (row * SLOTS + index) * SLOT_BYTES;
}

export function packetSlots(row: u32): u32 {
  return load<u8>(COUNT + row);
}

export function packetBytes(row: u32): u32 {
  return load<u32>(TOTAL + (row << 2));
}

export function packetFlags(row: u32): u32 {
  return load<u16>(slot(row, 0), 6) as u32;
}

/** The packet's checksum is complete from now on, for all who get it. */
export function checksumCompleted(row: u32): void {
  store<u16>(slot(row, 0), (packetFlags(row) & ~CHECKSUM_BLANK) as u16, 6);
}

export function packetStatus(row: u32): i32 {
  return load<i32>(STATUS + (row << 2));
}

/** Type (1: TCP over IPv4, 2: over IPv6) of a packet that is to be segmented; 0: it is not. */
export function segmentationType(row: u32): u32 {
  return load<u8>(SEGMENTATION + (row << 3), 4);
}

/** The eight bytes of the extra slot that say so. */
export function segmentation(row: u32): u64 {
  return load<u64>(SEGMENTATION + (row << 3));
}

export function slotReference(row: u32, index: u32): u32 {
  return load<u32>(slot(row, index));
}

export function slotOffset(row: u32, index: u32): u32 {
  return load<u16>(slot(row, index), 4);
}

export function slotBytes(row: u32, index: u32): u32 {
  return load<u16>(slot(row, index), 10);
}

// ---- taking -------------------------------------------------------------------------------------

function takeSlot(row: u32, target: u32): bool {
  if (left == 0) return false;
  left--;
  takeRequest(txRing(row), target, SLOT_BYTES);
  return true;
}

/** Takes the next packet of a port. */
export function takePacket(row: u32): u32 {
  left = ringPending(txRing(row));
  if (left == RING_BROKEN) return BROKEN;
  store<u8>(COUNT + row, 0);
  store<u8>(EXTRA_COUNT + row, 0);
  store<u64>(SEGMENTATION + (row << 3), 0);
  store<i32>(STATUS + (row << 2), FAILED);
  if (!takeSlot(row, slot(row, 0))) return NOTHING;
  store<u8>(COUNT + row, 1);
  let found = PACKET;
  if ((packetFlags(row) & EXTRA_INFO) != 0) found = takeExtras(row);
  if (found == BROKEN || !takeRest(row)) return BROKEN;
  if (found == NO_PACKET) return packetSlots(row) == 1 ? NO_PACKET : BROKEN;
  return packetBytes(row) < ETHERNET_HEADER_BYTES ? NO_PACKET : PACKET;
}

function takeExtras(row: u32): u32 {
  let found = PACKET;
  for (let count: u32 = 1; count <= EXTRAS; count++) {
    if (!takeSlot(row, EXTRA)) return BROKEN;
    store<u8>(EXTRA_COUNT + row, count as u8);
    const one = readExtra(row, load<u8>(EXTRA));
    if (one == BROKEN) return BROKEN;
    if (one == NO_PACKET) found = NO_PACKET;
    if ((load<u8>(EXTRA, 1) & (EXTRA_MORE as u8)) == 0) return found;
  }
  return BROKEN;
}

/** { u8 type; u8 flags; u16 size @2; u8 gso type @4; u16 features @6 } or an address at 2. */
function readExtra(row: u32, type: u32): u32 {
  if (type == EXTRA_GSO) {
    const kind: u32 = load<u8>(EXTRA, 4);
    if (load<u16>(EXTRA, 2) == 0 || (kind != GSO_TCP4 && kind != GSO_TCP6)) return BROKEN;
    // Handed on without its flags: at the receiver it is the only extra slot.
    store<u64>(SEGMENTATION + (row << 3), load<u64>(EXTRA) & ~0xff00);
    return PACKET;
  }
  const mac = macAt(EXTRA + 2);
  if (type == EXTRA_MULTICAST_REMOVE) removeMulticast(row, mac);
  else if (type != EXTRA_MULTICAST_ADD) return BROKEN;
  const done = type == EXTRA_MULTICAST_REMOVE || addMulticast(row, mac);
  store<i32>(STATUS + (row << 2), done ? OKAY : FAILED);
  return NO_PACKET;
}

/** The slots behind the first. The first one's size is that of the whole packet: what the others
 *  leave is its own. */
function takeRest(row: u32): bool {
  const total = slotBytes(row, 0);
  let own = total;
  let more = (packetFlags(row) & MORE_DATA) != 0;
  for (let index: u32 = 1; more; index++) {
    if (index == SLOTS || !takeSlot(row, slot(row, index))) return false;
    store<u8>(COUNT + row, (index + 1) as u8);
    const bytes = slotBytes(row, index);
    if (bytes > own || slotOffset(row, index) + bytes > PAGE_BYTES) return false;
    own -= bytes;
    more = (load<u16>(slot(row, index), 6) & (MORE_DATA as u16)) != 0;
  }
  store<u16>(slot(row, 0), own as u16, 10);
  store<u32>(TOTAL + (row << 2), total);
  return slotOffset(row, 0) + own <= PAGE_BYTES;
}

// ---- answering ----------------------------------------------------------------------------------

/** { u16 id; i16 status }. */
function respond(row: u32, id: u32, status: i32): void {
  store<u16>(RESPONSE, id as u16);
  store<u16>(RESPONSE, status as u16, 2);
  putResponse(txRing(row), RESPONSE, 4);
}

/** Answers every slot of the packet at hand. */
export function answerPacket(row: u32, status: i32): void {
  const extras: u32 = load<u8>(EXTRA_COUNT + row);
  makeRoom(txRing(row), packetSlots(row) + extras);
  respond(row, load<u16>(slot(row, 0), 8), status);
  for (let index: u32 = 0; index < extras; index++) respond(row, 0, NULL_RESPONSE);
  for (let index: u32 = 1; index < packetSlots(row); index++) {
    respond(row, load<u16>(slot(row, index), 8), status);
  }
}
