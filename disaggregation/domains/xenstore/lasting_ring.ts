// What outlives this service of each ring: how far its bytes were taken and given, the request that
// comes in and the answer that goes out. Two numbers that belong together are one access, and the
// ring's index follows them: whoever comes later moves the index to where they say.

import { keptCopyIn, keptCopyOut, keptPage } from "../../runtime/kept";
import { fence, pageLoad32, pageLoad64, pageStore32, pageStore64 } from "../../runtime/world";
import { canLast } from "./journal";
import { PAGES_A_RING } from "./limits";

const FIRST_PAGE: u32 = 1;
/** Not zero: the rest counts. */
const VALID: u32 = 0;
/** { u32 index consumed; u16 bytes received; u16 number of the request } */
const TAKEN: u32 = 8;
/** { u16 number of the last request that was answered; u16 bytes of the answer; u16 turn } */
const ANSWERED: u32 = 16;
/** { u32 index produced; u16 bytes sent; u16 turn that they are of } */
const GIVEN: u32 = 24;
export const REQUEST_PLACE: u32 = 64;
export const ANSWER_PLACE: u32 = 4224;

function firstPage(domain: u32): u32 {
  return FIRST_PAGE + domain * PAGES_A_RING;
}

function page(domain: u32): u32 {
  return keptPage(firstPage(domain));
}

function get(domain: u32, field: u32): u64 {
  return pageLoad64(page(domain), field);
}

function set(domain: u32, field: u32, value: u64): void {
  if (canLast()) pageStore64(page(domain), field, value);
}

export function isRingValid(domain: u32): bool {
  return canLast() && pageLoad32(page(domain), VALID) != 0;
}

export function setRingValid(domain: u32, valid: bool): void {
  if (!canLast()) return;
  fence();
  pageStore32(page(domain), VALID, valid ? 1 : 0);
}

/** Notes bytes of the request (REQUEST_PLACE) or of the answer (ANSWER_PLACE). */
export function noteBytes(domain: u32, place: u32, source: u32, bytes: u32): void {
  if (canLast()) keptCopyOut(firstPage(domain), place, source, bytes);
}

export function lastingBytes(domain: u32, place: u32, target: u32, bytes: u32): void {
  keptCopyIn(firstPage(domain), place, target, bytes);
}

function pack(low: u32, middle: u32, high: u32): u64 {
  return (low as u64) | ((middle as u64) << 32) | ((high as u64) << 48);
}

export function noteTaken(domain: u32, consumed: u32, received: u32, number: u32): void {
  set(domain, TAKEN, pack(consumed, received, number));
}

export function noteAnswered(domain: u32, number: u32, bytes: u32, turn: u32): void {
  set(domain, ANSWERED, pack(number | (bytes << 16), turn, 0));
}

export function noteGiven(domain: u32, produced: u32, sent: u32, turn: u32): void {
  set(domain, GIVEN, pack(produced, sent, turn));
}

export function takenIndex(domain: u32): u32 {
  return get(domain, TAKEN) as u32;
}
export function takenBytes(domain: u32): u32 {
  return ((get(domain, TAKEN) >> 32) as u32) & 0xffff;
}
export function takenNumber(domain: u32): u32 {
  return (get(domain, TAKEN) >> 48) as u32;
}
export function answeredNumber(domain: u32): u32 {
  return (get(domain, ANSWERED) as u32) & 0xffff;
}
export function answerBytes(domain: u32): u32 {
  return (get(domain, ANSWERED) as u32) >> 16;
}
export function answerTurn(domain: u32): u32 {
  return ((get(domain, ANSWERED) >> 32) as u32) & 0xffff;
}
export function givenIndex(domain: u32): u32 {
  return get(domain, GIVEN) as u32;
}
/** Bytes that were given of the answer that is noted. */
export function givenBytes(domain: u32): u32 {
  const given = get(domain, GIVEN);
  return ((given >> 48) as u32) == answerTurn(domain) ? ((given >> 32) as u32) & 0xffff : 0;
}
