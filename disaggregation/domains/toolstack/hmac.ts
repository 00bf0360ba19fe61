// HMAC-SHA256 (RFC 2104) with keys of 32 bytes. One at a time: begin, add, end.

import { add, begin, DIGEST_BYTES, end } from "../../runtime/sha256";

const KEY_BYTES: u32 = 32;
const BLOCK_BYTES: u32 = 64;
const INNER: u64 = 0x3636363636363636;
const OUTER: u64 = 0x5c5c5c5c5c5c5c5c;

const PAD: u32 = memory.data(64, 8) as u32;
const KEY: u32 = memory.data(32, 8) as u32;
const INSIDE: u32 = memory.data(32, 8) as u32;

function addPadded(pad: u64): void {
  for (let at: u32 = 0; at < BLOCK_BYTES; at += 8) {
    store<u64>(PAD + at, pad ^ (at < KEY_BYTES ? load<u64>(KEY + at) : 0));
  }
  add(PAD, BLOCK_BYTES);
}

/** Begins a message under the key at `key`. */
export function hmacBegin(key: u32): void {
  memory.copy(KEY, key, KEY_BYTES);
  begin();
  addPadded(INNER);
}

export function hmacAdd(place: u32, bytes: u32): void {
  add(place, bytes);
}

/** Ends the message; 32 bytes are written. */
export function hmacEnd(digest: u32): void {
  end(INSIDE);
  begin();
  addPadded(OUTER);
  add(INSIDE, DIGEST_BYTES);
  end(digest);
}
