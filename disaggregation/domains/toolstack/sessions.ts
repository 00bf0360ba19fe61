// Who is at the other end: sessions, each with a key for either direction and the last sequence
// number that was seen. A session begins when a request proves that its sender has the key; until
// then nothing of what stands is touched, whatever comes.

import * as wire from "../../control/wire";
import { random } from "../../runtime/world";
import { isGenuine } from "./frame";
import { hmacAdd, hmacBegin, hmacEnd } from "./hmac";

const NONE: u32 = 0xffffffff;

/** The key that both ends were given. */
const KEY: u32 = memory.data(32, 8) as u32;
/** Of each session: key to the service, key to the client. */
const KEYS: u32 = memory.data(<i32>(8 * 64), 8) as u32;
const SEEN: u32 = memory.data(<i32>(8 * 4), 4) as u32;
const SENT: u32 = memory.data(<i32>(8 * 4), 4) as u32;
/** When a session was used last, as a count of requests; 0: there is no session. */
const USED: u32 = memory.data(<i32>(8 * 4), 4) as u32;

/** What the session that is being offered will have. */
const OFFERED: u32 = memory.data(64, 8) as u32;
const NONCES: u32 = memory.data(32, 8) as u32;
const DIRECTION: u32 = memory.data(1) as u32;

let offered: u32 = NONE;
let requests: u32 = 0;

/** Takes the key that both ends were given. */
export function setKey(place: u32): void {
  memory.copy(KEY, place, wire.KEY_BYTES);
}

function derive(direction: u32, key: u32): void {
  store<u8>(DIRECTION, direction as u8);
  hmacBegin(KEY);
  hmacAdd(DIRECTION, 1);
  hmacAdd(NONCES, 2 * wire.NONCE_BYTES);
  hmacEnd(key);
}

/** The session that was used longest ago, or none yet. */
function oldest(): u32 {
  let found: u32 = 0;
  for (let channel: u32 = 1; channel < wire.CHANNELS; channel++) {
    if (load<u32>(USED + (channel << 2)) < load<u32>(USED + (found << 2))) found = channel;
  }
  return found;
}

/** Is it the hello that the offer answers? A client that has to wait says it again. */
function isOffered(nonce: u32): bool {
  if (offered == NONE) return false;
  return load<u64>(nonce) == load<u64>(NONCES) && load<u64>(nonce, 8) == load<u64>(NONCES, 8);
}

/** A hello: makes the keys of a session to be. Returns its channel; NONE is no channel. */
export function offerSession(frame: u32): u32 {
  const sound = load<u16>(frame + wire.FIELD_BODY_BYTES) == (wire.NONCE_BYTES as u16);
  if (!sound || !isGenuine(frame, KEY)) return NONE;
  // The client may have taken the first challenge up already, and would not hear of new keys.
  if (isOffered(frame + wire.HEADER_BYTES)) return offered;
  memory.copy(NONCES, frame + wire.HEADER_BYTES, wire.NONCE_BYTES);
  store<u64>(NONCES + 16, random());
  store<u64>(NONCES + 24, random());
  derive(wire.TO_SERVICE, OFFERED);
  derive(wire.TO_CLIENT, OFFERED + wire.KEY_BYTES);
  offered = oldest();
  return offered;
}

/** Both nonces of the offer: the body of a challenge. */
export function offeredNonces(): u32 {
  return NONCES;
}

export function offeredKey(): u32 {
  return OFFERED + wire.KEY_BYTES;
}

function keysOf(channel: u32): u32 {
  return KEYS + (channel << 6);
}

/** The offer was taken up: it becomes a session. */
function admit(frame: u32, channel: u32): bool {
  if (channel != offered || !isGenuine(frame, OFFERED)) return false;
  offered = NONE;
  memory.copy(keysOf(channel), OFFERED, 2 * wire.KEY_BYTES);
  store<u32>(SEEN + (channel << 2), 0);
  store<u32>(SENT + (channel << 2), 0);
  store<u32>(USED + (channel << 2), 1);
  return true;
}

/** What came of a frame that claims to be a request. */
export const FORGED: u32 = 0;
export const REPLAYED: u32 = 1;
export const ACCEPTED: u32 = 2;
/** The first of a new session: what its channel was used for before is over. */
export const ADMITTED: u32 = 3;

/** Judges a request by its tag and its number. */
export function judge(frame: u32): u32 {
  const channel = load<u8>(frame + wire.FIELD_CHANNEL) as u32;
  if (channel >= wire.CHANNELS) return FORGED;
  const at = channel << 2;
  const known = load<u32>(USED + at) != 0 && isGenuine(frame, keysOf(channel));
  const admitted = !known && admit(frame, channel);
  if (!known && !admitted) return FORGED;
  const sequence = load<u32>(frame + wire.FIELD_SEQUENCE);
  if (sequence <= load<u32>(SEEN + at)) return REPLAYED;
  store<u32>(SEEN + at, sequence);
  requests++;
  store<u32>(USED + at, requests + 1);
  return admitted ? ADMITTED : ACCEPTED;
}

/** Is there a session on a channel? */
export function isSession(channel: u32): bool {
  return channel < wire.CHANNELS && load<u32>(USED + (channel << 2)) != 0;
}

export function keyToClient(channel: u32): u32 {
  return keysOf(channel) + wire.KEY_BYTES;
}

/** The number of the next frame to a client. */
export function nextSequence(channel: u32): u32 {
  const at = SENT + (channel << 2);
  store<u32>(at, load<u32>(at) + 1);
  return load<u32>(at);
}
