// The block back end: serves disks to front ends (Linux's xen-blkfront and others) by blkif.

import { sendEvent } from "../../runtime/hypercall";
import { takeEvents } from "../../runtime/port_table";
import { storeOpen } from "../../runtime/store";
import * as backend from "../../runtime/xenbus_backend";
import { attach, detach, devicePort, forget, setUp } from "./device";
import { endDiscard } from "./discard";
import { openDisks } from "./disks";
import { CONNECT_KEYS, SETUP_KEYS } from "./keys";
import { BROKEN, RESTS, serveDevice } from "./serve";

const FOREVER: u64 = 0xffffffffffffffff;

/** Devices that may have requests. */
let active: u64 = 0;

function bit(row: u32): u64 {
  return (1 as u64) << (row as u64);
}

export function start(): void {
  openDisks();
  storeOpen();
  backend.openBackend("vbd", SETUP_KEYS, CONNECT_KEYS);
}

function release(row: u32): void {
  active &= ~bit(row);
  endDiscard(row);
  detach(row);
}

function connect(row: u32): void {
  const attached = attach(row);
  backend.answerBackend(attached);
  if (!attached) return;
  active |= bit(row);
  // What an earlier instance of this service answered may not have been announced any more.
  sendEvent(devicePort(row));
}

/** What xenbus says of one device. */
function follow(event: u32, row: u32): void {
  if (event == backend.EVENT_SETUP) return backend.answerBackend(setUp(row));
  if (event == backend.EVENT_CONNECT) return connect(row);
  if (event == backend.EVENT_DISCONNECT) return release(row);
  forget(row);
}

/** One turn of each device that has something to do. */
function serveDevices(): void {
  let rest = active;
  while (rest != 0) {
    const row = ctz(rest) as u32;
    rest &= rest - 1;
    const state = serveDevice(row);
    if (state == RESTS) active &= ~bit(row);
    if (state != BROKEN) continue;
    release(row);
    backend.failDevice(row);
  }
}

export function turn(): u64 {
  active |= takeEvents();
  backend.beginBackendTurn();
  let event = backend.nextBackendEvent();
  while (event != backend.EVENT_NONE) {
    follow(event, backend.currentDevice());
    event = backend.nextBackendEvent();
  }
  serveDevices();
  return active == 0 && !backend.backendUnfinished() ? FOREVER : 0;
}
