// Guest-physical maps: nested page tables as flat tables. A domain's directory (2 MiB an entry)
// lies at a fixed place; an entry is empty, a 2 MiB leaf, or names one of the domain's own 64
// last-level tables. Upper levels are constant from creation on. Accessed and dirty bits are always
// set, so the CPU writes nothing here.

import * as column from "./columns";
import { addReference, dropReference, frameAddress } from "./frame";
import { DIRECTORY_ENTRIES, DIRECTORY_PAGES } from "./limits";
import { linearBase } from "./machine";
import {
  ENTRY_ADDRESS,
  ENTRY_FOREIGN,
  ENTRY_LARGE,
  ENTRY_PRESENT,
  ENTRY_SLOT_SHIFT,
  ENTRY_TABLE_BITS,
  ENTRY_WRITABLE,
  FRAME_MEMORY,
  NOWHERE,
} from "./states";

/** First guest-physical address beyond what a domain can have. */
export const ADDRESS_END: u64 = (DIRECTORY_ENTRIES as u64) << 21;
const SUPERFRAME_ADDRESS: u64 = 0x000fffffffe00000;

/** Row of a domain's directory entry; `index` is below DIRECTORY_ENTRIES. */
export function directoryRow(domain: u32, index: u32): u32 {
  return domain * DIRECTORY_ENTRIES + index;
}

/** Row of the last-level entry: table `slot` of the domain, entry gfn & 511. */
function leafRow(domain: u32, slot: u32, gfn: u32): u32 {
  return (domain << 15) | (slot << 9) | (gfn & 511);
}

function slotOf(entry: u64): u32 {
  return ((entry >> ENTRY_SLOT_SHIFT) & 63) as u32;
}

/** Is `gfn` inside the guest-physical space that a domain can have? */
export function gfnExists(gfn: u64): bool {
  return gfn < ((DIRECTORY_ENTRIES << 9) as u64);
}

/** The last-level entry of a gfn, or the 2 MiB leaf as the 4 KiB entry that it stands for; 0
 *  none. */
export function entryOf(domain: u32, gfn: u32): u64 {
  const directory = column.directoryEntry(directoryRow(domain, gfn >> 9));
  if ((directory & ENTRY_PRESENT) == 0) return 0;
  if ((directory & ENTRY_LARGE) != 0) {
    return (directory & ~ENTRY_LARGE) + (((gfn & 511) as u64) << 12);
  }
  return column.leafEntry(leafRow(domain, slotOf(directory), gfn));
}

/** Machine address of a guest-physical address, or NOWHERE. P2M-TRANSLATE. */
export function translate(domain: u32, address: u64, write: bool): u64 {
  return address < ADDRESS_END ? translateBelow(domain, address, write) : NOWHERE;
}

/** The same for an address below ADDRESS_END. A 2 MiB leaf is always there and writable, and
 *  answers at once. */
export function translateBelow(domain: u32, address: u64, write: bool): u64 {
  const directory = column.directoryEntry(directoryRow(domain, (address >> 21) as u32));
  if ((directory & ENTRY_LARGE) == 0) return translateSmall(domain, directory, address, write);
  return (directory & SUPERFRAME_ADDRESS) | (address & 0x1fffff);
}

function translateSmall(domain: u32, directory: u64, address: u64, write: bool): u64 {
  if ((directory & ENTRY_PRESENT) == 0) return NOWHERE;
  const entry = column.leafEntry(leafRow(domain, slotOf(directory), (address >> 12) as u32));
  const wanted = write ? ENTRY_PRESENT | ENTRY_WRITABLE : ENTRY_PRESENT;
  if ((entry & wanted) != wanted) return NOWHERE;
  return (entry & ENTRY_ADDRESS) | (address & 0xfff);
}

/** Machine frame that an entry names. */
export function frameOf(entry: u64): u32 {
  return ((entry & ENTRY_ADDRESS) >> 12) as u32;
}

/** Has the gfn's directory entry a last-level table, or is there a free one that it could get? */
export function hasTable(domain: u32, gfn: u32): bool {
  const directory = column.directoryEntry(directoryRow(domain, gfn >> 9));
  if ((directory & ENTRY_PRESENT) != 0 && (directory & ENTRY_LARGE) == 0) return true;
  return column.domainTables(domain) != NOWHERE;
}

/** Takes the lowest free last-level table for a directory entry; the caller has checked
 *  hasTable. */
function takeTable(domain: u32, index: u32): u32 {
  const used = column.domainTables(domain);
  const slot = ctz(~used) as u32 & 63;
  column.setDomainTables(domain, used | ((1 as u64) << (slot as u64)));
  column.setTableOwnerDirectory((domain << 6) | slot, index + 1);
  const address =
    linearBase() + (column.leafEntryBase as u64) + ((((domain << 6) | slot) as u64) << 12);
  const entry = address | ENTRY_TABLE_BITS | ((slot as u64) << ENTRY_SLOT_SHIFT);
  column.setDirectoryEntry(directoryRow(domain, index), entry);
  return slot;
}

/** Slot of the last-level table for a gfn, taken or split off when there is none yet. */
function tableFor(domain: u32, gfn: u32): u32 {
  const index = gfn >> 9;
  const directory = column.directoryEntry(directoryRow(domain, index));
  if ((directory & ENTRY_PRESENT) == 0) return takeTable(domain, index);
  if ((directory & ENTRY_LARGE) != 0) return splitLeaf(domain, index, directory);
  return slotOf(directory);
}

/** Replaces a 2 MiB leaf by 512 entries for the same frames. P2M-SPLIT. */
function splitLeaf(domain: u32, index: u32, directory: u64): u32 {
  const superframe = frameOf(directory) >> 9;
  const slot = takeTable(domain, index);
  const first = leafRow(domain, slot, 0);
  const entry = directory & ~ENTRY_LARGE;
  for (let at: u32 = 0; at < 512; at++) {
    column.setLeafEntry(first + at, entry + ((at as u64) << 12));
  }
  const frames = superframe << 9;
  for (let at: u32 = 0; at < 512; at++) {
    column.setFrameReferences(frames + at, column.frameReferences(frames + at) + 1);
  }
  memory.fill(column.frameKindBase + frames, FRAME_MEMORY as u8, 512);
  column.setSuperUses(superframe, column.superUses(superframe) + 512);
  column.setSuperReferences(superframe, column.superReferences(superframe) - 1);
  column.setSuperWhole(superframe, 0);
  flushAll();
  return slot;
}

/** Maps a whole superframe at an empty directory entry. P2M-MAP-SUPER. */
export function mapSuperframe(domain: u32, gfn: u32, superframe: u32): void {
  const entry = ((superframe as u64) << 21) | ENTRY_TABLE_BITS | ENTRY_LARGE;
  column.setDirectoryEntry(directoryRow(domain, gfn >> 9), entry);
  column.setSuperReferences(superframe, column.superReferences(superframe) + 1);
}

/** Maps a frame at an empty gfn. The caller has checked that the gfn is empty, hasTable, and
 *  frameCountable. P2M-MAP. */
export function mapFrame(domain: u32, gfn: u32, frame: u32, writable: bool, foreign: bool): void {
  const slot = tableFor(domain, gfn);
  let entry = frameAddress(frame) | ENTRY_TABLE_BITS;
  if (!writable) entry &= ~ENTRY_WRITABLE;
  if (foreign) entry |= ENTRY_FOREIGN;
  column.setLeafEntry(leafRow(domain, slot, gfn), entry);
  addReference(frame);
}

/** Takes a mapped gfn out of the map; returns the frame. The caller has checked hasTable.
 *  P2M-UNMAP. */
export function unmapFrame(domain: u32, gfn: u32): u32 {
  const slot = tableFor(domain, gfn);
  const row = leafRow(domain, slot, gfn);
  const frame = frameOf(column.leafEntry(row));
  column.setLeafEntry(row, 0);
  dropReference(frame);
  flushAll();
  return frame;
}

/** Every CPU forgets its translations before it enters a guest again. P2M-FLUSH. */
export function flushAll(): void {
  column.setCpuFlush(0, 1);
}

/** Is the directory entry of a gfn empty? */
export function directoryEmpty(domain: u32, gfn: u32): bool {
  return column.directoryEntry(directoryRow(domain, gfn >> 9)) == 0;
}

/** Takes out a domain's directory entry that is a 2 MiB leaf. P2M-DROP-SUPER. */
export function dropSuperframe(domain: u32, index: u32): void {
  const row = directoryRow(domain, index);
  const superframe = frameOf(column.directoryEntry(row)) >> 9;
  column.setSuperReferences(superframe, column.superReferences(superframe) - 1);
  column.setDirectoryEntry(row, 0);
  flushAll();
}

/** Gives back a domain's last-level table, which is all zero, with its directory entry. */
export function dropTable(domain: u32, slot: u32): void {
  const row = (domain << 6) | slot;
  const index = column.tableOwnerDirectory(row) - 1;
  column.setDirectoryEntry(directoryRow(domain, index), 0);
  column.setTableOwnerDirectory(row, 0);
  column.setDomainTables(domain, column.domainTables(domain) & ~((1 as u64) << (slot as u64)));
  flushAll();
}

/** Takes out an entry of a domain's last-level tables, if it shows anything. P2M-CLEAR. */
export function clearLeaf(row: u32): void {
  const entry = column.leafEntry(row);
  if ((entry & ENTRY_PRESENT) == 0) return;
  column.setLeafEntry(row, 0);
  dropReference(frameOf(entry));
  flushAll();
}

/** Builds the constant upper levels of a domain's map. P2M-CREATE. */
export function createMap(domain: u32): void {
  const pointers = linearBase() + (column.nestedPointerEntryBase as u64) + ((domain as u64) << 12);
  column.setNestedRootEntry(domain << 9, pointers | ENTRY_TABLE_BITS);
  const first = column.directoryEntryBase + (directoryRow(domain, 0) << 3);
  const directories = linearBase() + (first as u64);
  for (let index: u32 = 0; index < DIRECTORY_PAGES; index++) {
    const entry = (directories + ((index as u64) << 12)) | ENTRY_TABLE_BITS;
    column.setNestedPointerEntry((domain << 9) | index, entry);
  }
}

/** Machine address of a domain's top-level table, for nCR3. */
export function mapRoot(domain: u32): u64 {
  return linearBase() + (column.nestedRootEntryBase as u64) + ((domain as u64) << 12);
}
