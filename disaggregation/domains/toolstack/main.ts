// The toolstack: answers the control channel, governs the domains, and has no hold on what is in
// them.

import * as wire from "../../control/wire";
import { writeText } from "../../runtime/decimal";
import { beat, expectKept, isKeptReady, keptSoon } from "../../runtime/kept";
import { storeOpen } from "../../runtime/store";
import { openUart, send } from "../../runtime/uart";
import { log, nextEvent, now } from "../../runtime/world";
import { followBuilder, isBuilderBusy } from "./builder_relay";
import { configure } from "./configure";
import { detach, followConsoles, openConsoles } from "./console_relay";
import { createAgain, followCreation, isCreating, takeUpCreation } from "./creation";
import { endIfWanted } from "./ending";
import * as lasting from "./lasting";
import { dropFrame, hasMore, listen, nextFrame, skipByte } from "./receiver";
import { NO_RECIPE, takeUpRecipes } from "./recipes";
import { challenge, forgetAnswers, mayReply, replyAgain } from "./reply";
import { handleRequest } from "./requests";
import { ADMITTED, FORGED, judge, offerSession, REPLAYED } from "./sessions";
import { followStore, isStoreBusy } from "./store_relay";
import { lookForEnded, nextAgain, takeUpEnds } from "./undertaker";

const NEVER: u64 = 0xffffffffffffffff;
/** Events that are taken, and frames that are looked at, in one turn. */
const EVENTS: u32 = 256;
const FRAMES: u32 = 8;
/** The line is looked at more and more rarely while nothing comes (ns). */
const SHORTEST: u64 = 50000;
const LONGEST: u64 = 5000000;
/** First I/O port of the second serial port. */
const CONTROL_PORT: u32 = 0x2f8;
const WORDS: u32 = memory.data(64) as u32;

let interval: u64 = SHORTEST;
let open: bool = false;
let hasStore: bool = false;

let begun: bool = false;

export function start(): void {
  expectKept();
}

function begin(): void {
  begun = true;
  open = configure();
  if (!open) {
    const end = writeText(WORDS, "toolstack: no key, so no control channel\n");
    log(WORDS, end - WORDS);
    return;
  }
  openUart(CONTROL_PORT);
  hasStore = storeOpen();
  openConsoles();
  if (lasting.hasBegun()) {
    takeUpRecipes();
    takeUpEnds();
    takeUpCreation();
  }
  lasting.noteBegun();
}

/** Judges a frame and does what it asks for. False: it is none of a client's. */
function takeFrame(frame: u32): bool {
  const type = load<u8>(frame + wire.FIELD_TYPE) as u32;
  if (type == wire.TYPE_HELLO) {
    const channel = offerSession(frame);
    if (channel >= wire.CHANNELS) return false;
    challenge(channel);
    return true;
  }
  if (type != wire.TYPE_REQUEST) return false;
  const verdict = judge(frame);
  if (verdict == FORGED) return false;
  const channel = load<u8>(frame + wire.FIELD_CHANNEL) as u32;
  if (verdict == REPLAYED) {
    replyAgain(channel, load<u32>(frame + wire.FIELD_SEQUENCE));
    return true;
  }
  if (verdict == ADMITTED) {
    detach(channel);
    forgetAnswers(channel);
  }
  handleRequest(frame);
  return true;
}

function isBusy(): bool {
  return isStoreBusy() || isBuilderBusy() || isCreating();
}

/** Looks at what came; nothing is begun that could not be answered. */
function serve(): void {
  for (let count: u32 = 0; count < FRAMES && mayReply() && !isBusy(); count++) {
    const frame = nextFrame();
    if (frame == 0) return;
    if (takeFrame(frame)) dropFrame(frame);
    else skipByte();
  }
}

/** Makes one domain again that ended to be. */
function remake(): void {
  if (isBusy()) return;
  const recipe = nextAgain();
  if (recipe != NO_RECIPE) createAgain(recipe);
}

function work(): u64 {
  if (!open) return NEVER;
  for (let count: u32 = 0; count < EVENTS; count++) if (nextEvent() < 0) break;
  const heard = listen();
  if (hasStore) followStore();
  followBuilder();
  followCreation();
  serve();
  const told = followConsoles();
  const moved = send();
  lookForEnded();
  remake();
  if (!moved) endIfWanted();
  interval = heard || told || moved || hasMore() ? SHORTEST : min<u64>(interval * 2, LONGEST);
  return now() + interval;
}

export function turn(): u64 {
  if (!begun) {
    if (!isKeptReady()) return keptSoon();
    begin();
  }
  return beat(work());
}
