// The xenstore service: events in, requests carried out, answers out.

import { beat, expectKept, isKeptReady, keptSoon } from "../../runtime/kept";
import { nextEvent, now } from "../../runtime/world";
import { configure } from "./configure";
import {
  answer,
  answerBody,
  domainOfPort,
  dropRequest,
  isOpen,
  isQuiet,
  isWhole,
  notify,
  receiveOn,
  reconnect,
  sendOn,
  wantsReconnection,
} from "./connections";
import { isDeferred } from "./fairness";
import { noteRequest, noteReset } from "./lasting";
import { DOMAINS } from "./limits";
import { dropState } from "./lives";
import { handle, WATCH_EVENT } from "./requests";
import { followReturning, nextLook } from "./returning";
import { takeEvent, waiting } from "./watches";

const NEVER: u64 = 0xffffffffffffffff;
/** Steps of one turn; then whoever else has to run may. */
const STEPS: u32 = 512;
/** Events that one turn takes: whoever sends them without end keeps nobody else waiting. */
const EVENTS_A_TURN: u32 = 256;
/** Steps for one domain before the next one's turn. */
const STEPS_A_DOMAIN: u32 = 8;

/** Domains that may have something to do: a bit for each. */
let active: u64 = 0;
/** When the deferred may go on. */
let deferral: u64 = 0;

let begun: bool = false;

export function start(): void {
  expectKept();
}

function begin(): void {
  begun = true;
  configure();
  // Whatever came before the ports were bound is looked at once.
  active = NEVER;
}

/** Takes some of the events that wait; true: there may be more. */
function takeEvents(): bool {
  for (let count: u32 = 0; count < EVENTS_A_TURN; count++) {
    const port = nextEvent();
    if (port < 0) return false;
    const domain = domainOfPort(port as u32);
    if (domain < DOMAINS) active |= (1 as u64) << (domain as u64);
  }
  return true;
}

/** One step for a domain; false: there is nothing to do. */
function step(domain: u32): bool {
  if (wantsReconnection(domain)) {
    noteReset(domain);
    dropState(domain);
    reconnect(domain);
  }
  if (!isOpen(domain)) return false;
  if (!isQuiet(domain)) return sendOn(domain);
  const event = takeEvent(domain, answerBody(domain));
  if (event != 0) {
    answer(domain, WATCH_EVENT, 0, 0, event);
    return sendOn(domain);
  }
  if (!isWhole(domain) && !receiveOn(domain)) return false;
  if (!isWhole(domain)) return true;
  const until = isDeferred(domain);
  if (until != 0) {
    deferral = until;
    return false;
  }
  noteRequest(domain);
  handle(domain);
  dropRequest(domain);
  sendOn(domain);
  return true;
}

/** Some steps for a domain; it stays active while there may be more. */
function serve(domain: u32): u32 {
  let steps: u32 = 0;
  while (steps < STEPS_A_DOMAIN && step(domain)) steps++;
  notify(domain);
  if (steps < STEPS_A_DOMAIN) active &= ~((1 as u64) << (domain as u64));
  return steps;
}

export function turn(): u64 {
  if (!begun) {
    if (!isKeptReady()) return keptSoon();
    begin();
  }
  return beat(work());
}

/** Takes what came and does some of it; 0: there is more to do at once. */
function work(): u64 {
  const moreEvents = takeEvents();
  active |= followReturning();
  if (deferral != 0 && now() >= deferral) {
    deferral = 0;
    active = NEVER;
  }
  let steps: u32 = 0;
  let round: u32 = 0;
  while (active != 0 && steps < STEPS && round < STEPS) {
    for (let domain: u32 = 0; domain < DOMAINS; domain++) {
      if (((active >> (domain as u64)) & 1) != 0) steps += serve(domain);
    }
    // Watches of others may have been told; their owners are looked at in the next round.
    active |= waiting & ~stuck();
    round++;
  }
  if (active != 0 || moreEvents) return 0;
  return min<u64>(deferral == 0 ? NEVER : deferral, nextLook());
}

/** Domains for whom something waits that their rings have no room for, or that have no ring. */
function stuck(): u64 {
  let domains: u64 = 0;
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    if (!isOpen(domain) || !isQuiet(domain)) domains |= (1 as u64) << (domain as u64);
  }
  return domains;
}
