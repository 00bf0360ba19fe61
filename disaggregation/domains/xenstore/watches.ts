// Watches, and the events that wait for their owners. An event waits once, however often it
// happens; where an owner's queue is full, its watches remember that something was missed, and tell
// their own path once there is room: the owner looks again, as after setting a watch.

import { writeText } from "../../runtime/decimal";
import { accessTo, READ } from "./access";
import {
  addCount,
  COUNT_EVENT_BLOCKS,
  COUNT_EVENTS,
  COUNT_WATCH_BLOCKS,
  COUNT_WATCHES,
  countOf,
  isPrivileged,
} from "./clients";
import { EEXIST, ENOENT, ENOSPC, OK } from "./errors";
import {
  BLOCKS_RESERVED,
  DOMAINS,
  EVENT_BLOCKS_A_DOMAIN,
  EVENTS,
  EVENTS_A_DOMAIN,
  EVENTS_RESERVED,
  WATCH_BLOCKS_A_DOMAIN,
  WATCHES,
  WATCHES_A_DOMAIN,
  WATCHES_RESERVED,
} from "./limits";
import { homeBytes, parentBytes } from "./paths";
import { blocksFor, blocksFree, chainBegins, freeChain, makeChain, readChain } from "./pool";
import { findRecord, NONE, STORE_SPACE } from "./records";

const SLASH: u32 = 47;

// A watch: { u32 path; u32 token; u16 pathBytes; u16 tokenBytes; u8 flags; u8 domain }.
const WATCH_STRIDE: u32 = 16;
const WATCH: u32 = memory.data(<i32>(WATCHES * WATCH_STRIDE), 4) as u32;
const USED: u32 = 1;
const RELATIVE: u32 = 2;
const MISSED: u32 = 4;
let watches: u32 = 0;
/** No watch stands at or behind it. */
let watchEnd: u32 = 0;

// An event: { u32 path; u32 next; u16 pathBytes; u16 watch }; `next` by number plus one.
const EVENT_STRIDE: u32 = 12;
const EVENT: u32 = memory.data(<i32>(EVENTS * EVENT_STRIDE), 4) as u32;
let events: u32 = 0;
let eventsFresh: u32 = 0;
let eventsFreed: u32 = 0;
/** First and last event of each domain plus one. */
const FIRST: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const LAST: u32 = memory.data(<i32>(DOMAINS * 4), 4) as u32;
const MISSING: u32 = memory.data(<i32>DOMAINS) as u32;

/** Domains for whom something waits: a bit for each. */
export let waiting: u64 = 0;

function watchAt(watch: u32): u32 {
  return WATCH + watch * WATCH_STRIDE;
}
function watchFlags(watch: u32): u32 {
  return load<u8>(watchAt(watch), 12);
}
function watchDomain(watch: u32): u32 {
  return load<u8>(watchAt(watch), 13);
}
function watchPath(watch: u32): u32 {
  return load<u32>(watchAt(watch));
}
function watchPathBytes(watch: u32): u32 {
  return load<u16>(watchAt(watch), 8);
}
function watchToken(watch: u32): u32 {
  return load<u32>(watchAt(watch), 4);
}
function watchTokenBytes(watch: u32): u32 {
  return load<u16>(watchAt(watch), 10);
}
function eventAt(event: u32): u32 {
  return EVENT + event * EVENT_STRIDE;
}

// ---- events -------------------------------------------------------------------------------------

/** Does the same event wait already? */
function isWaiting(domain: u32, watch: u32, path: u32, bytes: u32): bool {
  let event = load<u32>(FIRST + (domain << 2));
  while (event != 0) {
    const at = eventAt(event - 1);
    const same = load<u16>(at, 10) == watch && load<u16>(at, 8) == bytes;
    if (same && chainBegins(load<u32>(at), path, bytes)) return true;
    event = load<u32>(at, 4);
  }
  return false;
}

function roomForEvent(domain: u32, blocks: u32): bool {
  if (isPrivileged(domain)) return events < EVENTS && blocksFree() >= blocks;
  if (events + EVENTS_RESERVED >= EVENTS || blocksFree() < blocks + BLOCKS_RESERVED) return false;
  if (countOf(domain, COUNT_EVENTS) >= EVENTS_A_DOMAIN) return false;
  return countOf(domain, COUNT_EVENT_BLOCKS) + blocks <= EVENT_BLOCKS_A_DOMAIN;
}

/** An event of a watch about an absolute path. */
function queue(watch: u32, path: u32, bytes: u32): void {
  const domain = watchDomain(watch);
  const blocks = blocksFor(bytes);
  waiting |= (1 as u64) << (domain as u64);
  if (isWaiting(domain, watch, path, bytes)) return;
  if (!roomForEvent(domain, blocks)) {
    store<u8>(watchAt(watch), (watchFlags(watch) | MISSED) as u8, 12);
    store<u8>(MISSING + domain, 1);
    return;
  }
  let event = eventsFreed;
  if (event != 0) {
    eventsFreed = load<u32>(eventAt(event - 1), 4);
  } else {
    eventsFresh++;
    event = eventsFresh;
  }
  events++;
  const at = eventAt(event - 1);
  store<u32>(at, makeChain(path, bytes));
  store<u32>(at, 0, 4);
  store<u16>(at, bytes as u16, 8);
  store<u16>(at, watch as u16, 10);
  addCount(domain, COUNT_EVENTS, 1);
  addCount(domain, COUNT_EVENT_BLOCKS, blocks);
  const last = load<u32>(LAST + (domain << 2));
  if (last == 0) store<u32>(FIRST + (domain << 2), event);
  else store<u32>(eventAt(last - 1), event, 4);
  store<u32>(LAST + (domain << 2), event);
}

/** Gives back an event that is on no list any more. */
function freeEvent(domain: u32, event: u32): void {
  const at = eventAt(event - 1);
  addCount(domain, COUNT_EVENTS, 0xffffffff);
  addCount(domain, COUNT_EVENT_BLOCKS, -blocksFor(load<u16>(at, 8)));
  freeChain(load<u32>(at));
  store<u32>(at, eventsFreed, 4);
  eventsFreed = event;
  events--;
}

/** Drops what waits for a watch that goes. */
function dropEvents(domain: u32, watch: u32): void {
  let before: u32 = 0;
  let event = load<u32>(FIRST + (domain << 2));
  while (event != 0) {
    const next = load<u32>(eventAt(event - 1), 4);
    if (load<u16>(eventAt(event - 1), 10) == watch) {
      if (before == 0) store<u32>(FIRST + (domain << 2), next);
      else store<u32>(eventAt(before - 1), next, 4);
      if (next == 0) store<u32>(LAST + (domain << 2), before);
      freeEvent(domain, event);
    } else {
      before = event;
    }
    event = next;
  }
}

const PATH: u32 = memory.data(3136) as u32;

/** The watches that missed something tell their own path. */
function tellMissed(domain: u32): void {
  store<u8>(MISSING + domain, 0);
  for (let watch: u32 = 0; watch < watchEnd; watch++) {
    const flags = watchFlags(watch);
    if ((flags & MISSED) == 0 || watchDomain(watch) != domain) continue;
    store<u8>(watchAt(watch), (flags & ~MISSED) as u8, 12);
    readChain(watchPath(watch), 0, PATH, watchPathBytes(watch));
    queue(watch, PATH, watchPathBytes(watch));
  }
}

/** Takes a domain's next event: writes "path NUL token NUL" to `place`, the path as the watch was
 *  set; returns the bytes, 0: nothing waits. */
export function takeEvent(domain: u32, place: u32): u32 {
  if (load<u32>(FIRST + (domain << 2)) == 0 && load<u8>(MISSING + domain) != 0) tellMissed(domain);
  const event = load<u32>(FIRST + (domain << 2));
  if (event == 0) {
    waiting &= ~((1 as u64) << (domain as u64));
    return 0;
  }
  const at = eventAt(event - 1);
  const watch = load<u16>(at, 10) as u32;
  const skip = (watchFlags(watch) & RELATIVE) != 0 ? homeBytes(domain) + 1 : 0;
  const bytes = (load<u16>(at, 8) as u32) - skip;
  const token = watchTokenBytes(watch);
  readChain(load<u32>(at), skip, place, bytes);
  store<u8>(place + bytes, 0);
  readChain(watchToken(watch), 0, place + bytes + 1, token);
  store<u8>(place + bytes + 1 + token, 0);
  store<u32>(FIRST + (domain << 2), load<u32>(at, 4));
  if (load<u32>(at, 4) == 0) store<u32>(LAST + (domain << 2), 0);
  freeEvent(domain, event);
  return bytes + token + 2;
}

/** Nobody knows what was told: what waits goes, and every watch tells its own path. */
export function tellAllAgain(): void {
  for (let watch: u32 = 0; watch < watchEnd; watch++) {
    const flags = watchFlags(watch);
    if ((flags & USED) == 0) continue;
    const domain = watchDomain(watch);
    dropEvents(domain, watch);
    store<u8>(watchAt(watch), (flags | MISSED) as u8, 12);
    store<u8>(MISSING + domain, 1);
    waiting |= (1 as u64) << (domain as u64);
  }
}

/** Writes a watch as a record of the journal: { u16 path; u16 token; u32 relative }, path and
 *  token. Returns its bytes; 0: there is no watch of this number. `watchOwner` says whose it is. */
export function writeWatch(watch: u32, place: u32): u32 {
  if ((watchFlags(watch) & USED) == 0) return 0;
  const path = watchPathBytes(watch);
  const token = watchTokenBytes(watch);
  store<u16>(place, path as u16);
  store<u16>(place, token as u16, 2);
  store<u32>(place, watchFlags(watch) & RELATIVE, 4);
  readChain(watchPath(watch), 0, place + 8, path);
  readChain(watchToken(watch), 0, place + 8 + path, token);
  return 8 + path + token;
}

export function watchOwner(watch: u32): u32 {
  return watchDomain(watch);
}

/** No watch stands at or behind this number. */
export function watchesEnd(): u32 {
  return watchEnd;
}

/** Sets a watch that `writeWatch` wrote. */
export function readWatch(domain: u32, place: u32): void {
  const path: u32 = load<u16>(place);
  const token: u32 = load<u16>(place, 2);
  const relative = load<u32>(place, 4) != 0;
  setWatch(domain, place + 8, path, relative, place + 8 + path, token);
}

// ---- what happened ------------------------------------------------------------------------------

/** Does a watch cover a path? */
function covers(watch: u32, path: u32, bytes: u32, exactly: bool): bool {
  const own = watchPathBytes(watch);
  if (own > bytes || (exactly && own != bytes)) return false;
  if (!chainBegins(watchPath(watch), path, own)) return false;
  return own == bytes || own == 1 || load<u8>(path + own) == SLASH;
}

/** Tells the watches that cover a path and whose owners may read the node or its parent. */
function tell(path: u32, bytes: u32, node: u32, exactly: bool): void {
  const special = load<u8>(path) != SLASH;
  const parent = special ? node : findRecord(STORE_SPACE, path, parentBytes(path, bytes));
  for (let watch: u32 = 0; watch < watchEnd; watch++) {
    if ((watchFlags(watch) & USED) == 0 || !covers(watch, path, bytes, exactly)) continue;
    const domain = watchDomain(watch);
    const sees =
      (accessTo(domain, node) & READ) != 0 ||
      (parent != NONE && (accessTo(domain, parent) & READ) != 0);
    if (sees) queue(watch, path, bytes);
  }
}

/** A node of the store was made, or given another value or other permissions. */
export function tellOfChange(path: u32, bytes: u32, node: u32): void {
  tell(path, bytes, node, false);
}

/** A node of the store goes; `below`: with a node above it. */
export function tellOfRemoval(path: u32, bytes: u32, node: u32, below: bool): void {
  tell(path, bytes, node, below);
}

/** Something happened that is no node's change: @introduceDomain, @releaseDomain. */
export function tellSpecial(name: string): void {
  const end = writeText(PATH, name);
  const node = findRecord(STORE_SPACE, PATH, end - PATH);
  if (node != NONE) tell(PATH, end - PATH, node, false);
}

// ---- setting and dropping -----------------------------------------------------------------------

/** The watch of a domain with this path and token, or NONE. */
function findWatch(domain: u32, path: u32, bytes: u32, token: u32, tokenBytes: u32): u32 {
  for (let watch: u32 = 0; watch < watchEnd; watch++) {
    if ((watchFlags(watch) & USED) == 0 || watchDomain(watch) != domain) continue;
    if (watchPathBytes(watch) != bytes || watchTokenBytes(watch) != tokenBytes) continue;
    if (!chainBegins(watchPath(watch), path, bytes)) continue;
    if (chainBegins(watchToken(watch), token, tokenBytes)) return watch;
  }
  return NONE;
}

function roomForWatch(domain: u32, blocks: u32): bool {
  if (isPrivileged(domain)) return watches < WATCHES && blocksFree() >= blocks;
  if (watches + WATCHES_RESERVED >= WATCHES || blocksFree() < blocks + BLOCKS_RESERVED) {
    return false;
  }
  if (countOf(domain, COUNT_WATCHES) >= WATCHES_A_DOMAIN) return false;
  return countOf(domain, COUNT_WATCH_BLOCKS) + blocks <= WATCH_BLOCKS_A_DOMAIN;
}

/** Sets a watch on an absolute path, whose first event waits at once; an error, or OK. */
export function setWatch(
  domain: u32,
  path: u32,
  bytes: u32,
  relative: bool,
  token: u32,
  tokenBytes: u32,
): u32 {
  if (findWatch(domain, path, bytes, token, tokenBytes) != NONE) return EEXIST;
  const blocks = blocksFor(bytes) + blocksFor(tokenBytes);
  if (!roomForWatch(domain, blocks)) return ENOSPC;
  let watch: u32 = 0;
  while ((watchFlags(watch) & USED) != 0) watch++;
  watchEnd = max<u32>(watchEnd, watch + 1);
  watches++;
  const at = watchAt(watch);
  store<u32>(at, makeChain(path, bytes));
  store<u32>(at, makeChain(token, tokenBytes), 4);
  store<u16>(at, bytes as u16, 8);
  store<u16>(at, tokenBytes as u16, 10);
  store<u8>(at, (USED | (relative ? RELATIVE : 0)) as u8, 12);
  store<u8>(at, domain as u8, 13);
  addCount(domain, COUNT_WATCHES, 1);
  addCount(domain, COUNT_WATCH_BLOCKS, blocks);
  queue(watch, path, bytes);
  return OK;
}

function dropWatch(watch: u32): void {
  const domain = watchDomain(watch);
  dropEvents(domain, watch);
  addCount(domain, COUNT_WATCHES, 0xffffffff);
  const blocks = blocksFor(watchPathBytes(watch)) + blocksFor(watchTokenBytes(watch));
  addCount(domain, COUNT_WATCH_BLOCKS, -blocks);
  freeChain(watchPath(watch));
  freeChain(watchToken(watch));
  store<u8>(watchAt(watch), 0, 12);
  watches--;
}

/** Takes a watch back, and the events that wait for it; an error, or OK. */
export function unsetWatch(domain: u32, path: u32, bytes: u32, token: u32, tokenBytes: u32): u32 {
  const watch = findWatch(domain, path, bytes, token, tokenBytes);
  if (watch == NONE) return ENOENT;
  dropWatch(watch);
  return OK;
}

/** Takes all watches of a domain back. */
export function dropWatches(domain: u32): void {
  for (let watch: u32 = 0; watch < watchEnd; watch++) {
    if ((watchFlags(watch) & USED) != 0 && watchDomain(watch) == domain) dropWatch(watch);
  }
}
