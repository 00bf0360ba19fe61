// The back end's half of xenbus: finds the devices that the toolstack gives this service, follows
// the state of each front end, and says which key to read next. One device at a time and one
// request at a time, so that what is under way with xenstore is bounded; devices take turns.
//
// A service calls `openBackend`, and in each turn asks `nextBackendEvent` until that is EVENT_NONE.
// It answers SETUP and CONNECT by `answerBackend`.

import { behindText, NO_NUMBER, readDecimal } from "./decimal";
import {
  messageBody,
  messageBytes,
  messageTag,
  messageType,
  STORE_ERROR,
  STORE_WATCH_EVENT,
  storeReceive,
} from "./store";
import * as device from "./xenbus_device";
import * as keys from "./xenbus_store";
import { keepValue, valueNumber } from "./xenbus_values";

export const EVENT_NONE: u32 = 0;
/** A device was found and its own keys are read: publish features, then answer. */
export const EVENT_SETUP: u32 = 1;
/** The front end's keys are read: attach its rings, then answer. */
export const EVENT_CONNECT: u32 = 2;
/** The front end went away: let go of its rings. */
export const EVENT_DISCONNECT: u32 = 3;
/** The device is no more. */
export const EVENT_GONE: u32 = 4;

const IDLE: u32 = 0;
const ROOT: u32 = 1;
const DOMAIN: u32 = 2;
const IDENTITY: u32 = 3;
const PATH: u32 = 4;
const SETUP_KEYS: u32 = 5;
const SETUP_ANSWER: u32 = 6;
const FRONT_STATE: u32 = 7;
const CONNECT_KEYS: u32 = 8;
const CONNECT_ANSWER: u32 = 9;

const DOMAINS: u32 = 64;
/** More steps than one device's look can have before it waits for xenstore. */
const STEPS_LIMIT: u32 = 128;
/** Messages that are taken, and events that are found, in one turn. */
const STEPS_OF_TURN: u32 = 64;

let setupKeys: string = "";
let connectKeys: string = "";
let allowance: u32 = 0;
let stage: u32 = IDLE;
/** Tag of the answer that is awaited; 0: none is. */
let awaited: u32 = 0;
let current: u32 = 0;
let key: u32 = 0;
let scanRoot: bool = false;
/** A device was left alone because there was no row for it. */
let crowded: bool = false;
/** Domains whose devices are to be listed, and devices that are to be looked at. */
let scan: u64 = 0;
let dirty: u64 = 0;
let watched: u64 = 0;

/** Begins to serve devices of a kind ("vbd", "vif"). `setup` and `connect` are the keys, parted by
 *  spaces, that the service wants to know at either time: at most VALUES each. */
export function openBackend(kind: string, setup: string, connect: string): void {
  keys.nameKind(kind);
  setupKeys = setup;
  connectKeys = connect;
  keys.watchKind();
}

export function currentDevice(): u32 {
  return current;
}

function enter(row: u32, state: u32): void {
  device.setDeviceState(row, state);
  keys.writeBackNumber(row, "state", state as u64);
}

/** The service let go of a device itself: its front end broke the protocol. */
export function failDevice(row: u32): void {
  device.setDeviceAttached(row, false);
  enter(row, device.STATE_CLOSING);
}

// ---- messages -----------------------------------------------------------------------------------

/** Looks at the message at hand: an answer that is awaited, or something that has changed. */
function takeMessage(): void {
  if (messageType() == STORE_WATCH_EVENT) return noteChange();
  if (awaited != 0 && messageTag() == awaited) {
    awaited = 0;
    takeAnswer();
  }
}

/** Byte at which the text at `place` has its next `letter`, or `bytes`. */
function until(place: u32, bytes: u32, letter: u32): u32 {
  for (let index: u32 = 0; index < bytes; index++) {
    if (load<u8>(place + index) == (letter as u8)) return index;
  }
  return bytes;
}

/** A watch event's body is path, NUL, token, NUL. */
function noteChange(): void {
  const body = messageBody();
  const bytes = messageBytes();
  const path = until(body, bytes, 0);
  if (path + 2 > bytes) return;
  const token = body + path + 1;
  const tokenBytes = until(token, bytes - path - 1, 0);
  if (tokenBytes == 1 && load<u8>(token) == 98) return noteBack(body, path);
  const row = keys.rowOfToken(token, tokenBytes);
  if (row < device.DEVICES && device.deviceUsed(row)) dirty |= device.deviceBit(row);
}

/** A change at or below backend/KIND: the list of domains, one domain's list, or one device. */
function noteBack(path: u32, bytes: u32): void {
  const prefix = behindText(path, bytes, "backend/");
  const start = prefix == 0 ? 0 : behindText(prefix, path + bytes - prefix, keys.kindName());
  if (start == 0) return;
  if (start == path + bytes) {
    scanRoot = true;
    return;
  }
  const rest = path + bytes - start - 1;
  const domainBytes = until(start + 1, rest, 47);
  const domain = readDecimal(start + 1, domainBytes);
  if (domain >= (DOMAINS as u64)) return;
  if (domainBytes == rest) {
    scan |= device.deviceBit(domain as u32);
    return;
  }
  const number = start + 1 + domainBytes + 1;
  const left = rest - domainBytes - 1;
  const numberBytes = until(number, left, 47);
  noteDevice(domain as u32, readDecimal(number, numberBytes), numberBytes == left);
}

/** A device's directory came or went, or something in it changed: most of that is our own. */
function noteDevice(domain: u32, number: u64, whole: bool): void {
  if (number > 0xffffffff) return;
  let row = device.findDevice(domain, number as u32);
  if (row != device.NO_DEVICE && !whole) return;
  if (row == device.NO_DEVICE) row = device.addDevice(domain, number as u32);
  if (row != device.NO_DEVICE) dirty |= device.deviceBit(row);
  else crowded = true;
}

// ---- answers ------------------------------------------------------------------------------------

/** A list of names, each with a NUL behind it. */
function takeNames(ofDomains: bool): void {
  const end = messageBody() + messageBytes();
  let place = messageBody();
  while (place < end && messageType() != STORE_ERROR) {
    const bytes = until(place, end - place, 0);
    const number = readDecimal(place, bytes);
    if (ofDomains) {
      if (number < (DOMAINS as u64)) scan |= device.deviceBit(number as u32);
    } else noteDevice(current, number, true);
    place += bytes + 1;
  }
  stage = IDLE;
}

function takeAnswer(): void {
  if (stage == ROOT) return takeNames(true);
  if (stage == DOMAIN) return takeNames(false);
  if (stage == PATH) return takePath();
  keepValue(stage == SETUP_KEYS || stage == CONNECT_KEYS ? key : 0);
  if (stage == SETUP_KEYS || stage == CONNECT_KEYS) key++;
}

/** The front end's directory must lie in its own domain's. */
function takePath(): void {
  const path = messageBody();
  const bytes = messageBytes();
  const start = behindText(path, bytes, "/local/domain/");
  const named = start == 0 ? 0 : until(start, path + bytes - start, 47);
  const domain = start == 0 ? NO_NUMBER : readDecimal(start, named);
  const sound = messageType() != STORE_ERROR && bytes <= device.FRONT_PATH_BYTES;
  if (!sound || domain != (device.deviceDomain(current) as u64)) {
    stage = IDLE;
    return;
  }
  device.setFrontPath(current, path, bytes);
  beginSetup();
}

// ---- steps --------------------------------------------------------------------------------------

/** Begins a turn: what it may take of xenstore is measured anew. */
export function beginBackendTurn(): void {
  allowance = STEPS_OF_TURN;
}

/** Did the turn end before everything was done? Then there is more without another event. */
export function backendUnfinished(): bool {
  return allowance == 0;
}

/** Takes messages of xenstore and goes on until the service has something to do; EVENT_NONE: for
 *  this turn there is nothing more. */
export function nextBackendEvent(): u32 {
  while (allowance != 0) {
    allowance--;
    const event = goOn();
    if (event != EVENT_NONE) return event;
    if (!storeReceive()) return EVENT_NONE;
    takeMessage();
  }
  return EVENT_NONE;
}

/** Goes on until the service has something to do, or xenstore has to answer first. */
function goOn(): u32 {
  for (let count: u32 = 0; count < STEPS_LIMIT; count++) {
    if (awaited != 0 || stage == SETUP_ANSWER || stage == CONNECT_ANSWER) return EVENT_NONE;
    if (stage == IDLE && !begin()) return EVENT_NONE;
    const event = awaited == 0 ? step() : EVENT_NONE;
    if (event != EVENT_NONE) return event;
  }
  return EVENT_NONE;
}

/** Picks what is to be done next; false: nothing is. */
function begin(): bool {
  if (scanRoot) {
    scanRoot = false;
    stage = ROOT;
    awaited = keys.askDomains();
  } else if (scan != 0) {
    current = ctz(scan) as u32;
    scan &= scan - 1;
    stage = DOMAIN;
    awaited = keys.askDevices(current);
  } else if (dirty != 0) {
    current = nextDirty();
    dirty &= ~device.deviceBit(current);
    stage = IDENTITY;
    awaited = keys.askBack(current, "frontend-id", 0);
  } else return false;
  return true;
}

/** The device after the one that had its turn last. */
function nextDirty(): u32 {
  const start = (current + 1) & (device.DEVICES - 1);
  return (start + (ctz(rotr<u64>(dirty, start as u64)) as u32)) & (device.DEVICES - 1);
}

function step(): u32 {
  if (stage == IDENTITY) return identify();
  if (stage == SETUP_KEYS) {
    if (key < keys.wordCount(setupKeys)) {
      awaited = keys.askBack(current, setupKeys, key);
      return EVENT_NONE;
    }
    stage = SETUP_ANSWER;
    return EVENT_SETUP;
  }
  if (stage == CONNECT_KEYS) {
    if (key < keys.wordCount(connectKeys)) {
      awaited = keys.askFront(current, connectKeys, key);
      return EVENT_NONE;
    }
    stage = CONNECT_ANSWER;
    return EVENT_CONNECT;
  }
  if (stage == FRONT_STATE) return follow(valueNumber(0));
  return EVENT_NONE;
}

function beginSetup(): void {
  device.setDeviceState(current, device.STATE_NEW);
  key = 0;
  stage = SETUP_KEYS;
}

function askFrontState(): void {
  stage = FRONT_STATE;
  awaited = keys.askFront(current, "state", 0);
}

/** Is the device still there, and whose is it? */
function identify(): u32 {
  if (valueNumber(0) != (device.deviceDomain(current) as u64)) return leave();
  if (device.frontPathBytes(current) == 0) {
    stage = PATH;
    awaited = keys.askBack(current, "frontend", 0);
  } else askFrontState();
  return EVENT_NONE;
}

/** The device's directory is gone: first its rings go, then its row. */
function leave(): u32 {
  stage = IDLE;
  if (device.deviceAttached(current)) {
    device.setDeviceAttached(current, false);
    dirty |= device.deviceBit(current);
    return EVENT_DISCONNECT;
  }
  if ((watched & device.deviceBit(current)) != 0) keys.unwatchFront(current);
  watched &= ~device.deviceBit(current);
  device.dropDevice(current);
  // There is room for one that was left alone.
  scanRoot = scanRoot || crowded;
  crowded = false;
  return EVENT_GONE;
}

/** The front end's state, against ours. */
function follow(front: u64): u32 {
  const own = device.deviceState(current);
  stage = IDLE;
  if (front == device.STATE_INITIALISED || front == device.STATE_CONNECTED) {
    // A new row with a connected front end: this service was restarted, and takes up its rings.
    if (own != device.STATE_NEW && own != device.STATE_WAITING) return EVENT_NONE;
    key = 0;
    stage = CONNECT_KEYS;
    return EVENT_NONE;
  }
  if (front == device.STATE_INITIALISING || front == device.STATE_WAITING) return welcome(own);
  return conclude(own, front == device.STATE_CLOSING);
}

/** A front end that begins: anew, or for the first time. */
function welcome(own: u32): u32 {
  if (own == device.STATE_WAITING) return EVENT_NONE;
  if (own == device.STATE_NEW) {
    enter(current, device.STATE_WAITING);
    return EVENT_NONE;
  }
  if (device.deviceAttached(current)) {
    device.setDeviceAttached(current, false);
    device.setDeviceState(current, device.STATE_CLOSED);
    dirty |= device.deviceBit(current);
    return EVENT_DISCONNECT;
  }
  beginSetup();
  return EVENT_NONE;
}

/** A front end that ends. */
function conclude(own: u32, closing: bool): u32 {
  const attached = device.deviceAttached(current);
  device.setDeviceAttached(current, false);
  if (own != device.STATE_CLOSED) {
    const state = closing ? device.STATE_CLOSING : device.STATE_CLOSED;
    if (own != state) enter(current, state);
  }
  return attached ? EVENT_DISCONNECT : EVENT_NONE;
}

/** The service's answer to SETUP or CONNECT: whether it takes the device. */
export function answerBackend(accepted: bool): void {
  const connecting = stage == CONNECT_ANSWER;
  stage = IDLE;
  if (connecting) {
    device.setDeviceAttached(current, accepted);
    return enter(current, accepted ? device.STATE_CONNECTED : device.STATE_CLOSING);
  }
  if ((watched & device.deviceBit(current)) == 0) keys.watchFront(current);
  watched |= device.deviceBit(current);
  if (accepted) askFrontState();
  else enter(current, device.STATE_CLOSED);
}
