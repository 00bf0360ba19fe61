// The requests: each is taken apart, checked, carried out, and answered once.

import { NO_NUMBER, readDecimal, writeDecimal, writeText } from "../../runtime/decimal";
import { accessOfLetter, OWNER, READ } from "./access";
import { putChildren, putPart, putPermissions, putValue, TOO_LONG } from "./answers";
import { isPrivileged, setTarget } from "./clients";
import { answer, answerBody, HEADER_BYTES, isIntroduced, requestHeader } from "./connections";
import * as error from "./errors";
import { E2BIG, EACCES, EINVAL, ENOENT, ENOSYS, EPERM, OK } from "./errors";
import { transactionEnded } from "./fairness";
import { DOMAINS, PERMISSIONS, TOKEN_LIMIT, VALUE_LIMIT } from "./limits";
import { dropState, introduce, release } from "./lives";
import { isSpecial, path, pathLength, pathRelative, takePath, writeHome } from "./paths";
import { NONE, ownerOf, STORE_SPACE } from "./records";
import { abandon, beginTransaction, begun, commit, doom, findSpace } from "./transactions";
import { failure, makeNode, permitNode, reachNode, removeNode, writeNode } from "./tree";
import { setWatch, unsetWatch } from "./watches";

const DIRECTORY: u32 = 1;
const READ_VALUE: u32 = 2;
const GET_PERMISSIONS: u32 = 3;
const WATCH: u32 = 4;
const UNWATCH: u32 = 5;
const TRANSACTION_START: u32 = 6;
const TRANSACTION_END: u32 = 7;
const INTRODUCE: u32 = 8;
const RELEASE: u32 = 9;
const GET_DOMAIN_PATH: u32 = 10;
const WRITE_VALUE: u32 = 11;
const MKDIR: u32 = 12;
const RM: u32 = 13;
const SET_PERMISSIONS: u32 = 14;
export const WATCH_EVENT: u32 = 15;
const ERROR: u32 = 16;
const IS_DOMAIN_INTRODUCED: u32 = 17;
const RESUME: u32 = 18;
const SET_TARGET: u32 = 19;
const RESET_WATCHES: u32 = 21;
const DIRECTORY_PART: u32 = 22;

/** The request that is being carried out. */
let domain: u32 = 0;
let body: u32 = 0;
let bytes: u32 = 0;
let space: u32 = STORE_SPACE;
/** Where its answer's body goes, and how long that has become. */
let reply: u32 = 0;
let replyBytes: u32 = 0;
/** End of the field that was taken last. */
let place: u32 = 0;
let fieldStart: u32 = 0;
let fieldBytes: u32 = 0;

/** Takes the next field that ends with a NUL; false: there is none. */
function takeField(): bool {
  let end = place;
  while (end < bytes && load<u8>(body + end) != 0) end++;
  if (end == bytes) return false;
  fieldStart = body + place;
  fieldBytes = end - place;
  place = end + 1;
  return true;
}

/** Takes a field that is a path; an error, or OK. */
function takePathField(): u32 {
  return takeField() ? takePath(domain, fieldStart, fieldBytes) : EINVAL;
}

/** Takes the only path of a request. */
function takeOnlyPath(): u32 {
  const wrong = takePathField();
  return wrong != OK || place == bytes ? wrong : EINVAL;
}

/** Takes a field that is a number; NO_NUMBER: it is none. */
function takeNumber(): u64 {
  return takeField() ? readDecimal(fieldStart, fieldBytes) : NO_NUMBER;
}

/** Takes a field that is the number of a domain that can exist; DOMAINS: it is none. */
function takeDomain(): u32 {
  const number = takeNumber();
  return number < (DOMAINS as u64) ? (number as u32) : DOMAINS;
}

/** A text without a NUL, as the whole answer. */
function say(text: string): u32 {
  replyBytes = writeText(reply, text) - reply;
  return OK;
}

function acknowledge(): u32 {
  say("OK");
  store<u8>(reply + replyBytes, 0);
  replyBytes++;
  return OK;
}

/** What a function of the tree answered. */
function done(succeeded: bool): u32 {
  return succeeded ? acknowledge() : failure;
}

// ---- nodes --------------------------------------------------------------------------------------

/** DIRECTORY, READ, GET_PERMS: one path, and reading. */
function look(type: u32): u32 {
  const wrong = takeOnlyPath();
  if (wrong != OK) return wrong;
  const node = reachNode(domain, space, path, pathLength, READ);
  if (node == NONE) return failure;
  if (type == READ_VALUE) replyBytes = putValue(reply, node);
  else if (type == GET_PERMISSIONS) replyBytes = putPermissions(reply, node);
  else replyBytes = putChildren(reply, node);
  return replyBytes == TOO_LONG ? E2BIG : OK;
}

/** DIRECTORY_PART path offset. */
function directoryPart(): u32 {
  const wrong = takePathField();
  if (wrong != OK) return wrong;
  const offset = takeNumber();
  if (offset > 0xffffffff || space != STORE_SPACE) return EINVAL;
  const node = reachNode(domain, space, path, pathLength, READ);
  if (node == NONE) return failure;
  replyBytes = putPart(reply, node, offset as u32);
  return OK;
}

/** WRITE path, then the value without a NUL. */
function writeValue(): u32 {
  const wrong = takePathField();
  if (wrong != OK) return wrong;
  if (isSpecial()) return EINVAL;
  const length = bytes - place;
  if (length > VALUE_LIMIT) return error.ENOSPC;
  return done(writeNode(domain, space, path, pathLength, body + place, length));
}

function changeNode(type: u32): u32 {
  const wrong = takeOnlyPath();
  if (wrong != OK) return wrong;
  if (isSpecial()) return EINVAL;
  if (type == MKDIR) return done(makeNode(domain, space, path, pathLength));
  return done(removeNode(domain, space, path, pathLength));
}

const ENTRIES: u32 = memory.data(<i32>(PERMISSIONS * 4), 4) as u32;

/** Takes permissions to the end of the request; how many, or 0: they are none. */
function takePermissions(): u32 {
  let count: u32 = 0;
  while (place < bytes) {
    if (count == PERMISSIONS || !takeField() || fieldBytes < 2) return 0;
    const access = accessOfLetter(load<u8>(fieldStart));
    const named = readDecimal(fieldStart + 1, fieldBytes - 1);
    if (access == 0xffff || named >= (DOMAINS as u64)) return 0;
    store<u16>(ENTRIES + (count << 2), named as u16);
    store<u16>(ENTRIES + (count << 2), access as u16, 2);
    count++;
  }
  return count;
}

/** SET_PERMS path, then permissions, the owner's first. */
function setPermissions(): u32 {
  const wrong = takePathField();
  if (wrong != OK) return wrong;
  const count = takePermissions();
  if (count == 0) return EINVAL;
  const node = reachNode(domain, space, path, pathLength, OWNER);
  if (node == NONE) return failure;
  const owner = load<u16>(ENTRIES) as u32;
  if (!isPrivileged(domain) && ownerOf(node) != owner) return EPERM;
  permitNode(space, path, pathLength, node, ENTRIES, count);
  return acknowledge();
}

// ---- watches and transactions -------------------------------------------------------------------

/** WATCH and UNWATCH path token. */
function watchOp(type: u32): u32 {
  const wrong = takePathField();
  if (wrong != OK) return wrong;
  if (!takeField() || place != bytes) return EINVAL;
  if (type == UNWATCH) {
    const missing = unsetWatch(domain, path, pathLength, fieldStart, fieldBytes);
    return missing == OK ? acknowledge() : missing;
  }
  if (fieldBytes > TOKEN_LIMIT) return EINVAL;
  const refused = setWatch(domain, path, pathLength, pathRelative, fieldStart, fieldBytes);
  return refused == OK ? acknowledge() : refused;
}

function startTransaction(): u32 {
  if (space != STORE_SPACE) return error.EINVAL;
  const refused = beginTransaction(domain);
  if (refused != OK) return refused;
  replyBytes = writeDecimal(reply, begun as u64) - reply;
  store<u8>(reply + replyBytes, 0);
  replyBytes++;
  return OK;
}

/** TRANSACTION_END T or F. */
function endTransaction(): u32 {
  if (!takeField() || fieldBytes != 1 || place != bytes) return EINVAL;
  const letter = load<u8>(fieldStart) as u32;
  if (letter != 84 && letter != 70) return EINVAL;
  if (space == STORE_SPACE) return ENOENT;
  if (letter == 84) {
    const refused = commit(space, domain);
    transactionEnded(domain, refused);
    return refused == OK ? acknowledge() : refused;
  }
  abandon(space);
  return acknowledge();
}

// ---- domains ------------------------------------------------------------------------------------

/** INTRODUCE domain, frame (the ring is granted, so that it is not looked at), port. */
function introduceOp(): u32 {
  if (!isPrivileged(domain)) return EACCES;
  const named = takeDomain();
  if (named == DOMAINS || !takeField()) return EINVAL;
  const port = takeNumber();
  if (port > 0xffff) return EINVAL;
  const refused = introduce(named, port as u32);
  return refused == OK ? acknowledge() : refused;
}

function releaseOp(): u32 {
  if (!isPrivileged(domain)) return EACCES;
  const named = takeDomain();
  if (named == DOMAINS || named == domain) return EINVAL;
  const refused = release(named);
  return refused == OK ? acknowledge() : refused;
}

function resumeOp(): u32 {
  if (!isPrivileged(domain)) return EACCES;
  const named = takeDomain();
  if (named == DOMAINS) return EINVAL;
  return isIntroduced(named) ? acknowledge() : ENOENT;
}

/** SET_TARGET domain target: what the target may, the domain may. */
function setTargetOp(): u32 {
  if (!isPrivileged(domain)) return EACCES;
  const named = takeDomain();
  const target = takeDomain();
  if (named == DOMAINS || target == DOMAINS) return EINVAL;
  if (!isIntroduced(named) || !isIntroduced(target)) return ENOENT;
  setTarget(named, target);
  return acknowledge();
}

function domainPath(): u32 {
  const named = takeNumber();
  if (named > 0x7fff) return EINVAL;
  replyBytes = writeHome(reply, named as u32) - reply;
  store<u8>(reply + replyBytes, 0);
  replyBytes++;
  return OK;
}

function isIntroducedOp(): u32 {
  const named = takeNumber();
  if (named > 0x7fff) return EINVAL;
  const there = isIntroduced(named as u32);
  say(there ? "T" : "F");
  store<u8>(reply + 1, 0);
  replyBytes = 2;
  return OK;
}

function resetWatches(): u32 {
  dropState(domain);
  return acknowledge();
}

// ---- which --------------------------------------------------------------------------------------

/** The requests that are the same in every transaction. */
function perform(type: u32): u32 {
  if (type == WATCH || type == UNWATCH) return watchOp(type);
  if (type == TRANSACTION_START) return startTransaction();
  if (type == TRANSACTION_END) return endTransaction();
  if (type == INTRODUCE) return introduceOp();
  if (type == RELEASE) return releaseOp();
  if (type == GET_DOMAIN_PATH) return domainPath();
  if (type == IS_DOMAIN_INTRODUCED) return isIntroducedOp();
  if (type == RESUME) return resumeOp();
  if (type == SET_TARGET) return setTargetOp();
  if (type == RESET_WATCHES) return resetWatches();
  return ENOSYS;
}

/** Requests about nodes. What a transaction has no room for ends it. */
function performNode(type: u32): u32 {
  if (type == DIRECTORY || type == READ_VALUE || type == GET_PERMISSIONS) return look(type);
  if (type == DIRECTORY_PART) return directoryPart();
  if (type == WRITE_VALUE) return writeValue();
  if (type == MKDIR || type == RM) return changeNode(type);
  if (type == SET_PERMISSIONS) return setPermissions();
  return perform(type);
}

/** Does a request of a type, in a transaction or in none, change what this service has to keep? */
export function changesStore(type: u32, transaction: u32): bool {
  if (transaction != 0) return true;
  if (type == WATCH || type == UNWATCH || type == TRANSACTION_START) return true;
  if (type == INTRODUCE || type == RELEASE || type == SET_TARGET) return true;
  return type == RESET_WATCHES || (type >= WRITE_VALUE && type <= SET_PERMISSIONS);
}

/** Carries out the whole request of a domain and answers it. */
export function handle(from: u32): void {
  const header = requestHeader(from);
  const type = load<u32>(header);
  const number = load<u32>(header, 8);
  domain = from;
  body = header + HEADER_BYTES;
  bytes = load<u32>(header, 12);
  reply = answerBody(from);
  replyBytes = 0;
  place = 0;
  space = number == 0 ? STORE_SPACE : findSpace(from, number);
  const result = space == NONE ? ENOENT : performNode(type);
  if (result == error.ENOSPC && space != STORE_SPACE && type != TRANSACTION_END) {
    doom(space, error.ENOSPC);
  }
  if (result != OK) {
    replyBytes = writeText(reply, error.errorName(result)) - reply;
    store<u8>(reply + replyBytes, 0);
    replyBytes++;
  }
  answer(from, result == OK ? type : ERROR, load<u32>(header, 4), number, replyBytes);
}
