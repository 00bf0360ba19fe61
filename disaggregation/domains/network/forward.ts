// One turn of a port: packets that its front end sends are taken, judged and delivered, a bounded
// number of them. A packet for one receiver that has no buffers waits for a while, and the sender's
// others behind it; a receiver that let it wait in vain is waited for no more until it posts some.

import { sendEvent } from "../../runtime/hypercall";
import * as ring from "../../runtime/ring";
import { now } from "../../runtime/world";
import { DEVICES, deviceBit } from "../../runtime/xenbus_device";
import { isGroup, macAt } from "./address";
import { DELIVERED, deliver, NO_ROOM, BROKEN as RECEIVER_BROKEN, requestsNeeded } from "./deliver";
import { maySend } from "./filter";
import * as packet from "./packet";
import { attachedPorts, rxPort, rxRing, txPort, txRing } from "./port";
import { destinations, learnSender } from "./route";
import { HEAD, stage } from "./staging";

/** What a turn of a port leaves behind. */
export const RESTS: u32 = 0;
export const GOES_ON: u32 = 1;
export const WAITS: u32 = 2;
/** Its front end broke the protocol: it is to be let go of. */
export const BROKEN: u32 = 3;

/** Packets of one port in a turn. */
const BUDGET: u32 = 64;
/** How long a packet waits for its receiver: longer than the receiver waits for a CPU. */
export const PATIENCE_NANOSECONDS: u64 = 50_000_000;
const NOBODY: u32 = 0xff;

/** The port that a port's packet waits for, and since when. */
const AWAITED: u32 = memory.data(<i32>DEVICES) as u32;
const SINCE: u32 = memory.data(<i32>(DEVICES * 8), 8) as u32;

/** Ports with responses to announce; that broke the protocol as receivers; that let others wait in
 *  vain. */
let announced: u64 = 0;
let broken: u64 = 0;
let deaf: u64 = 0;

export function openPort(row: u32): void {
  store<u8>(AWAITED + row, NOBODY as u8);
  announced &= ~deviceBit(row);
  broken &= ~deviceBit(row);
  deaf &= ~deviceBit(row);
}

/** Receivers that broke the protocol; asked for once. */
export function takeBroken(): u64 {
  const result = broken;
  broken = 0;
  return result;
}

/** When the packet of a port that waits is dropped. */
export function patienceEnd(row: u32): u64 {
  return load<u64>(SINCE + (row << 3)) + PATIENCE_NANOSECONDS;
}

/** Tells front ends of what was delivered since the last call: once each. */
export function announceDeliveries(): void {
  let rest = announced & attachedPorts();
  announced = 0;
  for (let count: u32 = 0; count < DEVICES && rest != 0; count++) {
    const row = ctz(rest) as u32;
    rest &= rest - 1;
    if (ring.publishResponses(rxRing(row))) sendEvent(rxPort(row));
  }
}

/** Delivers to one port; false: the packet has to wait for it. */
function offer(from: u32, to: u32, patient: bool): bool {
  const needed = requestsNeeded(from);
  for (let attempt: u32 = 0; attempt < 2; attempt++) {
    const result = deliver(from, to);
    if (result == RECEIVER_BROKEN) broken |= deviceBit(to);
    if (result == DELIVERED) {
      announced |= deviceBit(to);
      deaf &= ~deviceBit(to);
    }
    if (result != NO_ROOM || !patient || (deaf & deviceBit(to)) != 0) return true;
    // What was delivered must be seen, or no buffers come back.
    announceDeliveries();
    if (ring.awaitRequests(rxRing(to), needed) < needed) return false;
  }
  return false;
}

/** Judges the packet at hand and sends it on. False: it waits. */
function sendOn(row: u32): bool {
  const fetched = stage(row);
  if (!fetched || !maySend(row)) {
    packet.answerPacket(row, fetched ? packet.DROPPED : packet.FAILED);
    return true;
  }
  learnSender(row);
  const patient = !isGroup(macAt(HEAD));
  let rest = destinations(row);
  for (let count: u32 = 0; count < DEVICES && rest != 0; count++) {
    const to = ctz(rest) as u32;
    rest &= rest - 1;
    if (offer(row, to, patient && rest == 0)) continue;
    store<u8>(AWAITED + row, to as u8);
    store<u64>(SINCE + (row << 3), now());
    return false;
  }
  packet.answerPacket(row, packet.OKAY);
  return true;
}

/** Tries the packet that waits once more, judging it anew; false: it still waits. */
function retry(row: u32): bool {
  const to: u32 = load<u8>(AWAITED + row);
  if (to == NOBODY) return true;
  const there = (attachedPorts() & deviceBit(to)) != 0;
  if (there && ring.ringPending(rxRing(to)) < requestsNeeded(row)) {
    if (now() < patienceEnd(row)) return false;
    deaf |= deviceBit(to);
  }
  store<u8>(AWAITED + row, NOBODY as u8);
  return sendOn(row);
}

/** Takes up to BUDGET packets. */
function sendSome(row: u32): u32 {
  for (let count: u32 = 0; count < BUDGET; count++) {
    const found = packet.takePacket(row);
    if (found == packet.BROKEN) return BROKEN;
    if (found == packet.NOTHING) return RESTS;
    if (found == packet.NO_PACKET) packet.answerPacket(row, packet.packetStatus(row));
    else if (!sendOn(row)) return WAITS;
  }
  return GOES_ON;
}

/** One turn of a port; says what is left to do. */
export function servePort(row: u32): u32 {
  if (!retry(row)) return WAITS;
  const state = sendSome(row);
  if (state == BROKEN) return BROKEN;
  if (ring.publishResponses(txRing(row))) sendEvent(txPort(row));
  if (state != RESTS) return state;
  const more = ring.awaitRequests(txRing(row), 1);
  if (more == ring.RING_BROKEN) return BROKEN;
  return more == 0 ? RESTS : GOES_ON;
}
