// The toolstack: answers the control channel, governs the domains, and has no hold on what is in
// them.

import * as wire from "../../control/wire";
import { writeText } from "../../runtime/decimal";
import { storeOpen } from "../../runtime/store";
import { openUart, send } from "../../runtime/uart";
import { log, nextEvent, now } from "../../runtime/world";
import { followBuilder, isBuilderBusy } from "./builder_relay";
import { configure } from "./configure";
import { detach, followConsoles, openConsoles } from "./console_relay";
import { createAgain, followCreation, isCreating } from "./creation";
import { endIfWanted } from "./ending";
import { dropFrame, hasMore, listen, nextFrame, skipByte } from "./receiver";
import { NO_RECIPE } from "./recipes";
import { challenge, mayReply } from "./reply";
import { handleRequest } from "./requests";
import { ADMITTED, FORGED, judge, offerSession, REPLAYED } from "./sessions";
import { followStore, isStoreBusy } from "./store_relay";
import { lookForEnded, nextAgain } from "./undertaker";

const NEVER: u64 = 0xffffffffffffffff;
/** Frames that are looked at in one turn. */
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

export function start(): void {
  open = configure();
  if (!open) {
    const end = writeText(WORDS, "toolstack: no key, so no control channel\n");
    log(WORDS, end - WORDS);
    return;
  }
  openUart(CONTROL_PORT);
  hasStore = storeOpen();
  openConsoles();
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
  if (verdict == ADMITTED) detach(load<u8>(frame + wire.FIELD_CHANNEL));
  if (verdict != REPLAYED) handleRequest(frame);
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

export function turn(): u64 {
  if (!open) return NEVER;
  while (nextEvent() >= 0) {}
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
