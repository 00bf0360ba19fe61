// The ring to the toolstack: messages (wire.ts) in the two streams of a console ring. By it
// others' consoles are read and typed at, and domains come and go.

import { now } from "../../runtime/world";
import * as lasting from "./lasting";
import {
  closeRing,
  consume,
  give,
  hasRing,
  isForsaken,
  notify,
  OUT_BYTES,
  openRing,
  peek,
  roomBytes,
  waitingBytes,
} from "./rings";
import { beginRow, DOMAINS, earliest, recall, saidBytes, typeFor } from "./rows";
import {
  ADD,
  ATTACH,
  DATA_BYTES,
  DETACH,
  ENDED,
  HEADER_BYTES,
  INPUT,
  OUTPUT,
  REMOVE,
} from "./wire";

const MESSAGE: u32 = memory.data(<i32>OUT_BYTES, 4) as u32;
const DATA: u32 = MESSAGE + HEADER_BYTES;
const ANSWER: u32 = memory.data(<i32>(HEADER_BYTES + DATA_BYTES), 4) as u32;

const NOT_WATCHED: u8 = 0;
const WATCHED: u8 = 1;
/** The toolstack is to be told that there is nothing more. */
const TO_END: u8 = 2;
const STATE: u32 = memory.data(<i32>DOMAINS) as u32;
/** How far the toolstack has been told of what a domain said. */
const TOLD: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;

/** The toolstack's domain, or DOMAINS. */
let manager: u32 = DOMAINS;
/** The port that it offers, also when it comes back; and when is looked whether it left (ns). */
let offered: u32 = 0;
let due: u64 = 0;
const LOOK: u64 = 50000000;
/** Whose turn it is to be told of. */
let turn: u32 = 0;

export function setManager(domain: u32, port: u32): void {
  manager = domain;
  offered = port;
}

/** The toolstack comes back when it has ended: nobody watches anything then. When the next look is
 *  due; ~0 without a toolstack. */
export function followManager(): u64 {
  if (manager == DOMAINS) return 0xffffffffffffffff;
  if (now() < due) return due;
  due = now() + LOOK;
  if (isForsaken(manager)) {
    closeRing(manager);
    for (let domain: u32 = 0; domain < DOMAINS; domain++) setState(domain, NOT_WATCHED);
  }
  if (!hasRing(manager)) openRing(manager, offered);
  return due;
}

/** Who was watched when an earlier instance of this service ended is watched still. */
export function takeUpWatch(domain: u32): void {
  store<u8>(STATE + domain, min<u32>(lasting.lastingNumber(domain, lasting.WATCHED), 2) as u8);
  store<u32>(TOLD + (domain << 2), lasting.lastingNumber(domain, lasting.TOLD));
}

function setTold(domain: u32, bytes: u32): void {
  store<u32>(TOLD + (domain << 2), bytes);
  lasting.noteNumber(domain, lasting.TOLD, bytes);
}

export function isManager(domain: u32): bool {
  return domain == manager;
}

function setState(domain: u32, state: u8): void {
  store<u8>(STATE + domain, state);
  lasting.noteNumber(domain, lasting.WATCHED, state);
}

function attach(domain: u32): void {
  const known = hasRing(domain) || saidBytes(domain) != 0;
  setState(domain, known ? WATCHED : TO_END);
  setTold(domain, earliest(domain));
}

function add(domain: u32, bytes: u32): void {
  if (bytes < 4 || isManager(domain)) return;
  closeRing(domain);
  beginRow(domain, DATA + 4, bytes - 4);
  setState(domain, NOT_WATCHED);
  openRing(domain, load<u32>(DATA));
}

function remove(domain: u32): void {
  if (isManager(domain)) return;
  closeRing(domain);
  if (load<u8>(STATE + domain) == WATCHED) setState(domain, TO_END);
}

function perform(kind: u32, domain: u32, bytes: u32): void {
  if (domain == 0 || domain >= DOMAINS) return;
  if (kind == ATTACH) attach(domain);
  else if (kind == DETACH) setState(domain, NOT_WATCHED);
  else if (kind == INPUT) typeFor(domain, DATA, bytes);
  else if (kind == ADD) add(domain, bytes);
  else if (kind == REMOVE) remove(domain);
}

/** Takes the next message of the toolstack; false: none is there whole. */
export function takeMessage(): bool {
  if (manager == DOMAINS) return false;
  const there = waitingBytes(manager);
  if (there < HEADER_BYTES) return false;
  peek(manager, MESSAGE, HEADER_BYTES);
  const bytes = load<u16>(MESSAGE, 2) as u32;
  if (bytes > DATA_BYTES) {
    // No message of ours: nothing behind it can be understood either.
    consume(manager, there);
    return true;
  }
  if (there < HEADER_BYTES + bytes) return false;
  peek(manager, MESSAGE, HEADER_BYTES + bytes);
  // Rather done twice than not at all, should this service end in between.
  perform(load<u8>(MESSAGE), load<u8>(MESSAGE, 1), bytes);
  consume(manager, HEADER_BYTES + bytes);
  notify(manager);
  return true;
}

function tell(kind: u32, domain: u32, bytes: u32): void {
  store<u8>(ANSWER, kind as u8);
  store<u8>(ANSWER, domain as u8, 1);
  store<u16>(ANSWER, bytes as u16, 2);
  give(manager, ANSWER, HEADER_BYTES + bytes);
  notify(manager);
}

/** Tells the toolstack a piece of what one domain said; false: nothing to tell, or no room. */
function tellOf(domain: u32): bool {
  const state = load<u8>(STATE + domain);
  const room = roomBytes(manager);
  if (state == NOT_WATCHED || room <= HEADER_BYTES) return false;
  const told = max<u32>(load<u32>(TOLD + (domain << 2)), earliest(domain));
  const bytes = min<u32>(min<u32>(saidBytes(domain) - told, DATA_BYTES), room - HEADER_BYTES);
  if (bytes != 0) {
    recall(domain, told, ANSWER + HEADER_BYTES, bytes);
    tell(OUTPUT, domain, bytes);
    setTold(domain, told + bytes);
    return true;
  }
  if (state != TO_END) return false;
  setState(domain, NOT_WATCHED);
  tell(ENDED, domain, 0);
  return true;
}

/** Tells the toolstack of the next domain that said something; false: there is none. */
export function tellNext(): bool {
  if (manager == DOMAINS || !hasRing(manager)) return false;
  for (let step: u32 = 0; step < DOMAINS; step++) {
    turn = (turn + 1) & (DOMAINS - 1);
    if (tellOf(turn)) return true;
  }
  return false;
}
