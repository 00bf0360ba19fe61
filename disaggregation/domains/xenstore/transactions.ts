// Transactions: each works on copies of the nodes that it looks at. It can be carried out when each
// of these is still as it was then; otherwise nothing of it happens. Carrying it out takes nothing
// from the pools, so that it cannot stop half-way.

import { names } from "./access";
import {
  addCount,
  COUNT_NODE_BLOCKS,
  COUNT_NODES,
  COUNT_TRANSACTIONS,
  countOf,
  isPrivileged,
} from "./clients";
import { EAGAIN, ENOSPC, OK } from "./errors";
import {
  NODE_BLOCKS_A_DOMAIN,
  NODES_A_DOMAIN,
  TRANSACTIONS,
  TRANSACTIONS_A_DOMAIN,
} from "./limits";
import { readChain } from "./pool";
import * as record from "./records";
import { BELOW, CHANGED, NONE, STORE_SPACE, TOLD } from "./records";
import { nextGeneration } from "./tree";
import { tellOfChange, tellOfRemoval } from "./watches";

/** What a transaction's number is; 0: the row is free. The space of row `n` is `n + 1`. */
const NUMBER: u32 = memory.data(<i32>(TRANSACTIONS * 4), 4) as u32;
const DOMAIN: u32 = memory.data(<i32>TRANSACTIONS) as u32;
/** What it will end with whatever happens: an error, or OK. */
const FATE: u32 = memory.data(<i32>TRANSACTIONS) as u32;
const PATH: u32 = memory.data(3136) as u32;

let lastNumber: u32 = 0;
/** The number that `beginTransaction` gave. */
export let begun: u32 = 0;

function numberOf(row: u32): u32 {
  return load<u32>(NUMBER + (row << 2));
}

/** The space of a domain's transaction, or NONE: it has none of that number. */
export function findSpace(domain: u32, number: u32): u32 {
  for (let row: u32 = 0; row < TRANSACTIONS; row++) {
    const same = numberOf(row) == number && load<u8>(DOMAIN + row) == domain;
    if (same && number != 0) return row + 1;
  }
  return NONE;
}

/** An error, or OK and `begun`. */
export function beginTransaction(domain: u32): u32 {
  const own = countOf(domain, COUNT_TRANSACTIONS);
  if (!isPrivileged(domain) && own >= TRANSACTIONS_A_DOMAIN) return ENOSPC;
  let row: u32 = 0;
  while (row < TRANSACTIONS && numberOf(row) != 0) row++;
  if (row == TRANSACTIONS) return ENOSPC;
  lastNumber = lastNumber == 0x7fffffff ? 1 : lastNumber + 1;
  store<u32>(NUMBER + (row << 2), lastNumber);
  store<u8>(DOMAIN + row, domain as u8);
  store<u8>(FATE + row, OK as u8);
  record.setSpaceDomain(row + 1, domain);
  addCount(domain, COUNT_TRANSACTIONS, 1);
  begun = lastNumber;
  return OK;
}

// What the journal has of transactions: numbers. One that was open when the store was written down
// is there again, and can only fail: its owner begins anew.

export function lastTransaction(): u32 {
  return lastNumber;
}

export function setLastTransaction(last: u32): void {
  lastNumber = last;
}

/** Number of the transaction of a row, 0: there is none; and whose it is. */
export function transactionNumber(row: u32): u32 {
  return numberOf(row);
}

export function transactionOwner(row: u32): u32 {
  return load<u8>(DOMAIN + row);
}

export function restoreTransaction(domain: u32, number: u32): void {
  const last = lastNumber;
  lastNumber = number - 1;
  if (beginTransaction(domain) == OK) doom(findSpace(domain, number), EAGAIN);
  lastNumber = last;
}

/** The transaction can only fail from now on, with this error. */
export function doom(space: u32, error: u32): void {
  store<u8>(FATE + space - 1, error as u8);
}

function close(space: u32): void {
  const row = space - 1;
  addCount(load<u8>(DOMAIN + row), COUNT_TRANSACTIONS, 0xffffffff);
  store<u32>(NUMBER + (row << 2), 0);
}

/** Nothing of the transaction happens. */
export function abandon(space: u32): void {
  record.dropSpace(space);
  close(space);
}

export function abandonAll(domain: u32): void {
  for (let row: u32 = 0; row < TRANSACTIONS; row++) {
    if (numberOf(row) != 0 && load<u8>(DOMAIN + row) == domain) abandon(row + 1);
  }
}

/** A number of a domain begins a new life: what names its old one must not come into the store. */
export function doomWhatNames(domain: u32): void {
  for (let row: u32 = 0; row < TRANSACTIONS; row++) {
    if (numberOf(row) == 0) continue;
    let one = record.firstInSpace(row + 1);
    while (one != NONE) {
      if (names(one, domain)) doom(row + 1, EAGAIN);
      one = record.nextInSpace(one);
    }
  }
}

// ---- carrying out -------------------------------------------------------------------------------

/** The store's record of the same path, or NONE. The path is in PATH afterwards. */
function originalOf(one: u32): u32 {
  readChain(record.pathChain(one), 0, PATH, record.pathBytes(one));
  return record.findRecord(STORE_SPACE, PATH, record.pathBytes(one));
}

/** Is everything that the transaction looked at as it was? */
function isCurrent(space: u32): bool {
  let one = record.firstInSpace(space);
  while (one != NONE) {
    const original = originalOf(one);
    const now: u64 = original == NONE ? 0 : record.generationOf(original);
    if (now != record.generationOf(one)) return false;
    one = record.nextInSpace(one);
  }
  return true;
}

/** Would the domain that asks still be within what it may have? */
function withinQuota(space: u32, domain: u32): bool {
  if (isPrivileged(domain)) return true;
  let nodes = countOf(domain, COUNT_NODES);
  let blocks = countOf(domain, COUNT_NODE_BLOCKS);
  let one = record.firstInSpace(space);
  while (one != NONE) {
    if ((record.flagsOf(one) & CHANGED) != 0) {
      const original = originalOf(one);
      if (original != NONE && record.ownerOf(original) == domain) {
        nodes--;
        blocks -= record.blocksOf(original);
      }
      if (record.exists(one) && record.ownerOf(one) == domain) {
        nodes++;
        blocks += record.blocksOf(one);
      }
    }
    one = record.nextInSpace(one);
  }
  const most = max<u32>(NODES_A_DOMAIN, countOf(domain, COUNT_NODES));
  const mostBlocks = max<u32>(NODE_BLOCKS_A_DOMAIN, countOf(domain, COUNT_NODE_BLOCKS));
  return nodes <= most && blocks <= mostBlocks;
}

/** Tells of the nodes that go, while they and their parents are still there. */
function tellRemovals(space: u32): void {
  let one = record.firstInSpace(space);
  while (one != NONE) {
    const flags = record.flagsOf(one);
    if ((flags & TOLD) != 0 && !record.exists(one)) {
      const original = originalOf(one);
      const below = (flags & BELOW) != 0;
      if (original != NONE) tellOfRemoval(PATH, record.pathBytes(one), original, below);
    }
    one = record.nextInSpace(one);
  }
}

/** The copies take the place of what they are copies of; returns the first of those to be told
 *  of. */
function replace(space: u32): u32 {
  let told: u32 = NONE;
  let one = record.firstInSpace(space);
  while (one != NONE) {
    const next = record.nextInSpace(one);
    const flags = record.flagsOf(one);
    const original = originalOf(one);
    const changed = (flags & CHANGED) != 0;
    if (changed && original != NONE) record.dropRecord(original);
    if (changed && record.exists(one)) {
      record.moveToStore(one, PATH, told);
      record.setGeneration(one, nextGeneration());
      // Records that nobody is told of are on the list too, after the flag is looked at again.
      record.setFlags(one, record.flagsOf(one) | (flags & TOLD));
      told = one;
    } else {
      record.dropRecord(one);
    }
    one = next;
  }
  record.forgetSpace(space);
  return told;
}

function tellChanges(first: u32): void {
  let one = first;
  while (one != NONE) {
    const flags = record.flagsOf(one);
    if ((flags & TOLD) != 0) {
      record.setFlags(one, flags & ~TOLD);
      originalOf(one);
      tellOfChange(PATH, record.pathBytes(one), one);
    }
    one = record.nextInSpace(one);
  }
}

/** Carries a transaction out, or does nothing; an error, or OK. It is over in any case. */
export function commit(space: u32, domain: u32): u32 {
  let fate = load<u8>(FATE + space - 1) as u32;
  if (fate == OK && !isCurrent(space)) fate = EAGAIN;
  if (fate == OK && !withinQuota(space, domain)) fate = ENOSPC;
  if (fate != OK) {
    abandon(space);
    return fate;
  }
  tellRemovals(space);
  tellChanges(replace(space));
  close(space);
  return OK;
}
