// The network switch: packets between the ports of front ends (Linux's xen-netfront and others) by
// netif.

import * as loop from "../../runtime/backend_turn";
import { sendEvent } from "../../runtime/hypercall";
import { expectKept, isKeptReady, keptSoon } from "../../runtime/kept";
import { storeOpen } from "../../runtime/store";
import * as backend from "../../runtime/xenbus_backend";
import { deviceBit } from "../../runtime/xenbus_device";
import {
  announceDeliveries,
  BROKEN,
  openPort,
  patienceEnd,
  RESTS,
  servePort,
  takeBroken,
  WAITS,
} from "./forward";
import { openGroups } from "./groups";
import { CONNECT_KEYS, SETUP_KEYS } from "./keys";
import { attach, attachedPorts, detach, rxPort, setUp, txPort } from "./port";

/** Ports whose packet waits for a receiver; the active ones may have packets to send. */
let waiting: u64 = 0;

let begun: bool = false;

export function start(): void {
  expectKept();
}

function begin(): void {
  begun = true;
  openGroups();
  storeOpen();
  backend.openBackend("vif", SETUP_KEYS, CONNECT_KEYS);
}

function connect(row: u32): void {
  const attached = attach(row);
  loop.answerConnect(row, attached);
  if (!attached) return;
  openPort(row);
  // What an earlier instance of this service did may not have been announced any more.
  sendEvent(txPort(row));
  if (rxPort(row) != txPort(row)) sendEvent(rxPort(row));
}

function release(row: u32): void {
  loop.rest(row);
  waiting &= ~deviceBit(row);
  detach(row);
}

/** What xenbus says of one device. */
function follow(event: u32, row: u32): void {
  if (event == backend.EVENT_SETUP) return backend.answerBackend(setUp(row));
  if (event == backend.EVENT_CONNECT) return connect(row);
  if (event == backend.EVENT_DISCONNECT) release(row);
}

function serve(row: u32): void {
  const state = servePort(row);
  if (state == RESTS || state == WAITS) loop.rest(row);
  if (state == WAITS) waiting |= deviceBit(row);
  else waiting &= ~deviceBit(row);
  if (state == BROKEN) fail(row);
}

/** Lets go of a front end that broke the protocol. */
function fail(row: u32): void {
  release(row);
  backend.failDevice(row);
}

/** One turn of each port that has something to do, or whose packet waits. */
function servePorts(): void {
  const served = (loop.activeDevices() | waiting) & attachedPorts();
  for (let left = served; left != 0; left &= left - 1) serve(ctz(left) as u32);
  for (let bad = takeBroken() & attachedPorts(); bad != 0; bad &= bad - 1) fail(ctz(bad) as u32);
}

/** When the first packet that waits has waited long enough. */
function nextDeadline(): u64 {
  let deadline = loop.FOREVER;
  for (let rest = waiting; rest != 0; rest &= rest - 1) {
    deadline = min<u64>(deadline, patienceEnd(ctz(rest) as u32));
  }
  return deadline;
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
  servePorts();
  announceDeliveries();
  loop.restBeside(attachedPorts());
  return loop.endTurn(nextDeadline());
}
