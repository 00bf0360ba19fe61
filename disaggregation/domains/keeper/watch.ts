// The services that are watched over. One that is gone, has crashed, or shows no pulse any more is
// taken apart and made again. One that may end by itself (the toolstack, when a client ends the
// system) is left alone then.

import { command, commandAnswer } from "../../runtime/command";
import { writeDecimal, writeText } from "../../runtime/decimal";
import { DESTROY, INFORMATION } from "../../runtime/operations";
import { readOwn } from "../../runtime/own_memory";
import { log, now } from "../../runtime/world";
import { beginRemaking, MORE, remakeSome } from "./remake";

const SERVICES: u32 = 8;
const NONE: u32 = 0xffffffff;
const POWER_OFF: u32 = 0;
/** States of a domain, as the core numbers them. */
const SHUT_DOWN: u32 = 4;
const DYING: u32 = 5;

/** A service without a pulse for so long hangs (ns). */
export const PATIENCE: u64 = 15000000000;
/** How often is looked at each, and how long after a failure one is tried again (ns). */
const LOOK: u64 = 50000000;
/** How often the pulses are looked at (ns). */
const PULSE_LOOK: u64 = 1000000000;
const RETRY: u64 = 500000000;

const DOMAIN: u32 = memory.data(<i32>(SERVICES * 4), 4) as u32;
const ROWS: u32 = memory.data(<i32>(SERVICES * 8), 8) as u32;
const COUNT: u32 = memory.data(<i32>(SERVICES * 4), 4) as u32;
const MAY_END: u32 = memory.data(<i32>SERVICES) as u32;
const PULSE: u32 = memory.data(<i32>(SERVICES * 8), 8) as u32;
/** The pulse that was seen last, and when it changed. */
const SEEN: u32 = memory.data(<i32>(SERVICES * 8), 8) as u32;
const SINCE: u32 = memory.data(<i32>(SERVICES * 8), 8) as u32;
/** When a service may be tried again that could not be made. */
const AFTER: u32 = memory.data(<i32>(SERVICES * 8), 8) as u32;
const BEAT: u32 = memory.data(8, 8) as u32;
const LINE: u32 = memory.data(128) as u32;

let services: u32 = 0;
/** When the pulses are looked at next. */
let pulsesDue: u64 = 0;
/** The one that is being made. */
let making: u32 = NONE;

/** Watches over a domain that `count` rows at `rows` make, and whose pulse lies at `pulse`.
 *  `mayEnd`: switched off by itself it stays so. */
export function watch(domain: u32, rows: u64, count: u32, pulse: u64, mayEnd: bool): void {
  if (services == SERVICES) return;
  store<u32>(DOMAIN + (services << 2), domain);
  store<u64>(ROWS + (services << 3), rows);
  store<u32>(COUNT + (services << 2), count);
  store<u64>(PULSE + (services << 3), pulse);
  store<u8>(MAY_END + services, mayEnd ? 1 : 0);
  services++;
}

function domainOf(service: u32): u32 {
  return load<u32>(DOMAIN + (service << 2));
}

/** "domain 3 WORDS", in the hypervisor's log, which names who says it. */
function say(service: u32, words: string): void {
  const end = writeDecimal(writeText(LINE, "domain "), domainOf(service) as u64);
  log(LINE, writeText(writeText(writeText(end, " "), words), "\n") - LINE);
}

/** Does the service that runs still show that it can do something? */
function beats(service: u32): bool {
  const at = service << 3;
  if (!readOwn(load<u64>(PULSE + at), BEAT, 8)) return true;
  const time = now();
  if (load<u64>(BEAT) != load<u64>(SEEN + at) || load<u64>(SINCE + at) == 0) {
    store<u64>(SEEN + at, load<u64>(BEAT));
    store<u64>(SINCE + at, time);
    return true;
  }
  return time - load<u64>(SINCE + at) < PATIENCE;
}

/** One step of taking it apart; others may hold its memory for a while. */
function takeApart(service: u32): void {
  command(DESTROY, domainOf(service), 0, 0, 0);
}

/** True: the service's number is free, and it is to be made. */
function isGone(service: u32): bool {
  if (command(INFORMATION, domainOf(service), 0, 0, 0) != 0) return true;
  const answer = commandAnswer(0) as u32;
  const state = answer & 0xff;
  const reason = (answer >> 8) & 0xff;
  if (state == SHUT_DOWN) {
    if (reason == POWER_OFF && load<u8>(MAY_END + service) != 0) return false;
    say(service, "has crashed");
    takeApart(service);
  } else if (state == DYING) takeApart(service);
  else if (pulsesDue == 0 && !beats(service)) {
    say(service, "hangs");
    takeApart(service);
  }
  return false;
}

function goOnMaking(): void {
  const result = remakeSome();
  if (result == MORE) return;
  const service = making;
  making = NONE;
  store<u64>(SINCE + (service << 3), 0);
  if (result == 0) return say(service, "runs again");
  // Something that it needs is not there yet: from the beginning, later.
  store<u64>(AFTER + (service << 3), now() + RETRY);
  takeApart(service);
}

function look(): void {
  if (now() >= pulsesDue) pulsesDue = 0;
  for (let service: u32 = 0; service < services && making == NONE; service++) {
    if (now() < load<u64>(AFTER + (service << 3)) || !isGone(service)) continue;
    making = service;
    beginRemaking(load<u64>(ROWS + (service << 3)), load<u32>(COUNT + (service << 2)));
  }
  if (pulsesDue == 0) pulsesDue = now() + PULSE_LOOK;
}

/** Looks at all of them, or goes on with one; when the next look is due. */
export function watchOver(): u64 {
  if (making == NONE) look();
  else goOnMaking();
  return making == NONE ? now() + LOOK : 0;
}
