// Looking for Xen's PHYS32_ENTRY note: the address at which a PVH guest starts. A note segment may
// be longer than the window, so the walk asks for a new window that starts at the current note.

import { isLoaded, noteCount } from "./elf";
import * as error from "./errors";
import { NOTE_BYTES, NOTE_LIMIT, NOTES, STATUS_DONE, WINDOW, WINDOW_BYTES } from "./layout";
import { fail, want, windowBytes, windowOffset } from "./result";

const NOTE_HEADER_BYTES: u64 = 12;
/** "Xen" and a NUL, as one number. */
const NAME_XEN: u32 = 0x006e6558;
const NAME_BYTES: u64 = 4;
const TYPE_PHYS32_ENTRY: u32 = 18;
/** No note is shorter than its header, so no window holds more notes than this. */
const NOTES_IN_WINDOW: u32 = WINDOW_BYTES / 12 + 1;

let segment: u32 = 0;
let place: u64 = 0;
let remaining: u64 = 0;
let seen: u32 = 0;
let entryAddress: u64 = 0;

/** Guest-physical address of the entry, once the walk has ended well. */
export function entry(): u64 {
  return entryAddress;
}

/** Starts the walk at the first note segment. */
export function firstNotes(): u32 {
  segment = 0;
  seen = 0;
  return openSegment();
}

function openSegment(): u32 {
  if (segment >= noteCount()) return fail(error.NO_PVH_NOTE, 0);
  const row: u32 = NOTES + segment * NOTE_BYTES;
  place = load<u64>(row);
  remaining = load<u64>(row, 8);
  segment++;
  return want(place, remaining);
}

/** Walks the notes of the window; asks for the next window, or ends. */
export function walkNotes(): u32 {
  for (let count: u32 = 0; count < NOTES_IN_WINDOW; count++) {
    if (remaining < NOTE_HEADER_BYTES) return openSegment();
    if (!inWindow(NOTE_HEADER_BYTES)) return want(place, remaining);
    if (seen >= NOTE_LIMIT) return fail(error.TOO_MANY_NOTES, place);
    seen++;
    const note: u32 = here();
    const nameBytes: u64 = load<u32>(note) as u64;
    const bytes: u64 = load<u32>(note, 4) as u64;
    const end: u64 = NOTE_HEADER_BYTES + padded(nameBytes) + bytes;
    if (end > remaining) return fail(error.NOTE_TOO_LONG, place);
    if (load<u32>(note, 8) == TYPE_PHYS32_ENTRY && nameBytes == NAME_BYTES) {
      if (!inWindow(NOTE_HEADER_BYTES + NAME_BYTES)) return want(place, remaining);
      if (load<u32>(note, 12) == NAME_XEN) return takeEntry(bytes);
    }
    advance(NOTE_HEADER_BYTES + padded(nameBytes) + padded(bytes));
  }
  return want(place, remaining);
}

function takeEntry(bytes: u64): u32 {
  const value: u64 = place + NOTE_HEADER_BYTES + NAME_BYTES;
  if (bytes != 4 && bytes != 8) return fail(error.BAD_PVH_NOTE, place + 4);
  if (!inWindow(NOTE_HEADER_BYTES + NAME_BYTES + bytes)) return want(place, remaining);
  entryAddress = bytes == 8 ? load<u64>(here(), 16) : (load<u32>(here(), 16) as u64);
  if (!isLoaded(entryAddress)) return fail(error.ENTRY_OUTSIDE_SEGMENTS, value);
  return STATUS_DONE;
}

/** Whether the next `bytes` of the current note are in the window. */
function inWindow(bytes: u64): bool {
  return place - windowOffset() + bytes <= windowBytes();
}

function here(): u32 {
  return WINDOW + ((place - windowOffset()) as u32);
}

/** The last note's descriptor may end without its padding. */
function advance(bytes: u64): void {
  const step: u64 = bytes < remaining ? bytes : remaining;
  place += step;
  remaining -= step;
}

function padded(bytes: u64): u64 {
  return (bytes + 3) & ~(3 as u64);
}
