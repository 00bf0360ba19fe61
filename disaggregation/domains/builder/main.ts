// The builder: makes domains that the toolstack asks for, and has no hold on them once they run.

import * as wire from "../../control/wire";
import { command } from "../../runtime/command";
import { EAGAIN, EINVAL, ENOENT, ENOSYS, EPERM } from "../../runtime/errno";
import { mapGrant, unmapGrant } from "../../runtime/grants";
import { bindInterdomain, closePort, isLeft, sendEvent } from "../../runtime/hypercall";
import { beat, expectKept, isKeptReady, keptPages, keptSoon } from "../../runtime/kept";
import { UNPAUSE } from "../../runtime/operations";
import {
  fence,
  nextEvent,
  now,
  pageCopyIn,
  pageCopyOut,
  pageLoad32,
  pageStore32,
} from "../../runtime/world";
import { configure, offeredPort, toolstackDomain } from "./configure";
import { findFile, NO_FILE, offerFile, takeData } from "./contents";
import * as create from "./create";
import * as link from "./link";

const NEVER: u64 = 0xffffffffffffffff;

const REQUEST: u32 = memory.data(3072, 8) as u32;
const ANSWER: u32 = memory.data(64, 8) as u32;

/** The page that is shared with the toolstack; negative: there is none. */
let page: i32 = -1;
let port: u32 = 0;
let answered: u32 = 0;
/** A creation is under way. */
let creates: bool = false;
/** The request at hand was an earlier instance's already. */
let inherited: bool = false;
let begun: bool = false;
let due: u64 = 0;
/** How often is looked whether the toolstack left or is back (ns), and events of one turn. */
const LOOK: u64 = 50000000;
const EVENTS: u32 = 256;

export function start(): void {
  expectKept();
}

function begin(): void {
  begun = true;
  configure();
  connect();
}

/** Takes up the page of a toolstack that is there. A request that an earlier instance of this
 *  service left unanswered is answered: a creation by EAGAIN, what it made so far is the
 *  toolstack's to take apart; others are carried out. */
function connect(): void {
  if (toolstackDomain() == 0) return;
  const own = bindInterdomain(toolstackDomain(), offeredPort());
  if (own <= 0) return;
  port = own as u32;
  page = mapGrant(toolstackDomain(), link.LINK_REFERENCE, true);
  if (page < 0) return disconnect();
  const at = page as u32;
  answered = pageLoad32(at, link.ANSWERED);
  inherited = pageLoad32(at, link.ASKED) != answered;
  const making = pageLoad32(at, link.MAKING);
  if (!inherited || making == 0) return;
  answered = pageLoad32(at, link.ASKED) - 1;
  store<u32>(ANSWER, making);
  memory.fill(ANSWER + 4, 0, wire.CREATED_BYTES - 4);
  answer(EAGAIN, wire.CREATED_BYTES);
}

/** Lets go of a toolstack that is gone. What was being made for it, the next one takes apart. */
function disconnect(): void {
  if (page >= 0) unmapGrant(page as u32);
  closePort(port);
  page = -1;
  port = 0;
  creates = false;
}

/** Where services come back, the toolstack does. */
function followToolstack(): void {
  if (keptPages() == 0 || now() < due) return;
  due = now() + LOOK;
  if (port != 0 && isLeft(port)) disconnect();
  if (port == 0) connect();
}

function answer(result: i32, bytes: u32): void {
  const at = page as u32;
  pageCopyOut(at, link.ANSWER, ANSWER, bytes);
  pageStore32(at, link.ANSWER_BYTES, bytes);
  pageStore32(at, link.RESULT, result as u32);
  fence();
  answered++;
  pageStore32(at, link.MAKING, 0);
  pageStore32(at, link.ANSWERED, answered);
  inherited = false;
  sendEvent(port);
}

function answerCreated(result: i32): void {
  store<u32>(ANSWER, create.createdDomain());
  store<u32>(ANSWER, create.createdStorePort(), 4);
  store<u32>(ANSWER, create.createdConsolePort(), 8);
  store<u32>(ANSWER, 0, 12);
  answer(result, create.createdDomain() == 0 ? 0 : wire.CREATED_BYTES);
}

function perform(operation: u32, argument: u32, data: u32, bytes: u32): i32 {
  if (operation == wire.OPERATION_DATA) return takeData(data, bytes);
  if (operation == wire.OPERATION_START) return startDomain(argument);
  if (bytes < wire.HASH_BYTES) return EINVAL;
  if (operation == wire.OPERATION_HAVE) return findFile(data) == NO_FILE ? ENOENT : 0;
  if (operation != wire.OPERATION_OFFER) return ENOSYS;
  if (bytes != wire.HASH_BYTES + 8) return EINVAL;
  return offerFile(data, load<u64>(data + wire.HASH_BYTES));
}

/** A request that was an earlier instance's may have been carried out by it: then the domain
 *  runs. */
function startDomain(domain: u32): i32 {
  const result = command(UNPAUSE, domain, 0, 0, 0) as i32;
  return result == EPERM && inherited ? 0 : result;
}

/** Takes a request that came; the page may change while it is looked at, the copy does not. */
function takeRequest(): void {
  const at = page as u32;
  const asked = pageLoad32(at, link.ASKED);
  if (asked == answered) return;
  fence();
  const bytes = pageLoad32(at, link.REQUEST_BYTES);
  answered = asked - 1;
  if (bytes < wire.REQUEST_HEADER_BYTES || bytes > link.REQUEST_LIMIT) return answer(EINVAL, 0);
  pageCopyIn(at, link.REQUEST, REQUEST, bytes);
  const operation = load<u32>(REQUEST);
  const data = REQUEST + wire.REQUEST_HEADER_BYTES;
  const dataBytes = bytes - wire.REQUEST_HEADER_BYTES;
  if (operation != wire.OPERATION_CREATE) {
    return answer(perform(operation, load<u32>(REQUEST, 4), data, dataBytes), 0);
  }
  const begun = create.beginCreation(data, dataBytes);
  creates = begun == 0;
  if (creates) pageStore32(at, link.MAKING, create.createdDomain());
  else answerCreated(begun);
}

function work(): u64 {
  const rest = keptPages() == 0 ? NEVER : due;
  if (page < 0) return rest;
  if (creates) {
    const result = create.continueCreation();
    creates = result == create.MORE;
    if (!creates) answerCreated(result);
  } else takeRequest();
  return creates ? 0 : rest;
}

export function turn(): u64 {
  if (!begun) {
    if (!isKeptReady()) return keptSoon();
    begin();
  }
  for (let count: u32 = 0; count < EVENTS; count++) if (nextEvent() < 0) break;
  followToolstack();
  return beat(work());
}
