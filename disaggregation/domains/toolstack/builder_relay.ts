// Requests to the builder on behalf of a client: one at a time goes through the page that the two
// share. What the builder gives up half built is taken apart here, because it may not do so itself.

import * as wire from "../../control/wire";
import { sendEvent } from "../../runtime/hypercall";
import { PAGE_OWN } from "../../runtime/places";
import { fence, pageCopyIn, pageCopyOut, pageLoad32, pageStore32 } from "../../runtime/world";
import * as link from "../builder/link";
import { DATA, mayReply, reply } from "./reply";
import { bury } from "./undertaker";

const EINVAL: i32 = -22;
const ENODEV: i32 = -19;
const PAGE: u32 = PAGE_OWN + 1;

let port: u32 = 0;
/** Number of the request that is under way, 0 for none, and of the last one. */
let awaited: u32 = 0;
let asked: u32 = 0;
let creates: bool = false;
let channel: u32 = 0;
let sequence: u32 = 0;

export function setBuilderPort(own: u32): void {
  port = own;
}

/** Is an answer awaited? */
export function isBuilderBusy(): bool {
  return awaited != 0;
}

/** Passes a request on: operation, argument and data, as they came. */
export function askBuilder(from: u32, number: u32, body: u32, bytes: u32): void {
  if (port == 0) return reply(from, number, ENODEV, 0);
  if (bytes > link.REQUEST_LIMIT) return reply(from, number, EINVAL, 0);
  asked++;
  awaited = asked;
  channel = from;
  sequence = number;
  creates = load<u32>(body) == wire.OPERATION_CREATE;
  pageCopyOut(PAGE, link.REQUEST, body, bytes);
  pageStore32(PAGE, link.REQUEST_BYTES, bytes);
  fence();
  pageStore32(PAGE, link.ASKED, asked);
  sendEvent(port);
}

/** Takes the builder's answer, if it is there. */
export function followBuilder(): void {
  if (awaited == 0 || !mayReply() || pageLoad32(PAGE, link.ANSWERED) != awaited) return;
  fence();
  awaited = 0;
  const result = pageLoad32(PAGE, link.RESULT) as i32;
  const bytes = min<u32>(pageLoad32(PAGE, link.ANSWER_BYTES), link.ANSWER_LIMIT);
  pageCopyIn(PAGE, link.ANSWER, DATA, bytes);
  if (creates && result < 0 && bytes >= 4) bury(load<u32>(DATA));
  reply(channel, sequence, result, result < 0 ? 0 : bytes);
}
