// Requests to the builder, of clients or of the toolstack itself: one at a time goes through the
// page that the two share.

import { EINVAL, ENODEV } from "../../runtime/errno";
import { sendEvent } from "../../runtime/hypercall";
import { PAGE_OWN } from "../../runtime/places";
import { fence, pageCopyIn, pageCopyOut, pageLoad32, pageStore32 } from "../../runtime/world";
import * as link from "../builder/link";
import { DATA, mayReply, reply } from "./reply";

const PAGE: u32 = PAGE_OWN + 1;
/** What `takeOwnAnswer` says until the answer is there. */
export const PENDING: i32 = 1;

const ANSWER: u32 = memory.data(64, 8) as u32;

let port: u32 = 0;
/** Number of the request that is under way, 0 for none, and of the last one. */
let awaited: u32 = 0;
let asked: u32 = 0;
/** It is the toolstack's own. */
let own: bool = false;
let channel: u32 = 0;
let sequence: u32 = 0;

export function setBuilderPort(offered: u32): void {
  port = offered;
}

/** Is an answer awaited? */
export function isBuilderBusy(): bool {
  return awaited != 0;
}

function send(body: u32, bytes: u32): void {
  asked++;
  awaited = asked;
  pageCopyOut(PAGE, link.REQUEST, body, bytes);
  pageStore32(PAGE, link.REQUEST_BYTES, bytes);
  fence();
  pageStore32(PAGE, link.ASKED, asked);
  sendEvent(port);
}

/** Asks on the toolstack's own behalf; false: there is no builder. */
export function ask(body: u32, bytes: u32): bool {
  if (port == 0) return false;
  own = true;
  send(body, bytes);
  return true;
}

/** Passes a client's request on: operation, argument and data, as they came. */
export function askBuilder(from: u32, number: u32, body: u32, bytes: u32): void {
  if (port == 0) return reply(from, number, ENODEV, 0);
  if (bytes > link.REQUEST_LIMIT) return reply(from, number, EINVAL, 0);
  own = false;
  channel = from;
  sequence = number;
  send(body, bytes);
}

function isAnswered(): bool {
  if (awaited == 0 || pageLoad32(PAGE, link.ANSWERED) != awaited) return false;
  fence();
  return true;
}

/** Takes the answer to `place`; the result. */
function take(place: u32): i32 {
  awaited = 0;
  pageCopyIn(PAGE, link.ANSWER, place, link.ANSWER_LIMIT);
  return pageLoad32(PAGE, link.RESULT) as i32;
}

/** The result of what `ask` sent, or PENDING. */
export function takeOwnAnswer(): i32 {
  return own && isAnswered() ? min<i32>(take(ANSWER), 0) : PENDING;
}

/** A word of the last answer to `ask`, at a byte offset. */
export function answerWord(offset: u32): u32 {
  return load<u32>(ANSWER + offset);
}

/** Hands the builder's answer to the client, if it is there. */
export function followBuilder(): void {
  if (own || !mayReply() || !isAnswered()) return;
  reply(channel, sequence, take(DATA), 0);
}
