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

function sendBody(type: u32, channel: u32, bytes: u32): void {
  if (!isSession(channel)) return;
  const sequence = nextSequence(channel);
  put(FRAME, sealFrame(FRAME, keyToClient(channel), type, channel, sequence, bytes));
}

/** Answers a request with `bytes` of data. */
export function reply(channel: u32, sequence: u32, result: i32, bytes: u32): void {
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
