// Frames of the control protocol (disaggregation/control/README.md) in linear memory: where one
// begins, whether it is genuine, and writing one.

import * as wire from "../../control/wire";
import { hmacAdd, hmacBegin, hmacEnd } from "./hmac";

export const FRAME_LIMIT: u32 = wire.HEADER_BYTES + wire.BODY_LIMIT + wire.TAG_BYTES;

const DIGEST: u32 = memory.data(32, 8) as u32;

/** What `frameAt` says when more bytes have to tell. */
export const UNKNOWN: u32 = 0xffffffff;

function checkOf(header: u32): u32 {
  let check = wire.CHECK_SEED;
  for (let at: u32 = 0; at < wire.FIELD_CHECK; at++) {
    check = (check ^ (load<u8>(header + at) as u32)) * wire.CHECK_FACTOR;
  }
  return check;
}

function beginsMagic(place: u32, bytes: u32): bool {
  for (let at: u32 = 0; at < min<u32>(bytes, 4); at++) {
    if ((load<u8>(place + at) as u32) != ((wire.MAGIC >> (at << 3)) & 0xff)) return false;
  }
  return true;
}

/** Bytes of the frame that begins at `place`, of which `bytes` are there; 0: none begins there;
 *  UNKNOWN: more bytes have to tell. */
export function frameAt(place: u32, bytes: u32): u32 {
  if (!beginsMagic(place, bytes)) return 0;
  if (bytes < wire.HEADER_BYTES) return UNKNOWN;
  if (load<u32>(place + wire.FIELD_CHECK) != checkOf(place)) return 0;
  const body = load<u16>(place + wire.FIELD_BODY_BYTES) as u32;
  if (body > wire.BODY_LIMIT) return 0;
  const whole = wire.HEADER_BYTES + body + wire.TAG_BYTES;
  return bytes < whole ? UNKNOWN : whole;
}

function signedBytes(frame: u32): u32 {
  return wire.HEADER_BYTES + (load<u16>(frame + wire.FIELD_BODY_BYTES) as u32);
}

function sign(frame: u32, key: u32): void {
  hmacBegin(key);
  hmacAdd(frame, signedBytes(frame));
  hmacEnd(DIGEST);
}

/** Was a whole frame written by somebody who has the key? Takes as long for every wrong tag. */
export function isGenuine(frame: u32, key: u32): bool {
  sign(frame, key);
  const tag = frame + signedBytes(frame);
  return ((load<u64>(tag) ^ load<u64>(DIGEST)) | (load<u64>(tag, 8) ^ load<u64>(DIGEST, 8))) == 0;
}

/** Writes header and tag around the `bytes` of body that stand behind the header's place. */
export function sealFrame(
  frame: u32,
  key: u32,
  type: u32,
  channel: u32,
  sequence: u32,
  bytes: u32,
): u32 {
  store<u32>(frame, wire.MAGIC);
  store<u8>(frame + wire.FIELD_TYPE, type as u8);
  store<u8>(frame + wire.FIELD_CHANNEL, channel as u8);
  store<u16>(frame + wire.FIELD_BODY_BYTES, bytes as u16);
  store<u32>(frame + wire.FIELD_SEQUENCE, sequence);
  store<u32>(frame + wire.FIELD_CHECK, checkOf(frame));
  sign(frame, key);
  memory.copy(frame + wire.HEADER_BYTES + bytes, DIGEST, wire.TAG_BYTES);
  return wire.HEADER_BYTES + bytes + wire.TAG_BYTES;
}
