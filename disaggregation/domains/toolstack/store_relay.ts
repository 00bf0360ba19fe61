// Requests to xenstore on behalf of a client: one at a time goes through, its answer comes back.

import * as client from "../../runtime/store";
import { DATA, mayReply, reply } from "./reply";

const EINVAL: i32 = -22;
const EIO: i32 = -5;
const EAGAIN: i32 = -11;
/** Types that pass, as bits: directory, read, get permissions, introduce, release, domain path,
 *  write, mkdir, rm, set permissions. What leaves a state in the connection does not. */
const PASSING: u32 = 0x7f0e;

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

/** Is an answer awaited? */
export function isStoreBusy(): bool {
  return awaited != 0;
}

/** Takes what xenstore says. An error comes back with its name as data. */
export function followStore(): void {
  while (mayReply() && client.storeReceive()) {
    if (awaited == 0 || client.messageTag() != awaited) continue;
    const bytes = client.messageBytes();
    memory.copy(DATA, client.messageBody(), bytes);
    awaited = 0;
    reply(channel, sequence, client.messageType() == client.STORE_ERROR ? EIO : 0, bytes);
  }
}
