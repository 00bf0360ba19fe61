// The console service: what domains say is kept, shown on the serial port and told to the
// toolstack; what is typed at either is given to them.

import { beat, expectKept, isKeptReady, keptSoon } from "../../runtime/kept";
import { receive, send } from "../../runtime/uart";
import { nextEvent, now } from "../../runtime/world";
import { configure, hasUart } from "./configure";
import { lineRoom, showBytes } from "./lines";
import { followManager, isManager, takeMessage, tellNext } from "./management";
import { allowance, charge } from "./rates";
import * as ring from "./rings";
import { DOMAINS, keep, TYPED_BYTES, takeTyped, typeFor } from "./rows";

/** How often a serial port without interrupts is looked at, and how soon when it is busy (ns). */
const LOOK: u64 = 20000000;
const SOON: u64 = 1000000;
/** Events that one turn takes. */
const EVENTS: u32 = 256;
/** Rounds of one turn; then whoever else has to run may. */
const ROUNDS: u32 = 16;
/** Three of these in a row turn the keyboard to the next domain, as in Xen. */
const SWITCH: u32 = 1;
const SWITCHES: u32 = 3;

const BYTES: u32 = memory.data(2048) as u32;

/** Whose the serial port's keyboard is, and how many SWITCH keys came in a row. */
let focus: u32 = 0;
let switches: u32 = 0;

function focusNext(): void {
  for (let step: u32 = 0; step < DOMAINS; step++) {
    focus = (focus + 1) & (DOMAINS - 1);
    if (ring.hasRing(focus) && !isManager(focus)) return;
  }
}

let begun: bool = false;

export function start(): void {
  expectKept();
}

function begin(): void {
  begun = true;
  configure();
  focusNext();
}

/** Takes what a domain said, as much as it may and there is room for. */
function drain(domain: u32): bool {
  const waiting = ring.waitingBytes(domain);
  const bytes = min<u32>(min<u32>(waiting, allowance(domain)), lineRoom());
  if (bytes == 0) return false;
  ring.peek(domain, BYTES, bytes);
  keep(domain, BYTES, bytes);
  ring.consume(domain, bytes);
  showBytes(domain, BYTES, bytes);
  charge(domain, bytes);
  return true;
}

/** Gives a domain what was typed for it. */
function feed(domain: u32): bool {
  const room = min<u32>(ring.roomBytes(domain), TYPED_BYTES);
  const bytes = takeTyped(domain, BYTES, room);
  if (bytes != 0) ring.give(domain, BYTES, bytes);
  return bytes != 0;
}

function serve(domain: u32): bool {
  if (!ring.hasRing(domain) || isManager(domain)) return false;
  const drained = drain(domain);
  const fed = feed(domain);
  if (drained || fed) ring.notify(domain);
  return drained || fed;
}

/** The serial port's keyboard. */
function listen(): bool {
  const bytes = receive(BYTES, 256);
  for (let index: u32 = 0; index < bytes; index++) {
    const key = load<u8>(BYTES + index) as u32;
    switches = key == SWITCH ? switches + 1 : 0;
    if (switches == SWITCHES) {
      switches = 0;
      focusNext();
    } else if (key != SWITCH) {
      typeFor(focus, BYTES + index, 1);
    }
  }
  return bytes != 0;
}

/** Does a ring still hold something that had to wait? */
function isHeld(): bool {
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    if (ring.hasRing(domain) && !isManager(domain) && ring.waitingBytes(domain) != 0) return true;
  }
  return false;
}

/** Some rounds; when to go on at the latest. */
function work(): u64 {
  const look = followManager();
  let moved = true;
  for (let round: u32 = 0; round < ROUNDS && moved; round++) {
    moved = false;
    while (takeMessage()) moved = true;
    if (hasUart && listen()) moved = true;
    for (let domain: u32 = 1; domain < DOMAINS; domain++) if (serve(domain)) moved = true;
    if (tellNext()) moved = true;
    if (hasUart && send()) moved = true;
  }
  if (moved) return 0;
  if (isHeld()) return now() + SOON;
  return hasUart ? now() + LOOK : look;
}

/** Events say nothing here but that something is to be looked at. */
function takeEvents(): void {
  for (let count: u32 = 0; count < EVENTS; count++) if (nextEvent() < 0) return;
}

export function turn(): u64 {
  if (!begun) {
    if (!isKeptReady()) return keptSoon();
    begin();
  }
  takeEvents();
  return beat(work());
}
