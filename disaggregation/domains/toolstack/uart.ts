// A 16550 that is polled: the second serial port. Bytes wait in circles on either side, so that a
// peer that reads slowly holds up nobody but itself.

import { portIn8, portOut8 } from "../../runtime/world";

const BASE: u32 = 0x2f8;
const DATA: u32 = BASE;
const INTERRUPTS: u32 = BASE + 1;
const FIFO: u32 = BASE + 2;
const LINE: u32 = BASE + 3;
const MODEM: u32 = BASE + 4;
const STATUS: u32 = BASE + 5;
const DIVISOR_ACCESS: u32 = 0x80;
const EIGHT_BITS: u32 = 3;
const FIFO_ON_AND_EMPTY: u32 = 7;
const READY_AND_REQUEST: u32 = 3;
const RECEIVED: u32 = 1;
const MAY_SEND: u32 = 0x20;
const NOBODY: u32 = 0xff;

/** Bytes that wait to be sent: two of the largest frames and more. */
const QUEUE_BYTES: u32 = 16384;
const QUEUE: u32 = memory.data(<i32>QUEUE_BYTES) as u32;
/** Bytes that one turn moves in either direction. */
const BURST: u32 = 1024;

let queued: u32 = 0;
let sent: u32 = 0;

export function openUart(): void {
  portOut8(INTERRUPTS, 0);
  portOut8(LINE, DIVISOR_ACCESS);
  portOut8(DATA, 1);
  portOut8(INTERRUPTS, 0);
  portOut8(LINE, EIGHT_BITS);
  portOut8(FIFO, FIFO_ON_AND_EMPTY);
  portOut8(MODEM, READY_AND_REQUEST);
}

/** Takes what has come, at most `bytes`; returns how many. */
export function receive(place: u32, bytes: u32): u32 {
  const most = min<u32>(bytes, BURST);
  let count: u32 = 0;
  while (count < most) {
    const status = portIn8(STATUS);
    if (status == NOBODY || (status & RECEIVED) == 0) break;
    store<u8>(place + count, portIn8(DATA) as u8);
    count++;
  }
  return count;
}

/** Bytes that can be put. */
export function sendRoom(): u32 {
  return QUEUE_BYTES - (queued - sent);
}

/** Puts bytes behind those that wait; there is room for them. */
export function put(place: u32, bytes: u32): void {
  const at = queued & (QUEUE_BYTES - 1);
  const first = min<u32>(bytes, QUEUE_BYTES - at);
  memory.copy(QUEUE + at, place, first);
  memory.copy(QUEUE, place + first, bytes - first);
  queued += bytes;
}

/** Sends what the port takes; false: nothing moved. */
export function send(): bool {
  let count: u32 = 0;
  while (sent != queued && count < BURST) {
    const status = portIn8(STATUS);
    if (status == NOBODY || (status & MAY_SEND) == 0) break;
    portOut8(DATA, load<u8>(QUEUE + (sent & (QUEUE_BYTES - 1))));
    sent++;
    count++;
  }
  return count != 0;
}
