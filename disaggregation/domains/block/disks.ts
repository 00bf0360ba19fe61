// The disks that this service holds: stretches of a space of 4096-byte pages, which is its own
// memory, or the keeper's (vault.ts). This is the store that the rest of the back end asks; a disk
// driver takes the place of this file.
//
// The configuration has a line for each:
//   disk NAME image OFFSET BYTES      a part of what came with the service; read-only
//   disk NAME scratch BYTES           memory, zero at first; writable
//
// Scratch disks of guests that come later are made when they are asked for, of memory that no other
// disk ever had, and stay for those who come back under the same name; with a keeper also for those
// who come back after this service did.

import { isText, NO_NUMBER } from "../../runtime/decimal";
import {
  nextLine,
  openText,
  takeExactNumber,
  takeWord,
  word,
  wordBytes,
} from "../../runtime/words";
import { config } from "../../runtime/world";
import * as made from "./made";
import * as vault from "./vault";

export const DISKS: u32 = 16;
export const NO_DISK: u32 = 0xffffffff;
export const SECTOR_SHIFT: u32 = 9;

const NAME_BYTES: u32 = 32;
const CONFIGURATION_BYTES: u32 = 8192;
const PAGE: u64 = 4096;

const CONFIGURATION: u32 = memory.data(<i32>CONFIGURATION_BYTES) as u32;
const NAME: u32 = memory.data(<i32>(DISKS * NAME_BYTES)) as u32;
const NAME_LENGTH: u32 = memory.data(<i32>DISKS) as u32;
const ADDRESS: u32 = memory.data(<i32>(DISKS * 8), 8) as u32;
const BYTES: u32 = memory.data(<i32>(DISKS * 8), 8) as u32;
const WRITABLE: u32 = memory.data(<i32>DISKS) as u32;
/** Devices that a disk is attached to: one, if any of them may write. */
const USERS: u32 = memory.data(<i32>DISKS) as u32;
const WRITER: u32 = memory.data(<i32>DISKS) as u32;

let disks: u32 = 0;
let spareUsed: u64 = 0;

/** Reads the configuration; lines of other kinds are somebody else's. */
export function openDisks(): void {
  openText(
    CONFIGURATION,
    min<u32>(config(CONFIGURATION, CONFIGURATION_BYTES), CONFIGURATION_BYTES),
  );
  while (nextLine()) {
    takeWord();
    if (isText(word, wordBytes, "disk")) readDisk();
    else if (isText(word, wordBytes, "vault")) vault.addPart();
  }
  for (let index: u32 = 0; index < made.madeCount(); index++) remember(index);
}

/** A disk that an earlier instance made is there again, in the same place. */
function remember(index: u32): void {
  const name = made.madeName(index);
  const bytes = made.madeNameBytes(index);
  if (disks == DISKS || bytes == 0 || bytes > NAME_BYTES || findDisk(name, bytes) != NO_DISK)
    return;
  nameNext(name, bytes);
  addScratch(made.madeBytes(index));
}

function readDisk(): void {
  takeWord();
  if (wordBytes == 0 || wordBytes > NAME_BYTES || disks == DISKS) return;
  nameNext(word, wordBytes);
  takeWord();
  if (isText(word, wordBytes, "image")) {
    const offset = takeExactNumber();
    addImage(offset, takeExactNumber());
  } else if (isText(word, wordBytes, "scratch")) addScratch(takeExactNumber());
}

/** The disk that is added next is called so. */
function nameNext(name: u32, bytes: u32): void {
  memory.copy(NAME + disks * NAME_BYTES, name, bytes);
  store<u8>(NAME_LENGTH + disks, bytes as u8);
}

function addDisk(address: u64, bytes: u64, writable: bool): void {
  store<u64>(ADDRESS + (disks << 3), address);
  store<u64>(BYTES + (disks << 3), bytes);
  store<u8>(WRITABLE + disks, writable ? 1 : 0);
  disks++;
}

function addImage(offset: u64, bytes: u64): void {
  const whole = vault.imageBytes();
  if (offset % PAGE != 0 || bytes == 0 || offset >= whole || bytes > whole - offset) return;
  addDisk(vault.imageStart() + offset, bytes & ~(PAGE - 1), false);
}

function addScratch(bytes: u64): void {
  if (bytes == NO_NUMBER || bytes == 0 || bytes > vault.scratchBytes() - spareUsed) return;
  const rounded = bytes & ~(PAGE - 1);
  addDisk(vault.scratchStart() + spareUsed, rounded, true);
  spareUsed += rounded;
}

/** The disk of a name, or NO_DISK. */
export function findDisk(name: u32, bytes: u32): u32 {
  for (let disk: u32 = 0; disk < disks; disk++) {
    if (load<u8>(NAME_LENGTH + disk) != (bytes as u8)) continue;
    if (memory.compare(NAME + disk * NAME_BYTES, name, bytes) == 0) return disk;
  }
  return NO_DISK;
}

/** The scratch disk of a name, made of spare memory if there is none yet; NO_DISK: there is no
 *  room, or the disk of that name has another size. */
export function findOrMakeDisk(name: u32, nameBytes: u32, bytes: u64): u32 {
  const found = findDisk(name, nameBytes);
  if (found != NO_DISK)
    return diskSectors(found) << (SECTOR_SHIFT as u64) == bytes ? found : NO_DISK;
  if (disks == DISKS || nameBytes == 0 || nameBytes > NAME_BYTES) return NO_DISK;
  const before = disks;
  nameNext(name, nameBytes);
  addScratch(bytes);
  if (disks == before) return NO_DISK;
  made.noteMade(name, nameBytes, bytes);
  return before;
}

export function diskWritable(disk: u32): bool {
  return load<u8>(WRITABLE + disk) != 0;
}

export function diskSectors(disk: u32): u64 {
  return load<u64>(BYTES + (disk << 3)) >> (SECTOR_SHIFT as u64);
}

/** Address of a sector in the disks' space (vault.ts says where it is); the caller has checked that the disk has it. */
export function sectorAddress(disk: u32, sector: u64): u64 {
  return load<u64>(ADDRESS + (disk << 3)) + (sector << (SECTOR_SHIFT as u64));
}

/** Takes a disk for a device. Many may read one; who writes has it alone. */
export function claimDisk(disk: u32, write: bool): bool {
  const users = load<u8>(USERS + disk);
  if (users == 0xff || load<u8>(WRITER + disk) != 0 || (write && users != 0)) return false;
  store<u8>(USERS + disk, users + 1);
  if (write) store<u8>(WRITER + disk, 1);
  return true;
}

export function releaseDisk(disk: u32, write: bool): void {
  store<u8>(USERS + disk, load<u8>(USERS + disk) - 1);
  if (write) store<u8>(WRITER + disk, 0);
}
