// What a back end asks of xenstore about its devices, one request at a time: the path of a key is
// built from the device's row, so that no text of a front end's choice becomes part of a request
// beyond its own directory.

import { writeDecimal, writeText } from "./decimal";
import * as client from "./store";
import {
  DEVICES,
  deviceDomain,
  deviceNumber,
  FRONT_PATH_BYTES,
  frontPath,
  frontPathBytes,
} from "./xenbus_device";

const SPACE: u32 = 32;
const KEY_BYTES: u32 = 64;
const VALUE_BYTES: u32 = 96;
const BODY: u32 = memory.data(<i32>(FRONT_PATH_BYTES + KEY_BYTES + VALUE_BYTES + 64)) as u32;

/** The name of the devices' kind: vbd, vif. */
let kind: string = "";
/** Where the body that is being built ends. */
let end: u32 = BODY;
let tag: u32 = 0;

export function nameKind(name: string): void {
  kind = name;
}

export function kindBytes(): u32 {
  return kind.length as u32;
}

export function kindName(): string {
  return kind;
}

function send(type: u32): u32 {
  tag += 1;
  client.storeSend(type, 0, tag, BODY, end - BODY);
  return tag;
}

function zero(): void {
  store<u8>(end, 0);
  end += 1;
}

function beginKind(): void {
  end = writeText(writeText(BODY, "backend/"), kind);
}

function beginBack(row: u32): void {
  beginKind();
  end = writeDecimal(writeText(end, "/"), deviceDomain(row) as u64);
  end = writeDecimal(writeText(end, "/"), deviceNumber(row) as u64);
}

function beginFront(row: u32): void {
  memory.copy(BODY, frontPath(row), frontPathBytes(row));
  end = BODY + frontPathBytes(row);
}

/** Adds "/" and word number `index` of `words`, which are parted by a space or a new line each. */
function addWord(words: string, index: u32): void {
  const source = changetype<usize>(words) as u32;
  const length = words.length as u32;
  let word: u32 = 0;
  end = writeText(end, "/");
  for (let at: u32 = 0; at < length; at++) {
    const letter = load<u8>(source + (at << 1));
    if (letter <= SPACE) word++;
    else if (word == index) {
      store<u8>(end, letter);
      end++;
    }
  }
}

/** How many words a list has. */
export function wordCount(words: string): u32 {
  const source = changetype<usize>(words) as u32;
  const length = words.length as u32;
  let count: u32 = length == 0 ? 0 : 1;
  for (let at: u32 = 0; at < length; at++) if (load<u8>(source + (at << 1)) <= SPACE) count++;
  return count;
}

// Each returns the tag that the answer will carry.

export function watchKind(): u32 {
  beginKind();
  zero();
  end = writeText(end, "b");
  zero();
  return send(client.STORE_WATCH);
}

export function askDomains(): u32 {
  beginKind();
  zero();
  return send(client.STORE_DIRECTORY);
}

export function askDevices(domain: u32): u32 {
  beginKind();
  end = writeDecimal(writeText(end, "/"), domain as u64);
  zero();
  return send(client.STORE_DIRECTORY);
}

export function askBack(row: u32, words: string, index: u32): u32 {
  beginBack(row);
  addWord(words, index);
  zero();
  return send(client.STORE_READ);
}

export function askFront(row: u32, words: string, index: u32): u32 {
  beginFront(row);
  addWord(words, index);
  zero();
  return send(client.STORE_READ);
}

function frontWatch(row: u32, type: u32): u32 {
  beginFront(row);
  end = writeText(end, "/state");
  zero();
  end = writeDecimal(writeText(end, "f"), row as u64);
  zero();
  return send(type);
}

/** Watches the front end's state; the token is "f" and the row. */
export function watchFront(row: u32): u32 {
  return frontWatch(row, client.STORE_WATCH);
}

export function unwatchFront(row: u32): u32 {
  return frontWatch(row, client.STORE_UNWATCH);
}

/** Writes a number under the device's own directory. */
export function writeBackNumber(row: u32, key: string, value: u64): void {
  beginBack(row);
  end = writeText(writeText(end, "/"), key);
  zero();
  end = writeDecimal(end, value);
  send(client.STORE_WRITE);
}

/** Writes a text that stands in the source under the device's own directory. */
export function writeBackText(row: u32, key: string, value: string): void {
  beginBack(row);
  end = writeText(writeText(end, "/"), key);
  zero();
  end = writeText(end, value);
  send(client.STORE_WRITE);
}

/** The row that a front watch's token names, or DEVICES. */
export function rowOfToken(token: u32, bytes: u32): u32 {
  if (bytes < 2 || bytes > 3 || load<u8>(token) != 102) return DEVICES;
  let row: u32 = 0;
  for (let index: u32 = 1; index < bytes; index++) {
    row = row * 10 + ((load<u8>(token + index) as u32) - 48);
  }
  return row;
}
