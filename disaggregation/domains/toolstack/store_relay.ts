// Requests to xenstore: a client's, of which one at a time goes through and its answer comes back,
// and the toolstack's own, of which many are under way.

import { EAGAIN, EINVAL, EIO } from "../../runtime/errno";
import * as client from "../../runtime/store";
import { DATA, mayReply, reply } from "./reply";

/** Types that pass, as bits: directory, read, get permissions, introduce, release, domain path,
 *  write, mkdir, rm, set permissions. What leaves a state in the connection does not. */
const PASSING: u32 = 0x7f0e;

/** Tag of the toolstack's own requests, and how many of them wait for their answers. */
const OWN_TAG: u32 = 0xffffffff;
const MOST_PENDING: u32 = 32;

let pending: u32 = 0;
let failed: bool = false;
let awaited: u32 = 0;
let tags: u32 = 0;
let channel: u32 = 0;
let sequence: u32 = 0;

/** Passes a request on; false: it was answered with a refusal. */
export function askStore(from: u32, number: u32, type: u32, body: u32, bytes: u32): bool {
  const passes = type < 32 && ((PASSING >> type) & 1) != 0;
  if (!passes || bytes > client.STORE_BODY_BYTES) {
    reply(from, number, EINVAL, 0);
    return false;
  }
  tags++;
  if (!client.storeSend(type, 0, tags, body, bytes)) {
    reply(from, number, EAGAIN, 0);
    return false;
  }
  awaited = tags;
  channel = from;
  sequence = number;
  return true;
}

/** Can some more of the toolstack's own requests be sent? */
export function mayTell(): bool {
  return pending < MOST_PENDING;
}

/** From now on `tellsFailed` speaks of what is sent from now on. */
export function beginTelling(): void {
  failed = false;
}

/** Sends a request of the toolstack's own; false: too much waits. */
export function tell(type: u32, body: u32, bytes: u32): bool {
  if (!client.storeSend(type, 0, OWN_TAG, body, bytes)) return false;
  pending++;
  return true;
}

export function tellsPending(): u32 {
  return pending;
}

/** Was one of those refused since `beginTelling`? */
export function tellsFailed(): bool {
  return failed;
}

/** Is an answer awaited? */
export function isStoreBusy(): bool {
  return awaited != 0;
}

/** Takes what xenstore says. An error comes back with its name as data. */
export function followStore(): void {
  while (mayReply() && client.storeReceive()) {
    if (client.messageTag() == OWN_TAG && pending != 0) {
      pending--;
      failed = failed || client.messageType() == client.STORE_ERROR;
    }
    if (awaited == 0 || client.messageTag() != awaited) continue;
    const bytes = client.messageBytes();
    memory.copy(DATA, client.messageBody(), bytes);
    awaited = 0;
    reply(channel, sequence, client.messageType() == client.STORE_ERROR ? EIO : 0, bytes);
  }
}
