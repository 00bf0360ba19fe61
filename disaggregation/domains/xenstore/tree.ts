// Nodes by path, in the store or in a transaction: looking, creating with what is missing above,
// changing, removing. A function that fails says why in `failure` and has changed nothing, but for
// a transaction that ran out of room: that one can only fail from then on.

import { accessTo, WRITE } from "./access";
import { isPrivileged } from "./clients";
import { EACCES, EINVAL, ENOENT, ENOSPC, OK } from "./errors";
import { parentBytes } from "./paths";
import { blocksFor, chainBegins, chainByte, readChain } from "./pool";
import * as record from "./records";
import { BELOW, CHANGED, EXISTS, NONE, STORE_SPACE, TOLD } from "./records";
import { roomFor, roomToSee } from "./room";
import { tellOfChange, tellOfRemoval } from "./watches";

const SLASH: u32 = 47;
/** Bytes of the longest list of children. */
const CHILDREN_LIMIT: u32 = 65536;
const CHILDREN: u32 = memory.data(<i32>CHILDREN_LIMIT) as u32;
const PATH: u32 = memory.data(3072) as u32;

/** Why the last function failed. */
export let failure: u32 = OK;

let generation: u64 = 0;

export function nextGeneration(): u64 {
  generation++;
  return generation;
}

/** The last change's number. */
export function lastGeneration(): u64 {
  return generation;
}

// ---- looking ------------------------------------------------------------------------------------

/** Copies what the store has of a node into a transaction. */
function copyNode(from: u32, to: u32): void {
  record.setPermissions(to, record.entriesOf(from), record.permissionsOf(from));
  record.setGeneration(to, record.generationOf(from));
  record.setFlags(to, EXISTS);
  const value = record.valueBytes(from);
  readChain(record.valueChain(from), 0, CHILDREN, value);
  record.setValue(to, CHILDREN, value);
  const children = record.childrenBytes(from);
  readChain(record.childrenChain(from), 0, CHILDREN, children);
  record.setChildren(to, CHILDREN, children);
}

/** The record of a path: in a transaction always one, which may say that no node is there. NONE: no
 *  node, or no room to see it (`failure`). */
function look(space: u32, path: u32, bytes: u32): u32 {
  failure = OK;
  const known = record.findRecord(space, path, bytes);
  if (known != NONE || space == STORE_SPACE) return known;
  const original = record.findRecord(STORE_SPACE, path, bytes);
  const blocks = original == NONE ? blocksFor(bytes) : record.blocksOf(original);
  if (!roomToSee(space, blocks)) {
    failure = ENOSPC;
    return NONE;
  }
  const copy = record.makeRecord(space, path, bytes, 0);
  if (original != NONE) copyNode(original, copy);
  return copy;
}

/** The node of a path, or NONE: `failure` is OK where it just is not there. */
export function nodeAt(space: u32, path: u32, bytes: u32): u32 {
  const found = look(space, path, bytes);
  return found != NONE && record.exists(found) ? found : NONE;
}

/** Bytes of the path of the nearest node above that is there; the root always is. */
function nearestAbove(space: u32, path: u32, bytes: u32): u32 {
  let end = bytes;
  while (end > 1) {
    end = parentBytes(path, end);
    if (nodeAt(space, path, end) != NONE || failure != OK) return end;
  }
  return end;
}

/** A node that a domain has access to. NONE: `failure` says why; that a node is not there is told
 *  only to who could see it if it were. */
export function reachNode(domain: u32, space: u32, path: u32, bytes: u32, access: u32): u32 {
  const found = nodeAt(space, path, bytes);
  if (found == NONE && failure != OK) return NONE;
  if (found != NONE) {
    if ((accessTo(domain, found) & access) == access) return found;
    failure = EACCES;
    return NONE;
  }
  if (load<u8>(path) != SLASH) {
    failure = ENOENT;
    return NONE;
  }
  const above = nodeAt(space, path, nearestAbove(space, path, bytes));
  if (failure != OK) return NONE;
  const told = above != NONE && (accessTo(domain, above) & access) == access;
  failure = told ? ENOENT : EACCES;
  return NONE;
}

// ---- children -----------------------------------------------------------------------------------

/** Place of a name in a list of children; NONE: it is not in it. The list is in CHILDREN. */
function childPlace(bytes: u32, name: u32, length: u32): u32 {
  let place: u32 = 0;
  while (place < bytes) {
    let end = place;
    while (load<u8>(CHILDREN + end) != 0) end++;
    if (end - place == length && memory.compare(CHILDREN + place, name, length) == 0) return place;
    place = end + 1;
  }
  return NONE;
}

function touch(one: u32, space: u32): void {
  if (space == STORE_SPACE) record.setGeneration(one, nextGeneration());
  else record.setFlags(one, record.flagsOf(one) | CHANGED);
}

function addChild(parent: u32, space: u32, name: u32, length: u32): void {
  const bytes = record.childrenBytes(parent);
  readChain(record.childrenChain(parent), 0, CHILDREN, bytes);
  memory.copy(CHILDREN + bytes, name, length);
  store<u8>(CHILDREN + bytes + length, 0);
  record.setChildren(parent, CHILDREN, bytes + length + 1);
  touch(parent, space);
}

function removeChild(parent: u32, space: u32, name: u32, length: u32): void {
  const bytes = record.childrenBytes(parent);
  readChain(record.childrenChain(parent), 0, CHILDREN, bytes);
  const place = childPlace(bytes, name, length);
  if (place == NONE) return;
  const rest = place + length + 1;
  memory.copy(CHILDREN + place, CHILDREN + rest, bytes - rest);
  record.setChildren(parent, CHILDREN, bytes - length - 1);
  touch(parent, space);
}

// ---- creating and writing -----------------------------------------------------------------------

/** Bytes of the path's next component's end behind `from`. */
function componentEnd(path: u32, bytes: u32, from: u32): u32 {
  let end = from + 1;
  while (end < bytes && load<u8>(path + end) != SLASH) end++;
  return end;
}

/** Blocks that the missing nodes below a node will take, and how many they are in `missing`. */
let missing: u32 = 0;
function blocksBelow(above: u32, path: u32, bytes: u32, from: u32): u32 {
  let blocks: u32 = 0;
  let list = record.childrenBytes(above);
  let place: u32 = from == 1 ? 0 : from;
  missing = 0;
  while (place < bytes) {
    const end = componentEnd(path, bytes, place);
    const name = end - place;
    blocks += blocksFor(list + name) - blocksFor(list) + blocksFor(end);
    list = 0;
    place = end;
    missing++;
  }
  return blocks;
}

/** A new node takes its parent's permissions; an unprivileged domain owns what it makes. */
function inherit(domain: u32, child: u32, parent: u32): void {
  record.setPermissions(child, record.entriesOf(parent), record.permissionsOf(parent));
  if (isPrivileged(domain)) return;
  const entry = PATH;
  memory.copy(entry, record.entriesOf(child), record.permissionsOf(child) << 2);
  store<u16>(entry, domain as u16);
  record.setPermissions(child, entry, record.permissionsOf(child));
}

function createBelow(domain: u32, space: u32, parent: u32, path: u32, end: u32, name: u32): u32 {
  let child = record.findRecord(space, path, end);
  if (child == NONE) child = record.makeRecord(space, path, end, record.ownerOf(parent));
  inherit(domain, child, parent);
  record.setFlags(child, EXISTS | CHANGED);
  touch(child, space);
  addChild(parent, space, path + name, end - name);
  return child;
}

/** Creates a node that is not there, and what is missing above it, if there is room for these and
 *  for `more` blocks. NONE: `failure` says why. */
function createNode(domain: u32, space: u32, path: u32, bytes: u32, more: u32): u32 {
  let end = nearestAbove(space, path, bytes);
  if (failure != OK) return NONE;
  let node = nodeAt(space, path, end);
  if (node == NONE || (accessTo(domain, node) & WRITE) == 0) {
    failure = EACCES;
    return NONE;
  }
  const blocks = blocksBelow(node, path, bytes, end) + more;
  const owner = isPrivileged(domain) ? record.ownerOf(node) : domain;
  const list = record.childrenBytes(node) + bytes;
  if (list > CHILDREN_LIMIT || !roomFor(domain, owner, space, missing, blocks)) {
    failure = ENOSPC;
    return NONE;
  }
  if (end == 1) end = 0;
  while (end < bytes) {
    const next = componentEnd(path, bytes, end);
    node = createBelow(domain, space, node, path, next, end + 1);
    end = next;
  }
  return node;
}

/** Tells the watches now, or when the transaction ends. */
function changed(one: u32, space: u32, path: u32, bytes: u32): void {
  touch(one, space);
  if (space == STORE_SPACE) tellOfChange(path, bytes, one);
  else record.setFlags(one, record.flagsOf(one) | TOLD);
}

/** May the node that is there be given a value of so many bytes? */
function mayHold(domain: u32, space: u32, node: u32, length: u32): bool {
  const old = blocksFor(record.valueBytes(node));
  const wanted = blocksFor(length);
  if ((accessTo(domain, node) & WRITE) == 0) failure = EACCES;
  else if (wanted <= old) return true;
  else if (roomFor(domain, record.ownerOf(node), space, 0, wanted - old)) return true;
  else failure = ENOSPC;
  return false;
}

/** Gives a node a value, and makes it where it is not there; false: `failure` says why. */
export function writeNode(
  domain: u32,
  space: u32,
  path: u32,
  bytes: u32,
  value: u32,
  length: u32,
): bool {
  let node = nodeAt(space, path, bytes);
  if (failure != OK) return false;
  if (node != NONE) {
    if (!mayHold(domain, space, node, length)) return false;
  } else {
    node = createNode(domain, space, path, bytes, blocksFor(length));
    if (node == NONE) return false;
  }
  record.setValue(node, value, length);
  changed(node, space, path, bytes);
  return true;
}

/** Creates a node where none is; false: `failure` says why. */
export function makeNode(domain: u32, space: u32, path: u32, bytes: u32): bool {
  const found = nodeAt(space, path, bytes);
  if (failure != OK) return false;
  if (found != NONE) {
    if ((accessTo(domain, found) & WRITE) != 0) return true;
    failure = EACCES;
    return false;
  }
  const node = createNode(domain, space, path, bytes, 0);
  if (node == NONE) return false;
  changed(node, space, path, bytes);
  return true;
}

/** Gives a node other permissions, which the caller has checked. */
export function permitNode(
  space: u32,
  path: u32,
  bytes: u32,
  node: u32,
  entries: u32,
  count: u32,
): void {
  // Who could read it before is told as well.
  if (space == STORE_SPACE) tellOfChange(path, bytes, node);
  record.setPermissions(node, entries, count);
  changed(node, space, path, bytes);
}

// ---- removing -----------------------------------------------------------------------------------

/** Is a record of the space a node below the path? */
function isBelow(one: u32, space: u32, path: u32, bytes: u32): bool {
  if (!record.isUsed(one) || record.spaceOf(one) != space || !record.exists(one)) return false;
  if (record.pathBytes(one) <= bytes) return false;
  const chain = record.pathChain(one);
  return chainBegins(chain, path, bytes) && chainByte(chain, bytes) == SLASH;
}

/** In a transaction everything below a node that goes must have been seen. */
function seeBelow(space: u32, path: u32, bytes: u32): bool {
  const end = record.recordsEnd();
  for (let one: u32 = 0; one < end; one++) {
    if (!isBelow(one, STORE_SPACE, path, bytes)) continue;
    readChain(record.pathChain(one), 0, PATH, record.pathBytes(one));
    look(space, PATH, record.pathBytes(one));
    if (failure != OK) return false;
  }
  return true;
}

function removeOne(one: u32, space: u32, below: bool): void {
  if (space == STORE_SPACE) {
    readChain(record.pathChain(one), 0, PATH, record.pathBytes(one));
    tellOfRemoval(PATH, record.pathBytes(one), one, below);
    record.dropRecord(one);
  } else {
    record.setValue(one, PATH, 0);
    record.setChildren(one, PATH, 0);
    record.setFlags(one, CHANGED | TOLD | (below ? BELOW : 0));
  }
}

/** Removes a node and everything below it, whoever it belongs to. */
export function removeTree(space: u32, path: u32, bytes: u32): bool {
  if (space != STORE_SPACE && !seeBelow(space, path, bytes)) return false;
  const end = record.recordsEnd();
  for (let one: u32 = 0; one < end; one++) {
    if (isBelow(one, space, path, bytes)) removeOne(one, space, true);
  }
  const node = nodeAt(space, path, bytes);
  const above = parentBytes(path, bytes);
  const parent = nodeAt(space, path, above);
  if (failure != OK) return false;
  if (node != NONE) removeOne(node, space, false);
  const name: u32 = above == 1 ? 1 : above + 1;
  if (parent != NONE) removeChild(parent, space, path + name, bytes - name);
  if (space == STORE_SPACE) nextGeneration();
  return true;
}

/** Removes a node for a domain; false: `failure` says why. That it is not there is no failure where
 *  its parent is. */
export function removeNode(domain: u32, space: u32, path: u32, bytes: u32): bool {
  if (bytes == 1 || load<u8>(path) != SLASH) {
    failure = EINVAL;
    return false;
  }
  const node = reachNode(domain, space, path, bytes, WRITE);
  if (node != NONE) return removeTree(space, path, bytes);
  if (failure != ENOENT) return false;
  const parent = nodeAt(space, path, parentBytes(path, bytes));
  if (failure != OK) return false;
  failure = parent == NONE ? ENOENT : OK;
  return parent != NONE;
}

/** Makes a node of a path that is no path of the tree (@introduceDomain), or the root. */
export function plantNode(path: u32, bytes: u32): u32 {
  const node = record.makeRecord(STORE_SPACE, path, bytes, 0);
  record.setFlags(node, EXISTS);
  record.setGeneration(node, nextGeneration());
  return node;
}
