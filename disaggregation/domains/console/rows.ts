// The domains whose consoles are carried: a row for each domain number. What a domain said stays
// readable after its end, until its number is used again.

import * as lasting from "./lasting";

export const DOMAINS: u32 = 64;
export const NAME_BYTES: u32 = 24;
/** Bytes of a domain's output that are kept. */
export const KEPT_BYTES: u32 = 16384;
/** Bytes that were typed for a domain and wait for room in its ring. */
export const TYPED_BYTES: u32 = 1024;

const NAMES: u32 = memory.data(<i32>(DOMAINS * NAME_BYTES)) as u32;
const NAME_LENGTH: u32 = memory.data(<i32>DOMAINS) as u32;
const KEPT: u32 = memory.data(<i32>(DOMAINS * KEPT_BYTES)) as u32;
/** Bytes that a domain ever said. */
const SAID: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const TYPED: u32 = memory.data(<i32>(DOMAINS * TYPED_BYTES)) as u32;
const TYPED_IN: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const TYPED_OUT: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;

export function nameOf(domain: u32): u32 {
  return NAMES + domain * NAME_BYTES;
}

export function nameBytes(domain: u32): u32 {
  return load<u8>(NAME_LENGTH + domain);
}

/** A number's new life: the old one's words go. */
export function beginRow(domain: u32, name: u32, bytes: u32): void {
  const length = min<u32>(bytes, NAME_BYTES);
  memory.copy(nameOf(domain), name, length);
  store<u8>(NAME_LENGTH + domain, length as u8);
  lasting.noteName(domain, name, length);
  setSaid(domain, 0);
  store<u32>(TYPED_IN + (domain << 2), 0);
  store<u32>(TYPED_OUT + (domain << 2), 0);
}

/** Copies bytes into a circle of a power of two. */
function into(circle: u32, size: u32, at: u32, source: u32, bytes: u32): void {
  const offset = at & (size - 1);
  const first = min<u32>(bytes, size - offset);
  memory.copy(circle + offset, source, first);
  memory.copy(circle, source + first, bytes - first);
}

function outOf(circle: u32, size: u32, at: u32, target: u32, bytes: u32): void {
  const offset = at & (size - 1);
  const first = min<u32>(bytes, size - offset);
  memory.copy(target, circle + offset, first);
  memory.copy(target + first, circle, bytes - first);
}

/** Bytes that the domain ever said. */
export function saidBytes(domain: u32): u32 {
  return load<u32>(SAID + (domain << 2));
}

function setSaid(domain: u32, bytes: u32): void {
  store<u32>(SAID + (domain << 2), bytes);
  lasting.noteNumber(domain, lasting.SAID, bytes);
}

export function keep(domain: u32, source: u32, bytes: u32): void {
  const said = saidBytes(domain);
  into(KEPT + domain * KEPT_BYTES, KEPT_BYTES, said, source, bytes);
  const offset = said & (KEPT_BYTES - 1);
  const first = min<u32>(bytes, KEPT_BYTES - offset);
  lasting.noteWords(domain, offset, source, first);
  lasting.noteWords(domain, 0, source + first, bytes - first);
  setSaid(domain, said + bytes);
}

/** A domain's row as an earlier instance of this service left it. */
export function takeUpRow(domain: u32): void {
  store<u8>(NAME_LENGTH + domain, lasting.lastingName(domain, nameOf(domain)) as u8);
  store<u32>(SAID + (domain << 2), lasting.lastingNumber(domain, lasting.SAID));
  lasting.lastingWords(domain, KEPT + domain * KEPT_BYTES);
}

/** The earliest byte that is still kept. */
export function earliest(domain: u32): u32 {
  const said = saidBytes(domain);
  return said > KEPT_BYTES ? said - KEPT_BYTES : 0;
}

/** Copies what the domain said from byte `from` on, which is still kept. */
export function recall(domain: u32, from: u32, target: u32, bytes: u32): void {
  outOf(KEPT + domain * KEPT_BYTES, KEPT_BYTES, from, target, bytes);
}

/** Keeps what was typed for a domain; what finds no room is dropped, as a UART does. */
export function typeFor(domain: u32, source: u32, bytes: u32): void {
  const at = load<u32>(TYPED_IN + (domain << 2));
  const room = TYPED_BYTES - (at - load<u32>(TYPED_OUT + (domain << 2)));
  const count = min<u32>(bytes, room);
  into(TYPED + domain * TYPED_BYTES, TYPED_BYTES, at, source, count);
  store<u32>(TYPED_IN + (domain << 2), at + count);
}

/** Takes at most `bytes` of what was typed for a domain; returns how many. */
export function takeTyped(domain: u32, target: u32, bytes: u32): u32 {
  const at = load<u32>(TYPED_OUT + (domain << 2));
  const count = min<u32>(bytes, load<u32>(TYPED_IN + (domain << 2)) - at);
  outOf(TYPED + domain * TYPED_BYTES, TYPED_BYTES, at, target, count);
  store<u32>(TYPED_OUT + (domain << 2), at + count);
  return count;
}
