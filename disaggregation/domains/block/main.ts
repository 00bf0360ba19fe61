// The block back end: serves disks to front ends (Linux's xen-blkfront and others) by blkif.

import * as loop from "../../runtime/backend_turn";
import { sendEvent } from "../../runtime/hypercall";
import { expectKept, isKeptReady, keptSoon } from "../../runtime/kept";
import { storeOpen } from "../../runtime/store";
import * as backend from "../../runtime/xenbus_backend";
import { attach, detach, devicePort, forget, setUp } from "./device";
import { endDiscard } from "./discard";
import { openDisks } from "./disks";
import { CONNECT_KEYS, SETUP_KEYS } from "./keys";
import { BROKEN, RESTS, serveDevice } from "./serve";

let begun: bool = false;

export function start(): void {
  expectKept();
}

function begin(): void {
  begun = true;
  openDisks();
  storeOpen();
  backend.openBackend("vbd", SETUP_KEYS, CONNECT_KEYS);
}

function release(row: u32): void {
  loop.rest(row);
  endDiscard(row);
  detach(row);
}

function connect(row: u32): void {
  const attached = attach(row);
  loop.answerConnect(row, attached);
  // What an earlier instance of this service answered may not have been announced any more.
  if (attached) sendEvent(devicePort(row));
}

/** What xenbus says of one device. */
function follow(event: u32, row: u32): void {
  if (event == backend.EVENT_SETUP) return backend.answerBackend(setUp(row));
  if (event == backend.EVENT_CONNECT) return connect(row);
  if (event == backend.EVENT_DISCONNECT) return release(row);
  forget(row);
}

function serve(row: u32): void {
  const state = serveDevice(row);
  if (state == RESTS) loop.rest(row);
  if (state != BROKEN) return;
  release(row);
  backend.failDevice(row);
}

export function turn(): u64 {
  if (!begun) {
    if (!isKeptReady()) return keptSoon();
    begin();
  }
  loop.beginTurn();
  let event = backend.nextBackendEvent();
  while (event != backend.EVENT_NONE) {
    follow(event, backend.currentDevice());
    event = backend.nextBackendEvent();
  }
  for (let left = loop.activeDevices(); left != 0; left &= left - 1) serve(ctz(left) as u32);
  return loop.endTurn(loop.FOREVER);
}
