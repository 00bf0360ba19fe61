// Consoles of guests, from and to the console service: one ring of bytes in each direction, in a
// page that this domain offers (struct xencons_interface), with messages (../console/wire.ts) in it.

import * as wire from "../../control/wire";
import { EAGAIN, EINVAL, ENODEV } from "../../runtime/errno";
import { getParameter, sendEvent } from "../../runtime/hypercall";
import { PAGE_OWN } from "../../runtime/places";
import { fence, now, pageCopyIn, pageCopyOut, pageLoad32, pageStore32 } from "../../runtime/world";
import {
  ADD,
  ATTACH,
  DATA_BYTES,
  DETACH,
  HEADER_BYTES,
  INPUT,
  OUTPUT,
  REMOVE,
} from "../console/wire";
import { DOMAINS } from "./domains";
import { DATA, mayReply, tellConsole } from "./reply";

const PARAMETER_CONSOLE_PORT: u32 = 18;
const IN: u32 = 0;
const IN_BYTES: u32 = 1024;
const OUT: u32 = 1024;
const OUT_BYTES: u32 = 2048;
const IN_CONSUMED: u32 = 3072;
const IN_PRODUCED: u32 = 3076;
const OUT_CONSUMED: u32 = 3080;
const OUT_PRODUCED: u32 = 3084;

const MESSAGES_LIMIT: u32 = 8;

/** A client that is silent for so long no longer watches. */
const PATIENCE: u64 = 60000000000;

const MESSAGE: u32 = memory.data(<i32>(4 + 512), 4) as u32;
/** The domain that each channel watches, 0 for none; and when its client was heard last. */
const WATCHED: u32 = memory.data(<i32>(8 * 4), 4) as u32;
const HEARD: u32 = memory.data(<i32>(8 * 8), 8) as u32;

let port: u32 = 0;

export function openConsoles(): void {
  port = getParameter(PARAMETER_CONSOLE_PORT) as u32;
}

function watched(channel: u32): u32 {
  return load<u32>(WATCHED + (channel << 2));
}

// ---- to the console service ---------------------------------------------------------------------

function copyOut(at: u32, place: u32, bytes: u32): void {
  const offset = at & (OUT_BYTES - 1);
  const first = min<u32>(bytes, OUT_BYTES - offset);
  pageCopyOut(PAGE_OWN, OUT + offset, place, first);
  pageCopyOut(PAGE_OWN, OUT, place + first, bytes - first);
}

/** Sends the message whose data is at `data`; false: there is no room. */
function sendMessage(kind: u32, domain: u32, data: u32, bytes: u32): bool {
  const produced = pageLoad32(PAGE_OWN, OUT_PRODUCED);
  const used = produced - pageLoad32(PAGE_OWN, OUT_CONSUMED);
  if (used > OUT_BYTES || OUT_BYTES - used < HEADER_BYTES + bytes) return false;
  store<u8>(MESSAGE, kind as u8);
  store<u8>(MESSAGE, domain as u8, 1);
  store<u16>(MESSAGE, bytes as u16, 2);
  copyOut(produced, MESSAGE, HEADER_BYTES);
  copyOut(produced + HEADER_BYTES, data, bytes);
  fence();
  pageStore32(PAGE_OWN, OUT_PRODUCED, produced + HEADER_BYTES + bytes);
  sendEvent(port);
  return true;
}

/** A client wants a domain's console; who had it until now loses it. */
export function attach(channel: u32, domain: u32): i32 {
  if (port == 0) return ENODEV;
  if (domain == 0 || domain >= DOMAINS) return EINVAL;
  if (!sendMessage(ATTACH, domain, MESSAGE, 0)) return EAGAIN;
  for (let other: u32 = 0; other < wire.CHANNELS; other++) {
    if (other == channel || watched(other) != domain) continue;
    store<u32>(WATCHED + (other << 2), 0);
    tellConsole(other, domain, wire.CONSOLE_ENDED, 0);
  }
  store<u32>(WATCHED + (channel << 2), domain);
  hear(channel);
  return 0;
}

/** A channel's client no longer watches, or is another one. */
export function detach(channel: u32): void {
  const domain = watched(channel);
  store<u32>(WATCHED + (channel << 2), 0);
  if (domain != 0) sendMessage(DETACH, domain, MESSAGE, 0);
}

/** What a client typed: all of it, or EAGAIN. */
export function type(channel: u32, place: u32, bytes: u32): i32 {
  const domain = watched(channel);
  if (domain == 0 || bytes > DATA_BYTES) return EINVAL;
  return sendMessage(INPUT, domain, place, bytes) ? 0 : EAGAIN;
}

/** A domain that was just created offers the console service a port and a ring; `place` has the
 *  port's number in 4 bytes, then the domain's name. */
export function addConsole(domain: u32, place: u32, bytes: u32): i32 {
  if (port == 0) return 0;
  if (domain == 0 || domain >= DOMAINS || bytes < 4 || bytes > DATA_BYTES) return EINVAL;
  return sendMessage(ADD, domain, place, bytes) ? 0 : EAGAIN;
}

/** A domain is no more; false: that has to be said again. */
export function removeConsole(domain: u32): bool {
  return port == 0 || sendMessage(REMOVE, domain, MESSAGE, 0);
}

/** A client said something. */
export function hear(channel: u32): void {
  store<u64>(HEARD + (channel << 3), now());
}

// ---- from the console service -------------------------------------------------------------------

function copyIn(at: u32, place: u32, bytes: u32): void {
  const offset = at & (IN_BYTES - 1);
  const first = min<u32>(bytes, IN_BYTES - offset);
  pageCopyIn(PAGE_OWN, IN + offset, place, first);
  pageCopyIn(PAGE_OWN, IN, place + first, bytes - first);
}

function passOn(kind: u32, domain: u32, bytes: u32): void {
  for (let channel: u32 = 0; channel < wire.CHANNELS; channel++) {
    if (domain == 0 || watched(channel) != domain) continue;
    if (kind != OUTPUT) store<u32>(WATCHED + (channel << 2), 0);
    tellConsole(channel, domain, kind == OUTPUT ? wire.CONSOLE_OUTPUT : wire.CONSOLE_ENDED, bytes);
  }
}

/** Takes one message; false: none is there whole. */
function takeMessage(): bool {
  const consumed = pageLoad32(PAGE_OWN, IN_CONSUMED);
  const there = pageLoad32(PAGE_OWN, IN_PRODUCED) - consumed;
  if (there < HEADER_BYTES || there > IN_BYTES) return false;
  fence();
  copyIn(consumed, MESSAGE, HEADER_BYTES);
  const bytes = load<u16>(MESSAGE, 2) as u32;
  if (bytes > DATA_BYTES || there < HEADER_BYTES + bytes) return false;
  const kind = load<u8>(MESSAGE) as u32;
  const domain = load<u8>(MESSAGE, 1) as u32;
  copyIn(consumed + HEADER_BYTES, DATA, bytes);
  fence();
  pageStore32(PAGE_OWN, IN_CONSUMED, consumed + HEADER_BYTES + bytes);
  passOn(kind, domain, bytes);
  return true;
}

/** Takes what the consoles say, as far as there is room to send it. True: something came. */
export function followConsoles(): bool {
  if (port == 0) return false;
  let count: u32 = 0;
  // At most one client watches a domain, so a message leads to at most one frame.
  while (count < MESSAGES_LIMIT && mayReply() && takeMessage()) count++;
  if (count != 0) sendEvent(port);
  for (let channel: u32 = 0; channel < wire.CHANNELS; channel++) {
    if (watched(channel) == 0) continue;
    if (now() - load<u64>(HEARD + (channel << 3)) > PATIENCE) detach(channel);
  }
  return count != 0;
}
