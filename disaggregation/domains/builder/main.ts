// The builder: makes domains that the toolstack asks for, and has no hold on them once they run.

import * as wire from "../../control/wire";
import { command } from "../../runtime/command";
import { EINVAL, ENOENT, ENOSYS } from "../../runtime/errno";
import { mapGrant } from "../../runtime/grants";
import { bindInterdomain, sendEvent } from "../../runtime/hypercall";
import { UNPAUSE } from "../../runtime/operations";
import {
  fence,
  nextEvent,
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

export function start(): void {
  configure();
  if (toolstackDomain() == 0) return;
  const own = bindInterdomain(toolstackDomain(), offeredPort());
  if (own <= 0) return;
  port = own as u32;
  page = mapGrant(toolstackDomain(), link.LINK_REFERENCE, true);
  // A request that an earlier instance of this service left unanswered is answered anew.
  if (page >= 0) answered = pageLoad32(page as u32, link.ANSWERED);
}

function answer(result: i32, bytes: u32): void {
  const at = page as u32;
  pageCopyOut(at, link.ANSWER, ANSWER, bytes);
  pageStore32(at, link.ANSWER_BYTES, bytes);
  pageStore32(at, link.RESULT, result as u32);
  fence();
  answered++;
  pageStore32(at, link.ANSWERED, answered);
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
  if (operation == wire.OPERATION_START) return command(UNPAUSE, argument, 0, 0, 0) as i32;
  if (bytes < wire.HASH_BYTES) return EINVAL;
  if (operation == wire.OPERATION_HAVE) return findFile(data) == NO_FILE ? ENOENT : 0;
  if (operation != wire.OPERATION_OFFER) return ENOSYS;
  if (bytes != wire.HASH_BYTES + 8) return EINVAL;
  return offerFile(data, load<u64>(data + wire.HASH_BYTES));
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
  if (!creates) answerCreated(begun);
}

export function turn(): u64 {
  while (nextEvent() >= 0) {}
  if (page < 0) return NEVER;
  if (creates) {
    const result = create.continueCreation();
    creates = result == create.MORE;
    if (!creates) answerCreated(result);
  } else takeRequest();
  return creates ? 0 : NEVER;
}
