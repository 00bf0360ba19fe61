// Delivery of the packet at hand to the receive ring of another port, by grant copy. A slot of the
// packet goes into the buffer of the slot before it if there it fits, else into the next: each slot
// is one copy.

import { copiesDone } from "../../runtime/copies";
import { copyAdd, copyBegin, OWN } from "../../runtime/hypercall";
import * as ring from "../../runtime/ring";
import { deviceDomain } from "../../runtime/xenbus_device";
import { completeChecksum } from "./checksum";
import * as packet from "./packet";
import { portCan, rxRing, TAKES_BLANK, TAKES_SCATTER, TAKES_TCP4, TAKES_TCP6 } from "./port";
import { stagedFrame } from "./staging";

export const DELIVERED: u32 = 0;
/** The receiver has posted too few buffers. */
export const NO_ROOM: u32 = 1;
/** The receiver cannot take such a packet, or its buffer is not granted. */
export const LOST: u32 = 2;
export const BROKEN: u32 = 3;

const PAGE_BYTES: u32 = 4096;
const REQUEST_BYTES: u32 = 8;
/** Most requests that a packet takes: one for each slot, and an extra one. */
const REQUESTS: u32 = packet.SLOTS + 1;

/** Flags of a response. */
const DATA_VALIDATED: u32 = 1;
const CHECKSUM_BLANK: u32 = 2;
const MORE_DATA: u32 = 4;
const EXTRA_INFO: u32 = 8;

/** The receive requests that the packet takes: { u16 id; u32 reference @4 }. */
const REQUEST: u32 = memory.data(<i32>(REQUESTS * REQUEST_BYTES), 4) as u32;
const RESPONSE: u32 = memory.data(<i32>REQUEST_BYTES, 4) as u32;
/** Bytes of each buffer that is used. */
const FILLED: u32 = memory.data(<i32>(packet.SLOTS * 4), 4) as u32;
let buffers: u32 = 0;

function filled(buffer: u32): u32 {
  return load<u32>(FILLED + (buffer << 2));
}

/** The buffer that the next `bytes` bytes of the packet go into, behind what it holds. */
function place(bytes: u32): u32 {
  if (buffers == 0 || filled(buffers - 1) + bytes > PAGE_BYTES) {
    store<u32>(FILLED + (buffers << 2), 0);
    buffers++;
  }
  return buffers - 1;
}

function fill(buffer: u32, bytes: u32): void {
  store<u32>(FILLED + (buffer << 2), filled(buffer) + bytes);
}

/** Receive requests that the packet at hand of a port takes. */
export function requestsNeeded(from: u32): u32 {
  buffers = 0;
  for (let index: u32 = 0; index < packet.packetSlots(from); index++) {
    const bytes = packet.slotBytes(from, index);
    if (bytes != 0) fill(place(bytes), bytes);
  }
  return packet.segmentationType(from) == 0 ? buffers : buffers + 1;
}

/** Has the receiver said that it can take such a packet? Who wants whole checksums gets them. */
function canTake(from: u32, to: u32): bool {
  const type = packet.segmentationType(from);
  if (type != 0 && !portCan(to, type == 1 ? TAKES_TCP4 : TAKES_TCP6)) return false;
  if (packet.packetBytes(from) > PAGE_BYTES && !portCan(to, TAKES_SCATTER)) return false;
  if ((packet.packetFlags(from) & packet.CHECKSUM_BLANK) == 0 || portCan(to, TAKES_BLANK)) {
    return true;
  }
  if (type != 0 || !completeChecksum(from)) return false;
  packet.checksumCompleted(from);
  return true;
}

/** The request of a buffer; with an extra slot the second request is not a buffer's. */
function requestOf(from: u32, buffer: u32): u32 {
  const skipped = buffer != 0 && packet.segmentationType(from) != 0;
  return REQUEST + (skipped ? buffer + 1 : buffer) * REQUEST_BYTES;
}

function copyPacket(from: u32, to: u32): bool {
  const domain = deviceDomain(to);
  buffers = 0;
  copyBegin();
  for (let index: u32 = 0; index < packet.packetSlots(from); index++) {
    const bytes = packet.slotBytes(from, index);
    if (bytes == 0) continue;
    const buffer = place(bytes);
    const reference = load<u32>(requestOf(from, buffer), 4);
    copyAdd(OWN, false, stagedFrame(index), 0, domain, true, reference, filled(buffer), bytes);
    fill(buffer, bytes);
  }
  return copiesDone();
}

/** { u16 id; u16 offset; u16 flags @4; i16 status @6 }. */
function respond(from: u32, to: u32, buffer: u32, flags: u32): void {
  store<u16>(RESPONSE, load<u16>(requestOf(from, buffer)));
  store<u16>(RESPONSE, 0, 2);
  store<u16>(RESPONSE, flags as u16, 4);
  store<u16>(RESPONSE, filled(buffer) as u16, 6);
  ring.putResponse(rxRing(to), RESPONSE, REQUEST_BYTES);
}

function announce(from: u32, to: u32): void {
  const sent = packet.packetFlags(from);
  const extra = packet.segmentationType(from) != 0;
  let flags: u32 = extra ? EXTRA_INFO : 0;
  ring.makeRoom(rxRing(to), buffers + 1);
  if ((sent & packet.CHECKSUM_BLANK) != 0) flags |= CHECKSUM_BLANK;
  if ((sent & packet.DATA_VALIDATED) != 0) flags |= DATA_VALIDATED;
  for (let buffer: u32 = 0; buffer < buffers; buffer++) {
    respond(from, to, buffer, buffer + 1 == buffers ? flags : flags | MORE_DATA);
    flags = 0;
    if (buffer != 0 || !extra) continue;
    store<u64>(RESPONSE, packet.segmentation(from));
    ring.putResponse(rxRing(to), RESPONSE, REQUEST_BYTES);
  }
}

/** Delivers the packet at hand of `from`, which is staged, to `to`. If that fails the receiver's
 *  buffers stay its own. */
export function deliver(from: u32, to: u32): u32 {
  const receive = rxRing(to);
  const needed = requestsNeeded(from);
  if (!canTake(from, to)) return LOST;
  const posted = ring.ringPending(receive);
  if (posted == ring.RING_BROKEN) return BROKEN;
  if (posted < needed) return NO_ROOM;
  for (let index: u32 = 0; index < needed; index++) {
    ring.takeRequest(receive, REQUEST + index * REQUEST_BYTES, REQUEST_BYTES);
  }
  if (!copyPacket(from, to)) {
    ring.returnRequests(receive, needed);
    return LOST;
  }
  announce(from, to);
  return DELIVERED;
}
