// A block device's life: set up with a disk, attached to a front end's ring, and let go of.

import { readDecimal } from "../../runtime/decimal";
import { mapGrant, unmapGrant } from "../../runtime/grants";
import { bindPort, NO_PORT, releasePort } from "../../runtime/port_table";
import { openRing, RING_ORDER_LIMIT, RING_PAGES, setRingPage } from "../../runtime/ring";
import { DEVICES, deviceDomain } from "../../runtime/xenbus_device";
import { writeBackNumber } from "../../runtime/xenbus_store";
import { hasValue, valueBytes, valueIs, valueText, valueWord } from "../../runtime/xenbus_values";
import * as disks from "./disks";
import * as key from "./keys";
import { INDIRECT_SEGMENTS, REQUEST_BYTES } from "./request";

const NOT_MAPPED: u32 = 0xffffffff;
const NO_REFERENCE: u32 = 0xffffffff;
const PAGE_BYTES: u64 = 4096;
const SECTOR_BYTES: u64 = 512;
/** VDISK_READONLY. */
const INFO_READ_ONLY: u64 = 4;

const DISK: u32 = memory.data(<i32>(DEVICES * 4), 4) as u32;
const WRITES: u32 = memory.data(<i32>DEVICES) as u32;
const PORT: u32 = memory.data(<i32>(DEVICES * 4), 4) as u32;
const PAGE: u32 = memory.data(<i32>(DEVICES * RING_PAGES * 4), 4) as u32;

/** The disk's number plus one; 0: none was claimed. */
function claimed(row: u32): u32 {
  return load<u32>(DISK + (row << 2));
}

export function deviceDisk(row: u32): u32 {
  return claimed(row) - 1;
}

export function deviceWrites(row: u32): bool {
  return load<u8>(WRITES + row) != 0;
}

export function devicePort(row: u32): u32 {
  return load<u32>(PORT + (row << 2));
}

function publish(row: u32, write: bool): void {
  writeBackNumber(row, "feature-barrier", 0);
  writeBackNumber(row, "feature-persistent", 0);
  writeBackNumber(row, "feature-flush-cache", 1);
  writeBackNumber(row, "feature-discard", write ? 1 : 0);
  if (write) {
    writeBackNumber(row, "discard-granularity", PAGE_BYTES);
    writeBackNumber(row, "discard-alignment", 0);
  }
  writeBackNumber(row, "feature-max-indirect-segments", INDIRECT_SEGMENTS as u64);
  writeBackNumber(row, "max-ring-page-order", RING_ORDER_LIMIT as u64);
}

function wantedDisk(): u32 {
  const name = valueText(key.PARAMS);
  const bytes = valueBytes(key.PARAMS);
  if (!hasValue(key.SCRATCH)) return disks.findDisk(name, bytes);
  return disks.findOrMakeDisk(
    name,
    bytes,
    readDecimal(valueText(key.SCRATCH), valueBytes(key.SCRATCH)),
  );
}

/** Claims the disk that the toolstack names and says what the back end can do. False: there is no
 *  such disk, or somebody writes on it. */
export function setUp(row: u32): bool {
  forget(row);
  const disk = wantedDisk();
  if (disk == disks.NO_DISK) return false;
  const write = disks.diskWritable(disk) && valueIs(key.MODE, "w");
  if (!disks.claimDisk(disk, write)) return false;
  store<u32>(DISK + (row << 2), disk + 1);
  store<u8>(WRITES + row, write ? 1 : 0);
  publish(row, write);
  return true;
}

/** Gives back the disk. */
export function forget(row: u32): void {
  if (claimed(row) == 0) return;
  disks.releaseDisk(deviceDisk(row), deviceWrites(row));
  store<u32>(DISK + (row << 2), 0);
}

/** Maps one page of the ring; false: the front end has not granted it. */
function mapPage(row: u32, index: u32, value: u32): bool {
  const reference = valueWord(value, NO_REFERENCE);
  if (reference == NO_REFERENCE) return false;
  const handle = mapGrant(deviceDomain(row), reference, true);
  if (handle < 0) return false;
  store<u32>(PAGE + ((row * RING_PAGES + index) << 2), handle as u32);
  setRingPage(row, index, handle as u32);
  return true;
}

function mapRing(row: u32, order: u32): bool {
  const first =
    order == 0 && hasValue(key.RING_REFERENCE) ? key.RING_REFERENCE : key.RING_REFERENCES;
  for (let index: u32 = 0; index < RING_PAGES; index++) {
    store<u32>(PAGE + ((row * RING_PAGES + index) << 2), NOT_MAPPED);
  }
  for (let index: u32 = 0; index < RING_PAGES; index++) {
    if (index >> order != 0) break;
    if (!mapPage(row, index, first + index)) return false;
  }
  const reference = valueWord(first, NO_REFERENCE);
  return openRing(row, REQUEST_BYTES, order, deviceDomain(row), reference);
}

/** Attaches the front end's ring. False: what it published cannot be used; nothing is left. */
export function attach(row: u32): bool {
  const order = valueWord(key.RING_ORDER, 0);
  if (hasValue(key.PROTOCOL) && !valueIs(key.PROTOCOL, "x86_64-abi")) return false;
  if (order > RING_ORDER_LIMIT || claimed(row) == 0) return false;
  store<u32>(PORT + (row << 2), NO_PORT);
  const mapped = mapRing(row, order);
  const offered = valueWord(key.EVENT_CHANNEL, 0);
  const port = mapped && offered != 0 ? bindPort(deviceDomain(row), offered, row) : NO_PORT;
  store<u32>(PORT + (row << 2), port);
  if (port == NO_PORT) {
    detach(row);
    return false;
  }
  describe(row);
  return true;
}

function describe(row: u32): void {
  writeBackNumber(row, "sector-size", SECTOR_BYTES);
  writeBackNumber(row, "physical-sector-size", PAGE_BYTES);
  writeBackNumber(row, "sectors", disks.diskSectors(deviceDisk(row)));
  writeBackNumber(row, "info", deviceWrites(row) ? 0 : INFO_READ_ONLY);
}

/** Lets go of the ring and of the port. */
export function detach(row: u32): void {
  if (devicePort(row) != NO_PORT) releasePort(devicePort(row));
  store<u32>(PORT + (row << 2), NO_PORT);
  for (let index: u32 = 0; index < RING_PAGES; index++) {
    const place = PAGE + ((row * RING_PAGES + index) << 2);
    if (load<u32>(place) != NOT_MAPPED) unmapGrant(load<u32>(place));
    store<u32>(place, NOT_MAPPED);
  }
}
