// The services that serve devices: a domain, and the name of its kind of devices in xenstore.

import { isText, NO_NUMBER } from "../../runtime/decimal";

const BACK_ENDS: u32 = 8;
const KIND_BYTES: u32 = 16;
const DOMAIN: u32 = memory.data(<i32>(8 * 4), 4) as u32;
const KIND: u32 = memory.data(<i32>(8 * 16)) as u32;
const KIND_LENGTH: u32 = memory.data(<i32>8) as u32;
let backEnds: u32 = 0;

/** Names a back end; false: there are too many. */
export function addBackEnd(domain: u32, kind: u32, bytes: u32): bool {
  if (backEnds == BACK_ENDS || bytes > KIND_BYTES) return false;
  store<u32>(DOMAIN + (backEnds << 2), domain);
  memory.copy(KIND + backEnds * KIND_BYTES, kind, bytes);
  store<u8>(KIND_LENGTH + backEnds, bytes as u8);
  backEnds++;
  return true;
}

export function backEndCount(): u32 {
  return backEnds;
}

export function backEndDomain(index: u32): u32 {
  return load<u32>(DOMAIN + (index << 2));
}

/** Writes the name of a back end's kind; returns the place behind it. */
export function writeKind(place: u32, index: u32): u32 {
  const bytes: u32 = load<u8>(KIND_LENGTH + index);
  memory.copy(place, KIND + index * KIND_BYTES, bytes);
  return place + bytes;
}

/** The domain that serves a kind of devices, or NO_NUMBER. */
export function backEndOf(kind: string): u64 {
  for (let index: u32 = 0; index < backEnds; index++) {
    const bytes: u32 = load<u8>(KIND_LENGTH + index);
    if (isText(KIND + index * KIND_BYTES, bytes, kind)) return backEndDomain(index) as u64;
  }
  return NO_NUMBER;
}
