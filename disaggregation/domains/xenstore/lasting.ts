// The store outlives this service: it is written down whole now and then, and each request that
// changes it before that is carried out (journal.ts). An instance that comes later carries all of
// it out again, without telling anybody, and goes on with the rings where they stand
// (connections.ts). What waited to be told is told anew: each watch tells its own path.

import { NOBODY, setTarget, targetOf } from "./clients";
import {
  closeConnection,
  HEADER_BYTES,
  isIntroduced,
  noteRead,
  offeredPort,
  openConnection,
  requestHeader,
  requestNumber,
  takeUpConnection,
} from "./connections";
import * as journal from "./journal";
import { DOMAINS, PERMISSIONS, TRANSACTIONS } from "./limits";
import { dropState } from "./lives";
import { readChain } from "./pool";
import * as record from "./records";
import { STORE_SPACE } from "./records";
import { changesStore, handle } from "./requests";
import * as transactions from "./transactions";
import { nodeAt, permitNode, writeNode } from "./tree";
import * as watches from "./watches";

/** Who the nodes are made as: domain 0, which may do everything. */
const BUILDER: u32 = 0;
const PLACE: u32 = memory.data(<i32>journal.RECORD_LIMIT, 8) as u32;

// ---- writing it down ----------------------------------------------------------------------------

/** { u16 path; u16 value; u32 permissions }, the permissions, path and value. */
function writeNodeRecord(one: u32): bool {
  const path = record.pathBytes(one);
  const value = record.valueBytes(one);
  const count = record.permissionsOf(one);
  store<u16>(PLACE, path as u16);
  store<u16>(PLACE, value as u16, 2);
  store<u32>(PLACE, count, 4);
  memory.copy(PLACE + 8, record.entriesOf(one), count << 2);
  const text = PLACE + 8 + (PERMISSIONS << 2);
  readChain(record.pathChain(one), 0, text, path);
  readChain(record.valueChain(one), 0, text + path, value);
  return journal.note(journal.NODE, 0, 0, PLACE, text - PLACE + path + value);
}

function writeNumber(what: u32, domain: u32, value: u32): bool {
  store<u32>(PLACE, value);
  return journal.note(what, domain, 0, PLACE, 4);
}

function writeDomains(): bool {
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    if (!isIntroduced(domain)) continue;
    if (!writeNumber(journal.OPEN, domain, offeredPort(domain))) return false;
    const target = targetOf(domain);
    if (target != NOBODY && !writeNumber(journal.TARGET, domain, target)) return false;
  }
  return true;
}

function writeNodes(): bool {
  const end = record.recordsEnd();
  for (let one: u32 = 0; one < end; one++) {
    const there = record.isUsed(one) && record.spaceOf(one) == STORE_SPACE;
    if (there && !writeNodeRecord(one)) return false;
  }
  return true;
}

function writeWatches(): bool {
  const end = watches.watchesEnd();
  for (let watch: u32 = 0; watch < end; watch++) {
    const bytes = watches.writeWatch(watch, PLACE);
    const owner = watches.watchOwner(watch);
    if (bytes != 0 && !journal.note(journal.WATCH, owner, 0, PLACE, bytes)) return false;
  }
  return true;
}

function writeTransactions(): bool {
  for (let row: u32 = 0; row < TRANSACTIONS; row++) {
    const number = transactions.transactionNumber(row);
    const owner = transactions.transactionOwner(row);
    if (number != 0 && !writeNumber(journal.TRANSACTION, owner, number)) return false;
  }
  return writeNumber(journal.NUMBERS, 0, transactions.lastTransaction());
}

/** Writes all of it down; what changes from now on is noted behind it. */
export function writeDown(): void {
  if (!journal.canLast()) return;
  journal.beginHalf();
  const whole = writeDomains() && writeNodes() && writeWatches() && writeTransactions();
  if (whole) journal.finishHalf();
  else journal.giveUp();
}

/** Notes something before it happens; if there is no room, all of it is written down first. */
function noteOrWriteDown(what: u32, domain: u32, tag: u32, source: u32, bytes: u32): void {
  if (!journal.isNoting() || journal.note(what, domain, tag, source, bytes)) return;
  writeDown();
  if (journal.isNoting() && !journal.note(what, domain, tag, source, bytes)) journal.giveUp();
}

/** The whole request of a domain is carried out next. */
export function noteRequest(domain: u32): void {
  const header = requestHeader(domain);
  if (!changesStore(load<u32>(header), load<u32>(header, 8))) return;
  const bytes = HEADER_BYTES + load<u32>(header, 12);
  noteOrWriteDown(journal.REQUEST, domain, requestNumber(domain), header, bytes);
}

/** A service's connection is closed, or open again; a domain asked to begin anew. */
export function noteOpen(domain: u32, port: u32): void {
  store<u32>(PLACE, port);
  noteOrWriteDown(journal.OPEN, domain, 0, PLACE, 4);
}

export function noteClose(domain: u32): void {
  noteOrWriteDown(journal.CLOSE, domain, 0, PLACE, 0);
}

export function noteReset(domain: u32): void {
  noteOrWriteDown(journal.RESET, domain, 0, PLACE, 0);
}

// ---- taking it up -------------------------------------------------------------------------------

function readNode(): void {
  const path: u32 = load<u16>(journal.DATA);
  const value: u32 = load<u16>(journal.DATA, 2);
  const count = min<u32>(load<u32>(journal.DATA, 4), PERMISSIONS);
  const text = journal.DATA + 8 + (PERMISSIONS << 2);
  if (!writeNode(BUILDER, STORE_SPACE, text, path, text + path, value)) return;
  const node = nodeAt(STORE_SPACE, text, path);
  permitNode(STORE_SPACE, text, path, node, journal.DATA + 8, count);
}

function readRequest(domain: u32): void {
  memory.copy(requestHeader(domain), journal.DATA, journal.dataBytes);
  noteRead(domain, journal.number);
  handle(domain);
}

function readRecord(): void {
  const domain = journal.domain;
  const kind = journal.kind;
  if (domain >= DOMAINS) return;
  if (kind == journal.REQUEST) readRequest(domain);
  else if (kind == journal.OPEN) openConnection(domain, load<u32>(journal.DATA));
  else if (kind == journal.CLOSE) {
    closeConnection(domain);
    dropState(domain);
  } else if (kind == journal.RESET) dropState(domain);
  else if (kind == journal.NODE) readNode();
  else if (kind == journal.WATCH) watches.readWatch(domain, journal.DATA);
  else if (kind == journal.TARGET) setTarget(domain, load<u32>(journal.DATA));
  else if (kind == journal.TRANSACTION) {
    transactions.restoreTransaction(domain, load<u32>(journal.DATA));
  } else transactions.setLastTransaction(load<u32>(journal.DATA));
}

/** Makes the store that an earlier instance had, and takes up its connections. */
export function takeUp(): void {
  journal.setReplaying(true);
  journal.openJournal();
  while (journal.nextRecord()) readRecord();
  journal.setReplaying(false);
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    if (isIntroduced(domain)) takeUpConnection(domain);
  }
  watches.tellAllAgain();
  journal.goOnNoting();
}
