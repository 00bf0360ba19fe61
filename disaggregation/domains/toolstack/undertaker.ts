// Domains that have ended are taken apart, and xenstore and the consoles forget them. A domain
// stays a dying one as long as others map its memory: they let go when they are told.

import { writeDecimal, writeText } from "../../runtime/decimal";
import { STORE_RM, storeSend } from "../../runtime/store";
import { now } from "../../runtime/world";
import { removeConsole } from "./console_relay";
import { DOMAINS, destroyDomain, hasEnded } from "./domains";

const EAGAIN: i32 = -11;
const STORE_RELEASE: u32 = 9;
/** Tag of requests whose answers nobody waits for. */
const NO_TAG: u32 = 0;
const INTERVAL: u64 = 200000000;
const TEXT: u32 = memory.data(128) as u32;

/** Back ends: a domain, and the name of its kind of devices. */
const BACK_ENDS: u32 = 8;
const KIND_BYTES: u32 = 16;
const BACK_DOMAIN: u32 = memory.data(<i32>(8 * 4), 4) as u32;
const BACK_KIND: u32 = memory.data(<i32>(8 * 16)) as u32;
let backEnds: u32 = 0;

let due: u64 = 0;
/** Domains that are dying, and those of them that the others are still to be told of. */
let dying: u64 = 0;
let untold: u64 = 0;

/** Names a back end whose devices go with their guests; false: there are too many. */
export function addBackEnd(domain: u32, kind: u32, bytes: u32): bool {
  if (backEnds == BACK_ENDS || bytes >= KIND_BYTES) return false;
  store<u32>(BACK_DOMAIN + (backEnds << 2), domain);
  memory.copy(BACK_KIND + backEnds * KIND_BYTES, kind, bytes);
  backEnds++;
  return true;
}

/** Sends the text that ends at `end`; xenstore wants a NUL behind it. */
function send(type: u32, end: u32): bool {
  store<u8>(end, 0);
  return storeSend(type, 0, NO_TAG, TEXT, end + 1 - TEXT);
}

function removeDevices(index: u32, domain: u32): bool {
  const back = load<u32>(BACK_DOMAIN + (index << 2)) as u64;
  let end = writeDecimal(writeText(TEXT, "/local/domain/"), back);
  end = writeText(end, "/backend/");
  const kind = BACK_KIND + index * KIND_BYTES;
  for (let at: u32 = 0; at < KIND_BYTES && load<u8>(kind + at) != 0; at++) {
    store<u8>(end, load<u8>(kind + at));
    end++;
  }
  return send(STORE_RM, writeDecimal(writeText(end, "/"), domain as u64));
}

/** False: too much waits for xenstore already; all of it is said again later. */
function tellStore(domain: u32): bool {
  for (let index: u32 = 0; index < backEnds; index++) {
    if (!removeDevices(index, domain)) return false;
  }
  const path = writeDecimal(writeText(TEXT, "/local/domain/"), domain as u64);
  return send(STORE_RM, path) && send(STORE_RELEASE, writeDecimal(TEXT, domain as u64));
}

function tellOfAll(): void {
  while (untold != 0) {
    const domain = ctz(untold) as u32;
    if (!tellStore(domain) || !removeConsole(domain)) return;
    untold &= untold - 1;
  }
}

/** Takes a domain apart, as far as it goes now; 0, or a negative error. */
export function bury(domain: u32): i32 {
  const result = destroyDomain(domain);
  if (result != 0 && result != EAGAIN) return result;
  const bit = (1 as u64) << (domain as u64);
  if ((dying & bit) == 0) untold |= bit;
  if (result == 0) dying &= ~bit;
  else dying |= bit;
  return 0;
}

/** Looks for domains that have ended or are dying, now and then. */
export function lookForEnded(): void {
  tellOfAll();
  if (now() < due) return;
  due = now() + INTERVAL;
  for (let domain: u32 = 1; domain < DOMAINS; domain++) if (hasEnded(domain)) bury(domain);
  tellOfAll();
}
