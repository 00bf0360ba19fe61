// The rows of the store. A record is one node, in one space: space 0 is the store itself, each
// transaction has a space of its own with copies of what it looked at. A record is found by its
// space and its whole path; the names of a node's children are part of it.

import { addCount, COUNT_NODE_BLOCKS, COUNT_NODES, COUNT_SEEN, COUNT_SEEN_BLOCKS } from "./clients";
import { PERMISSIONS, RECORDS, TRANSACTIONS } from "./limits";
import { blocksFor, chainBegins, EMPTY, freeChain, makeChain } from "./pool";

export const NONE: u32 = 0xffffffff;
export const STORE_SPACE: u32 = 0;

// Flags.
const USED: u32 = 1;
/** The node is there; a transaction also keeps that one is not. */
export const EXISTS: u32 = 2;
/** Changed in the transaction. */
export const CHANGED: u32 = 4;
/** The transaction's end is to tell the watches. */
export const TOLD: u32 = 8;
/** Removed with a node above it: only watches on just this path are told. */
export const BELOW: u32 = 16;

const STRIDE: u32 = 80;
const RECORD: u32 = memory.data(<i32>(RECORDS * STRIDE), 8) as u32;
const AT_GENERATION: u32 = 0;
const AT_HASH: u32 = 8;
const AT_NEXT: u32 = 12;
const AT_PATH: u32 = 16;
const AT_VALUE: u32 = 20;
const AT_CHILDREN: u32 = 24;
const AT_CHILDREN_BYTES: u32 = 28;
const AT_PATH_BYTES: u32 = 32;
const AT_VALUE_BYTES: u32 = 34;
const AT_SPACE: u32 = 36;
const AT_FLAGS: u32 = 38;
const AT_PERMISSIONS: u32 = 39;
const AT_LIST: u32 = 40;
/** PERMISSIONS times { u16 domain; u16 access }. */
const AT_ENTRIES: u32 = 48;

const BUCKETS: u32 = 16384;
/** First record of each bucket plus one. */
const BUCKET: u32 = memory.data(<i32>(BUCKETS * 4), 4) as u32;
/** First record of each transaction's space plus one. */
const FIRST: u32 = memory.data(<i32>((TRANSACTIONS + 1) * 4), 4) as u32;
/** Domain that a transaction's space is counted for. */
const SPACE_DOMAIN: u32 = memory.data(<i32>(TRANSACTIONS + 1)) as u32;

/** Records behind `fresh` were never used; the rest are on a list, by number plus one. */
let fresh: u32 = 0;
let freeList: u32 = 0;
let free: u32 = RECORDS;

export function recordsFree(): u32 {
  return free;
}

/** One more than the last record that was ever used. */
export function recordsEnd(): u32 {
  return fresh;
}

function at(record: u32): u32 {
  return RECORD + record * STRIDE;
}

export function isUsed(record: u32): bool {
  return (flagsOf(record) & USED) != 0;
}
export function flagsOf(record: u32): u32 {
  return load<u8>(at(record), AT_FLAGS);
}
export function setFlags(record: u32, flags: u32): void {
  store<u8>(at(record), (flags | USED) as u8, AT_FLAGS);
}
export function exists(record: u32): bool {
  return (flagsOf(record) & EXISTS) != 0;
}
export function spaceOf(record: u32): u32 {
  return load<u16>(at(record), AT_SPACE);
}
/** When the node was changed last; a copy's: the one of the node that it is a copy of, 0 for one
 *  that was not there. */
export function generationOf(record: u32): u64 {
  return load<u64>(at(record), AT_GENERATION);
}
export function setGeneration(record: u32, generation: u64): void {
  store<u64>(at(record), generation, AT_GENERATION);
}
export function pathChain(record: u32): u32 {
  return load<u32>(at(record), AT_PATH);
}
export function pathBytes(record: u32): u32 {
  return load<u16>(at(record), AT_PATH_BYTES);
}
export function valueChain(record: u32): u32 {
  return load<u32>(at(record), AT_VALUE);
}
export function valueBytes(record: u32): u32 {
  return load<u16>(at(record), AT_VALUE_BYTES);
}
export function childrenChain(record: u32): u32 {
  return load<u32>(at(record), AT_CHILDREN);
}
/** Bytes of the children's names, each with a NUL. */
export function childrenBytes(record: u32): u32 {
  return load<u32>(at(record), AT_CHILDREN_BYTES);
}
export function permissionsOf(record: u32): u32 {
  return load<u8>(at(record), AT_PERMISSIONS);
}
export function permissionDomain(record: u32, index: u32): u32 {
  return load<u16>(at(record) + AT_ENTRIES + (index << 2));
}
export function permissionAccess(record: u32, index: u32): u32 {
  return load<u16>(at(record) + AT_ENTRIES + (index << 2), 2);
}
export function ownerOf(record: u32): u32 {
  return permissionDomain(record, 0);
}
/** The next record of the same transaction, or NONE. */
export function nextInSpace(record: u32): u32 {
  return load<u32>(at(record), AT_LIST) - 1;
}
export function firstInSpace(space: u32): u32 {
  return load<u32>(FIRST + (space << 2)) - 1;
}
export function setSpaceDomain(space: u32, domain: u32): void {
  store<u8>(SPACE_DOMAIN + space, domain as u8);
}
export function spaceDomain(space: u32): u32 {
  return load<u8>(SPACE_DOMAIN + space);
}

// ---- what a record uses -------------------------------------------------------------------------

export function blocksOf(record: u32): u32 {
  return (
    blocksFor(pathBytes(record)) + blocksFor(valueBytes(record)) + blocksFor(childrenBytes(record))
  );
}

/** Counts a record and its blocks for whom they belong to, or no longer. */
function account(record: u32, sign: u32): void {
  const space = spaceOf(record);
  const blocks = blocksOf(record) * sign;
  if (space == STORE_SPACE) {
    addCount(ownerOf(record), COUNT_NODES, sign);
    addCount(ownerOf(record), COUNT_NODE_BLOCKS, blocks);
  } else {
    addCount(spaceDomain(space), COUNT_SEEN, sign);
    addCount(spaceDomain(space), COUNT_SEEN_BLOCKS, blocks);
  }
}

const PLUS: u32 = 1;
const MINUS: u32 = 0xffffffff;

// ---- finding ------------------------------------------------------------------------------------

/** A path's hash within a space (FNV-1a). */
function hashOf(space: u32, path: u32, bytes: u32): u32 {
  let hash: u32 = 0x811c9dc5 ^ (space * 0x9e3779b1);
  for (let index: u32 = 0; index < bytes; index++) {
    hash = (hash ^ (load<u8>(path + index) as u32)) * 0x01000193;
  }
  return hash;
}

function bucketOf(hash: u32): u32 {
  return BUCKET + (((hash ^ (hash >> 15)) & (BUCKETS - 1)) << 2);
}

/** The record of a path in a space, or NONE. */
export function findRecord(space: u32, path: u32, bytes: u32): u32 {
  const hash = hashOf(space, path, bytes);
  let record = load<u32>(bucketOf(hash)) - 1;
  while (record != NONE) {
    const same =
      load<u32>(at(record), AT_HASH) == hash &&
      spaceOf(record) == space &&
      pathBytes(record) == bytes &&
      chainBegins(pathChain(record), path, bytes);
    if (same) return record;
    record = load<u32>(at(record), AT_NEXT) - 1;
  }
  return NONE;
}

function enter(record: u32): void {
  const bucket = bucketOf(load<u32>(at(record), AT_HASH));
  store<u32>(at(record), load<u32>(bucket), AT_NEXT);
  store<u32>(bucket, record + 1);
}

function leave(record: u32): void {
  let place = bucketOf(load<u32>(at(record), AT_HASH));
  while (load<u32>(place) != record + 1) place = at(load<u32>(place) - 1) + AT_NEXT;
  store<u32>(place, load<u32>(at(record), AT_NEXT));
}

// ---- making and dropping ------------------------------------------------------------------------

/** A record for a path without value, children and permissions of its own: `owner` alone. The
 *  caller has seen to it that a record and the path's blocks are free. */
export function makeRecord(space: u32, path: u32, bytes: u32, owner: u32): u32 {
  let record = freeList - 1;
  if (record != NONE) {
    freeList = load<u32>(at(record), AT_NEXT);
  } else {
    record = fresh;
    fresh++;
  }
  free--;
  memory.fill(at(record), 0, STRIDE);
  store<u8>(at(record), USED as u8, AT_FLAGS);
  store<u16>(at(record), space as u16, AT_SPACE);
  store<u32>(at(record), hashOf(space, path, bytes), AT_HASH);
  store<u32>(at(record), makeChain(path, bytes), AT_PATH);
  store<u16>(at(record), bytes as u16, AT_PATH_BYTES);
  store<u8>(at(record), 1, AT_PERMISSIONS);
  store<u16>(at(record) + AT_ENTRIES, owner as u16);
  enter(record);
  if (space != STORE_SPACE) {
    store<u32>(at(record), load<u32>(FIRST + (space << 2)), AT_LIST);
    store<u32>(FIRST + (space << 2), record + 1);
  }
  account(record, PLUS);
  return record;
}

/** Gives a record and what it holds back. One of a transaction stays on its list: `dropSpace`. */
export function dropRecord(record: u32): void {
  account(record, MINUS);
  leave(record);
  freeChain(pathChain(record));
  freeChain(valueChain(record));
  freeChain(childrenChain(record));
  store<u8>(at(record), 0, AT_FLAGS);
  store<u32>(at(record), freeList, AT_NEXT);
  freeList = record + 1;
  free++;
}

/** Drops every record of a transaction. */
export function dropSpace(space: u32): void {
  let record = firstInSpace(space);
  while (record != NONE) {
    const next = nextInSpace(record);
    dropRecord(record);
    record = next;
  }
  store<u32>(FIRST + (space << 2), 0);
}

/** Makes a transaction's copy a record of the store, where none of its path is; nothing new is
 *  taken for it. `path` holds its path, `next` is what follows it on a list of the caller's. */
export function moveToStore(record: u32, path: u32, next: u32): void {
  account(record, MINUS);
  leave(record);
  store<u16>(at(record), STORE_SPACE as u16, AT_SPACE);
  store<u32>(at(record), hashOf(STORE_SPACE, path, pathBytes(record)), AT_HASH);
  store<u8>(at(record), (USED | EXISTS) as u8, AT_FLAGS);
  store<u32>(at(record), next + 1, AT_LIST);
  enter(record);
  account(record, PLUS);
}

/** Empties a transaction's list after its records were moved or dropped one by one. */
export function forgetSpace(space: u32): void {
  store<u32>(FIRST + (space << 2), 0);
}

// ---- changing -----------------------------------------------------------------------------------

/** The caller has seen to it that the blocks are free. */
export function setValue(record: u32, source: u32, bytes: u32): void {
  account(record, MINUS);
  freeChain(valueChain(record));
  store<u32>(at(record), makeChain(source, bytes), AT_VALUE);
  store<u16>(at(record), bytes as u16, AT_VALUE_BYTES);
  account(record, PLUS);
}

export function setChildren(record: u32, source: u32, bytes: u32): void {
  account(record, MINUS);
  freeChain(childrenChain(record));
  store<u32>(at(record), bytes == 0 ? EMPTY : makeChain(source, bytes), AT_CHILDREN);
  store<u32>(at(record), bytes, AT_CHILDREN_BYTES);
  account(record, PLUS);
}

/** `entries` are `count` times { u16 domain; u16 access }, the owner's first. */
export function setPermissions(record: u32, entries: u32, count: u32): void {
  account(record, MINUS);
  memory.copy(at(record) + AT_ENTRIES, entries, min<u32>(count, PERMISSIONS) << 2);
  store<u8>(at(record), count as u8, AT_PERMISSIONS);
  account(record, PLUS);
}

/** Place of a record's permissions. */
export function entriesOf(record: u32): u32 {
  return at(record) + AT_ENTRIES;
}
