// What goes to the clients: one frame at a time is put together here.

import * as wire from "../../control/wire";
import { put, sendRoom } from "../../runtime/uart";
import { FRAME_LIMIT, sealFrame } from "./frame";
import { isSession, keyToClient, nextSequence, offeredKey, offeredNonces } from "./sessions";

const FRAME: u32 = memory.data(<i32>(16 + 4224 + 16), 8) as u32;
const BODY: u32 = FRAME + wire.HEADER_BYTES;

/** Place for the data of a reply, or of console output; at most DATA_LIMIT bytes. */
export const DATA: u32 = BODY + wire.REPLY_HEADER_BYTES;
export const DATA_LIMIT: u32 = wire.BODY_LIMIT - wire.REPLY_HEADER_BYTES;

/** Is there room for what one request can lead to, an answer and a word to another client? */
export function mayReply(): bool {
  return sendRoom() >= 2 * FRAME_LIMIT;
}

/** What each channel was answered last: number, result, bytes of data, and the data itself. */
const LAST: u32 = memory.data(<i32>(8 * 32), 8) as u32;
const LAST_BYTES: u32 = 32;
const LAST_DATA: u32 = 12;
/** An answer that is longer than what is kept of one is not given again. */
const NOT_KEPT: u32 = 0xffffffff;

function sendBody(type: u32, channel: u32, bytes: u32): void {
  if (!isSession(channel)) return;
  const sequence = nextSequence(channel);
  put(FRAME, sealFrame(FRAME, keyToClient(channel), type, channel, sequence, bytes));
}

function keepAnswer(channel: u32, sequence: u32, result: i32, bytes: u32): void {
  const last = LAST + channel * LAST_BYTES;
  const kept = bytes <= LAST_BYTES - LAST_DATA;
  store<u32>(last, sequence);
  store<i32>(last, result, 4);
  store<u32>(last, kept ? bytes : NOT_KEPT, 8);
  if (kept) memory.copy(last + LAST_DATA, DATA, bytes);
}

/** A request that was answered came once more, because its answer was lost: the answer goes out
 *  again, and nothing else happens. */
export function replyAgain(channel: u32, sequence: u32): void {
  const last = LAST + channel * LAST_BYTES;
  const bytes = load<u32>(last, 8);
  if (load<u32>(last) != sequence || bytes == NOT_KEPT) return;
  memory.copy(DATA, last + LAST_DATA, bytes);
  reply(channel, sequence, load<i32>(last, 4), bytes);
}

/** Nothing was answered on a channel: its session is a new one. */
export function forgetAnswers(channel: u32): void {
  store<u32>(LAST + channel * LAST_BYTES, NOT_KEPT, 8);
}

/** Answers a request with `bytes` of data. */
export function reply(channel: u32, sequence: u32, result: i32, bytes: u32): void {
  keepAnswer(channel, sequence, result, bytes);
  store<u32>(BODY, sequence);
  store<i32>(BODY, result, 4);
  sendBody(wire.TYPE_REPLY, channel, wire.REPLY_HEADER_BYTES + bytes);
}

/** Sends what a console said, or that it will say nothing more. */
export function tellConsole(channel: u32, domain: u32, kind: u32, bytes: u32): void {
  store<u32>(BODY, domain);
  store<u32>(BODY, kind, 4);
  sendBody(wire.TYPE_CONSOLE, channel, wire.CONSOLE_HEADER_BYTES + bytes);
}

/** Answers a hello with both nonces. */
export function challenge(channel: u32): void {
  memory.copy(BODY, offeredNonces(), 2 * wire.NONCE_BYTES);
  const bytes = 2 * wire.NONCE_BYTES;
  put(FRAME, sealFrame(FRAME, offeredKey(), wire.TYPE_CHALLENGE, channel, 0, bytes));
}
