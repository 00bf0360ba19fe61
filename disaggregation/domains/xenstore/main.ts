// The xenstore service: events in, requests carried out, answers out.

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
import { DOMAINS } from "./limits";
import { dropState } from "./lives";
import { handle, WATCH_EVENT } from "./requests";
import { takeEvent, waiting } from "./watches";

const NEVER: u64 = 0xffffffffffffffff;
/** Steps of one turn; then whoever else has to run may. */
const STEPS: u32 = 512;
/** Steps for one domain before the next one's turn. */
const STEPS_A_DOMAIN: u32 = 8;

/** Domains that may have something to do: a bit for each. */
let active: u64 = 0;
/** When the deferred may go on. */
let deferral: u64 = 0;

export function start(): void {
  configure();
  // Whatever came before the ports were bound is looked at once.
  active = NEVER;
}

function takeEvents(): void {
  for (let port = nextEvent(); port >= 0; port = nextEvent()) {
    const domain = domainOfPort(port as u32);
    if (domain < DOMAINS) active |= (1 as u64) << (domain as u64);
  }
}

/** One step for a domain; false: there is nothing to do. */
function step(domain: u32): bool {
  if (wantsReconnection(domain)) {
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

/** Takes what came and does some of it; 0: there is more to do at once. */
export function turn(): u64 {
  takeEvents();
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
  if (active != 0) return 0;
  return deferral == 0 ? NEVER : deferral;
}

/** Domains for whom something waits that their rings have no room for, or that have no ring. */
function stuck(): u64 {
  let domains: u64 = 0;
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    if (!isOpen(domain) || !isQuiet(domain)) domains |= (1 as u64) << (domain as u64);
  }
  return domains;
}
