// Requests of one device, a bounded number in a turn: each is copied out of the ring, checked,
// carried out and answered, in the order in which they came. A flush has nothing left to wait for.

import { sendEvent } from "../../runtime/hypercall";
import * as ring from "../../runtime/ring";
import { deviceDomain } from "../../runtime/xenbus_device";
import { deviceDisk, devicePort, deviceWrites } from "./device";
import { beginDiscard, discardIdentity, discarding, goOnDiscarding } from "./discard";
import { diskSectors } from "./disks";
import * as request from "./request";
import { transfer } from "./transfer";

/** What a turn of a device leaves behind. */
export const RESTS: u32 = 0;
export const GOES_ON: u32 = 1;
/** Its front end broke the protocol: it is to be let go of. */
export const BROKEN: u32 = 2;

/** Requests of one device in a turn. */
const BUDGET: u32 = 32;
/** A discard was begun; its answer comes when it has ended. */
const LATER: i32 = 1;

const RESPONSE: u32 = memory.data(<i32>request.RESPONSE_BYTES, 8) as u32;

/** { u64 id; u8 operation @8; i16 status @10 }. */
function answer(row: u32, id: u64, operation: u32, status: i32): void {
  store<u64>(RESPONSE, id);
  store<u64>(RESPONSE, 0, 8);
  store<u8>(RESPONSE, operation as u8, 8);
  store<u16>(RESPONSE, status as u16, 10);
  ring.putResponse(row, RESPONSE, request.RESPONSE_BYTES);
}

/** Does the disk have `sectors` sectors from `first` on? */
function onDisk(row: u32, first: u64, sectors: u64): bool {
  const all = diskSectors(deviceDisk(row));
  return sectors != 0 && first < all && sectors <= all - first;
}

function readOrWrite(row: u32): i32 {
  if (!request.openTransfer(deviceDomain(row))) return request.FAILED;
  if (request.isWrite() && !deviceWrites(row)) return request.FAILED;
  const sectors = request.transferSectors();
  if (!onDisk(row, request.sector(), sectors)) return request.FAILED;
  return transfer(deviceDomain(row), deviceDisk(row)) ? request.OKAY : request.FAILED;
}

function discard(row: u32): i32 {
  if (!deviceWrites(row)) return request.UNSUPPORTED;
  const sectors = request.discardSectors();
  if (!onDisk(row, request.sector(), sectors)) return request.FAILED;
  beginDiscard(row, deviceDisk(row), request.sector(), sectors, request.identity());
  return LATER;
}

function perform(row: u32): i32 {
  const operation = request.operation();
  if (request.isBareFlush()) return request.OKAY;
  if (operation == request.READ || operation == request.WRITE) return readOrWrite(row);
  if (operation == request.FLUSH || operation == request.INDIRECT) return readOrWrite(row);
  return operation == request.DISCARD ? discard(row) : request.UNSUPPORTED;
}

/** Carries a discard on; true: the device's other requests may go on. */
function afterDiscard(row: u32): bool {
  if (!discarding(row)) return true;
  const done = goOnDiscarding(row);
  if (discarding(row)) return false;
  answer(row, discardIdentity(row), request.DISCARD, done ? request.OKAY : request.FAILED);
  return true;
}

/** Up to `count` requests; false: one of them was a discard, which goes on in later turns. */
function performSome(row: u32, count: u32): bool {
  for (let index: u32 = 0; index < count; index++) {
    ring.takeRequest(row, request.REQUEST, request.REQUEST_BYTES);
    const status = perform(row);
    if (status == LATER) return false;
    answer(row, request.identity(), request.answeredOperation(), status);
  }
  return true;
}

/** One turn of a device; says what is left to do. */
export function serveDevice(row: u32): u32 {
  if (!afterDiscard(row)) return GOES_ON;
  const pending = ring.ringPending(row);
  if (pending == ring.RING_BROKEN) return BROKEN;
  const finished = performSome(row, min<u32>(pending, BUDGET));
  if (ring.publishResponses(row)) sendEvent(devicePort(row));
  if (!finished || pending > BUDGET) return GOES_ON;
  const more = ring.awaitRequests(row, 1);
  if (more == ring.RING_BROKEN) return BROKEN;
  return more == 0 ? RESTS : GOES_ON;
}
