// A port of the switch: what the toolstack says of it, and what its front end does.

import { mapGrant, unmapGrant } from "../../runtime/grants";
import { bindPort, NO_PORT, releasePort } from "../../runtime/port_table";
import { openRing, setRingPage } from "../../runtime/ring";
import { DEVICES, deviceDomain } from "../../runtime/xenbus_device";
import { writeBackNumber } from "../../runtime/xenbus_store";
import {
  hasValue,
  valueBytes,
  valueIs,
  valueOn,
  valueText,
  valueWord,
} from "../../runtime/xenbus_values";
import { NO_MAC, readIp, readMac } from "./address";
import { groupOf, NO_GROUP } from "./groups";
import * as key from "./keys";
import { clearMulticast } from "./multicast";
import { forgetStations } from "./stations";

const TX_SLOT_BYTES: u32 = 12;
const RX_SLOT_BYTES: u32 = 8;
const NOT_MAPPED: u32 = 0xffffffff;
const NO_REFERENCE: u32 = 0xffffffff;
/** Addresses that one port may be given. */
const IP_LIMIT: u32 = 4;

/** What a front end can receive. */
export const TAKES_SCATTER: u32 = 1;
export const TAKES_TCP4: u32 = 2;
export const TAKES_TCP6: u32 = 4;
export const TAKES_BLANK: u32 = 8;
export const FILTERS_MULTICAST: u32 = 16;

const ADDRESS: u32 = memory.data(<i32>(DEVICES * 8), 8) as u32;
const FREE: u32 = memory.data(<i32>DEVICES) as u32;
const IP: u32 = memory.data(<i32>(DEVICES * IP_LIMIT * 4), 4) as u32;
const IP_COUNT: u32 = memory.data(<i32>DEVICES) as u32;
const GROUP: u32 = memory.data(<i32>(DEVICES * 4), 4) as u32;
const ABILITY: u32 = memory.data(<i32>(DEVICES * 4), 4) as u32;
/** Mapped pages: the transmit ring's, then the receive ring's; ports likewise. */
const PAGE: u32 = memory.data(<i32>(DEVICES * 2 * 4), 4) as u32;
const PORT: u32 = memory.data(<i32>(DEVICES * 2 * 4), 4) as u32;

/** Ports that are attached to a front end. */
let attached: u64 = 0;
let freePorts: u64 = 0;

export function attachedPorts(): u64 {
  return attached;
}

/** Attached ports behind which stations may have any address. */
export function openPorts(): u64 {
  return attached & freePorts;
}

export function txRing(row: u32): u32 {
  return row << 1;
}

export function rxRing(row: u32): u32 {
  return (row << 1) | 1;
}

export function txPort(row: u32): u32 {
  return load<u32>(PORT + (txRing(row) << 2));
}

export function rxPort(row: u32): u32 {
  return load<u32>(PORT + (rxRing(row) << 2));
}

export function portMac(row: u32): u64 {
  return load<u64>(ADDRESS + (row << 3));
}

/** May stations behind the port have any address? */
export function portFree(row: u32): bool {
  return load<u8>(FREE + row) != 0;
}

export function portGroup(row: u32): u32 {
  return load<u32>(GROUP + (row << 2));
}

export function portCan(row: u32, ability: u32): bool {
  return (load<u32>(ABILITY + (row << 2)) & ability) != 0;
}

/** Is the port bound to IPv4 addresses at all? */
export function portBound(row: u32): bool {
  return load<u8>(IP_COUNT + row) != 0;
}

export function portHasIp(row: u32, ip: u32): bool {
  const count = load<u8>(IP_COUNT + row) as u32;
  for (let index: u32 = 0; index < count; index++) {
    if (load<u32>(IP + ((row * IP_LIMIT + index) << 2)) == ip) return true;
  }
  return false;
}

// ---- set-up -------------------------------------------------------------------------------------

/** Addresses parted by spaces, as xl writes them; false: one of them is none, or there are more
 *  than a port may have. */
function readIps(row: u32): bool {
  const end = valueText(key.IP) + valueBytes(key.IP);
  let place = valueText(key.IP);
  let count: u32 = 0;
  while (place < end) {
    let bytes: u32 = 0;
    while (place + bytes < end && load<u8>(place + bytes) != 32) bytes++;
    const ip = readIp(place, bytes);
    if (ip == 0 || count == IP_LIMIT) return false;
    store<u32>(IP + ((row * IP_LIMIT + count) << 2), ip);
    count++;
    place += bytes + 1;
  }
  store<u8>(IP_COUNT + row, count as u8);
  return true;
}

function publish(row: u32): void {
  writeBackNumber(row, "feature-rx-copy", 1);
  writeBackNumber(row, "feature-rx-flip", 0);
  writeBackNumber(row, "feature-sg", 1);
  writeBackNumber(row, "feature-gso-tcpv4", 1);
  writeBackNumber(row, "feature-gso-tcpv6", 1);
  writeBackNumber(row, "feature-ipv6-csum-offload", 1);
  writeBackNumber(row, "feature-multicast-control", 1);
  writeBackNumber(row, "feature-split-event-channels", 1);
}

/** Reads what the toolstack says of the port and says what the back end can do. False: the address
 *  is missing or malformed; a port that may have any address says so ("any"). */
export function setUp(row: u32): bool {
  const free = valueIs(key.MAC, "any");
  const mac = readMac(valueText(key.MAC), valueBytes(key.MAC));
  const group = groupOf(valueText(key.BRIDGE), valueBytes(key.BRIDGE));
  if ((!free && mac == NO_MAC) || group == NO_GROUP || !readIps(row)) return false;
  store<u64>(ADDRESS + (row << 3), free ? NO_MAC : mac);
  store<u8>(FREE + row, free ? 1 : 0);
  store<u32>(GROUP + (row << 2), group);
  publish(row);
  return true;
}

// ---- attaching ----------------------------------------------------------------------------------

function mapRing(row: u32, ring: u32, value: u32, slotBytes: u32): bool {
  const reference = valueWord(value, NO_REFERENCE);
  const handle = reference == NO_REFERENCE ? -1 : mapGrant(deviceDomain(row), reference, true);
  store<u32>(PAGE + (ring << 2), handle < 0 ? NOT_MAPPED : (handle as u32));
  if (handle < 0) return false;
  setRingPage(ring, 0, handle as u32);
  return openRing(ring, slotBytes, 0, deviceDomain(row), reference);
}

function bind(row: u32, ring: u32, value: u32): bool {
  const offered = valueWord(value, 0);
  const port = offered == 0 ? NO_PORT : bindPort(deviceDomain(row), offered, row);
  store<u32>(PORT + (ring << 2), port);
  return port != NO_PORT;
}

/** One event channel for both rings, or one for each. */
function bindPorts(row: u32): bool {
  if (hasValue(key.EVENT_CHANNEL_TX) && hasValue(key.EVENT_CHANNEL_RX)) {
    const both = bind(row, txRing(row), key.EVENT_CHANNEL_TX);
    return bind(row, rxRing(row), key.EVENT_CHANNEL_RX) && both;
  }
  const bound = bind(row, txRing(row), key.EVENT_CHANNEL);
  store<u32>(PORT + (rxRing(row) << 2), txPort(row));
  return bound;
}

function readAbilities(row: u32): void {
  let ability: u32 = 0;
  if (valueOn(key.SCATTER)) ability |= TAKES_SCATTER;
  if (valueOn(key.GSO_TCP4)) ability |= TAKES_TCP4;
  if (valueOn(key.GSO_TCP6)) ability |= TAKES_TCP6;
  if (!valueOn(key.NO_CHECKSUM)) ability |= TAKES_BLANK;
  if (valueOn(key.MULTICAST_CONTROL)) ability |= FILTERS_MULTICAST;
  store<u32>(ABILITY + (row << 2), ability);
}

/** Attaches the front end's rings. False: what it published cannot be used; nothing is left. */
export function attach(row: u32): bool {
  store<u32>(PAGE + (txRing(row) << 2), NOT_MAPPED);
  store<u32>(PAGE + (rxRing(row) << 2), NOT_MAPPED);
  store<u32>(PORT + (txRing(row) << 2), NO_PORT);
  store<u32>(PORT + (rxRing(row) << 2), NO_PORT);
  const sound =
    valueOn(key.REQUEST_RX_COPY) &&
    mapRing(row, txRing(row), key.TX_REFERENCE, TX_SLOT_BYTES) &&
    mapRing(row, rxRing(row), key.RX_REFERENCE, RX_SLOT_BYTES) &&
    bindPorts(row);
  if (!sound) {
    detach(row);
    return false;
  }
  readAbilities(row);
  clearMulticast(row);
  const bit = (1 as u64) << (row as u64);
  attached |= bit;
  freePorts = portFree(row) ? freePorts | bit : freePorts & ~bit;
  return true;
}

/** Lets go of the rings and ports. */
export function detach(row: u32): void {
  attached &= ~((1 as u64) << (row as u64));
  forgetStations(row);
  const tx = txPort(row);
  const rx = rxPort(row);
  if (tx != NO_PORT) releasePort(tx);
  if (rx != NO_PORT && rx != tx) releasePort(rx);
  for (let ring = txRing(row); ring <= rxRing(row); ring++) {
    store<u32>(PORT + (ring << 2), NO_PORT);
    if (load<u32>(PAGE + (ring << 2)) != NOT_MAPPED) unmapGrant(load<u32>(PAGE + (ring << 2)));
    store<u32>(PAGE + (ring << 2), NOT_MAPPED);
  }
}
