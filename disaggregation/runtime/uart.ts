// A 16550 that is polled, one for a service. What is said waits in a circle, so that a
// peer that reads slowly holds up nobody but itself.

import { portIn8, portOut8 } from "./world";

// Registers, from the first port on.
const DATA: u32 = 0;
const INTERRUPTS: u32 = 1;
const FIFO: u32 = 2;
const LINE: u32 = 3;
const MODEM: u32 = 4;
const STATUS: u32 = 5;
const DIVISOR_ACCESS: u32 = 0x80;
const EIGHT_BITS: u32 = 3;
const FIFO_ON_AND_EMPTY: u32 = 7;
const READY_AND_REQUEST: u32 = 3;
const RECEIVED: u32 = 1;
const MAY_SEND: u32 = 0x20;
const NOBODY: u32 = 0xff;

/** Bytes that can wait to be sent. */
const QUEUE_BYTES: u32 = 16384;
const QUEUE: u32 = memory.data(<i32>QUEUE_BYTES) as u32;
/** Bytes that one turn moves in either direction. */
const BURST: u32 = 1024;

let queued: u32 = 0;
let sent: u32 = 0;
let base: u32 = 0;

/** Sets the port up: 115200 baud, 8 bits, no parity, no interrupts. */
export function openUart(first: u32): void {
  base = first;
  portOut8(base + INTERRUPTS, 0);
  portOut8(base + LINE, DIVISOR_ACCESS);
  portOut8(base + DATA, 1);
  portOut8(base + INTERRUPTS, 0);
  portOut8(base + LINE, EIGHT_BITS);
  portOut8(base + FIFO, FIFO_ON_AND_EMPTY);
  portOut8(base + MODEM, READY_AND_REQUEST);
}

/** Takes what has come, at most `bytes`; returns how many. */
export function receive(place: u32, bytes: u32): u32 {
  const most = min<u32>(bytes, BURST);
  let count: u32 = 0;
  while (count < most) {
    const status = portIn8(base + STATUS);
    if (status == NOBODY || (status & RECEIVED) == 0) break;
    store<u8>(place + count, portIn8(base + DATA) as u8);
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
    const status = portIn8(base + STATUS);
    if (status == NOBODY || (status & MAY_SEND) == 0) break;
    portOut8(base + DATA, load<u8>(QUEUE + (sent & (QUEUE_BYTES - 1))));
    sent++;
    count++;
  }
  return count != 0;
}
