// A turn of a back end: what xenbus says of its devices first, then the devices that may have
// something to do. A service's `turn` is beginTurn, its part for each event of nextBackendEvent,
// its part for each device of activeDevices, endTurn.

import { beat } from "./kept";
import { takeEvents } from "./port_table";
import * as backend from "./xenbus_backend";
import { deviceBit } from "./xenbus_device";

export const FOREVER: u64 = 0xffffffffffffffff;

/** Devices that may have something to do: a bit for each. */
let active: u64 = 0;

export function activeDevices(): u64 {
  return active;
}

export function activate(row: u32): void {
  active |= deviceBit(row);
}

/** The device has nothing to do until an event comes. */
export function rest(row: u32): void {
  active &= ~deviceBit(row);
}

/** Nothing is to be done for devices beside these. */
export function restBeside(devices: u64): void {
  active &= devices;
}

/** Takes the events that wait, and measures anew what the turn may take of xenstore. */
export function beginTurn(): void {
  active |= takeEvents();
  backend.beginBackendTurn();
}

/** Answers CONNECT; a device that was attached is looked at in this turn. */
export function answerConnect(row: u32, attached: bool): void {
  backend.answerBackend(attached);
  if (attached) activate(row);
}

/** What a turn returns: at once if something is left to do, else `deadline`. */
export function endTurn(deadline: u64): u64 {
  return beat(active == 0 && !backend.backendUnfinished() ? deadline : 0);
}
