// The ELF header and the program headers: both classes, read field by field out of the window.
// Every check names the byte of the file that it is about.

import * as error from "./errors";
import {
  NOTE_BYTES,
  NOTES,
  SEGMENT_BYTES,
  SEGMENT_LIMIT,
  SEGMENTS,
  STATUS_DONE,
  WINDOW,
} from "./layout";
import { fail } from "./result";

const MAGIC: u32 = 0x464c457f;
const CLASS_32: u32 = 1;
const CLASS_64: u32 = 2;
const LITTLE_ENDIAN: u32 = 1;
const TYPE_EXECUTABLE: u32 = 2;
const MACHINE_386: u32 = 3;
const MACHINE_X86_64: u32 = 62;
const PROGRAM_LOAD: u32 = 1;
const PROGRAM_NOTE: u32 = 4;
/** Bytes of a header: what both classes need to be told apart is in the first 52. */
const HEADER_BYTES_32: u64 = 52;
const HEADER_BYTES_64: u64 = 64;

let wide: bool = false;
let headerOffset: u64 = 0;
let headerCount: u32 = 0;
let segments: u32 = 0;
let notes: u32 = 0;

/** Number of segments to load that were found. */
export function segmentCount(): u32 {
  return segments;
}

/** Number of note segments that were found. */
export function noteCount(): u32 {
  return notes;
}

/** File offset of the program headers; their bytes. */
export function programHeaderOffset(): u64 {
  return headerOffset;
}
export function programHeaderBytes(): u64 {
  return (headerCount as u64) * (entryBytes() as u64);
}

function entryBytes(): u32 {
  return wide ? 56 : 32;
}

/** A field of the window that is 8 bytes wide in ELF64, 4 in ELF32. */
function word(base: u32, at64: u32, at32: u32): u64 {
  if (wide) return load<u64>(WINDOW + base + at64);
  return load<u32>(WINDOW + base + at32) as u64;
}

function half(at64: u32, at32: u32): u32 {
  return load<u16>(WINDOW + (wide ? at64 : at32)) as u32;
}

/** Checks the ELF header, which the window holds from its first byte on. */
export function readHeader(fileBytes: u64): u32 {
  segments = 0;
  notes = 0;
  if (load<u32>(WINDOW) != MAGIC) return fail(error.NOT_ELF, 0);
  const kind: u32 = load<u8>(WINDOW + 4);
  if (kind != CLASS_32 && kind != CLASS_64) return fail(error.BAD_CLASS, 4);
  wide = kind == CLASS_64;
  const shortest: u64 = wide ? HEADER_BYTES_64 : HEADER_BYTES_32;
  if (fileBytes < shortest) return fail(error.FILE_TOO_SHORT, fileBytes);
  if (load<u8>(WINDOW + 5) != LITTLE_ENDIAN) return fail(error.NOT_LITTLE_ENDIAN, 5);
  if (load<u16>(WINDOW + 16) != TYPE_EXECUTABLE) return fail(error.NOT_EXECUTABLE, 16);
  const machine: u32 = load<u16>(WINDOW + 18);
  if (machine != MACHINE_X86_64 && (wide || machine != MACHINE_386)) {
    return fail(error.WRONG_MACHINE, 18);
  }
  return readHeaderTable(fileBytes);
}

function readHeaderTable(fileBytes: u64): u32 {
  headerOffset = word(0, 32, 28);
  headerCount = half(56, 44);
  const countPlace: u64 = wide ? 56 : 44;
  if (half(54, 42) != entryBytes()) return fail(error.BAD_HEADER_SIZE, countPlace - 2);
  if (headerCount == 0) return fail(error.NO_PROGRAM_HEADERS, countPlace);
  if (headerCount > SEGMENT_LIMIT) return fail(error.TOO_MANY_PROGRAM_HEADERS, countPlace);
  if (!inside(headerOffset, programHeaderBytes(), fileBytes)) {
    return fail(error.PROGRAM_HEADERS_PAST_END, wide ? 32 : 28);
  }
  return STATUS_DONE;
}

/** Whether [start, start + bytes) lies in [0, limit), without overflow. */
export function inside(start: u64, bytes: u64, limit: u64): bool {
  return bytes <= limit && start <= limit - bytes;
}

/** Reads all program headers, which the window holds from its first byte on. */
export function readProgramHeaders(fileBytes: u64, memoryBytes: u64): u32 {
  for (let index: u32 = 0; index < SEGMENT_LIMIT; index++) {
    if (index >= headerCount) break;
    const base: u32 = index * entryBytes();
    const type: u32 = load<u32>(WINDOW + base);
    let status: u32 = STATUS_DONE;
    if (type == PROGRAM_LOAD) status = addSegment(base, fileBytes, memoryBytes);
    if (type == PROGRAM_NOTE) status = addNotes(base, fileBytes);
    if (status != STATUS_DONE) return status;
  }
  return segments == 0 ? fail(error.NO_SEGMENTS, headerOffset) : STATUS_DONE;
}

function addSegment(base: u32, fileBytes: u64, memoryBytes: u64): u32 {
  const offset: u64 = word(base, 8, 4);
  const gpa: u64 = word(base, 24, 12);
  const stored: u64 = word(base, 32, 16);
  const bytes: u64 = word(base, 40, 20);
  const place: u64 = headerOffset + base;
  if (stored > bytes) return fail(error.SEGMENT_SHRINKS, place + (wide ? 40 : 20));
  if (bytes == 0) return STATUS_DONE;
  if (!inside(offset, stored, fileBytes)) {
    return fail(error.SEGMENT_PAST_END, place + (wide ? 8 : 4));
  }
  const gpaPlace: u64 = place + (wide ? 24 : 12);
  if (!inside(gpa, bytes, memoryBytes)) return fail(error.SEGMENT_OUTSIDE_MEMORY, gpaPlace);
  if (overlaps(gpa, bytes)) return fail(error.SEGMENTS_OVERLAP, gpaPlace);
  const row: u32 = SEGMENTS + segments * SEGMENT_BYTES;
  store<u64>(row, gpa);
  store<u64>(row, bytes, 8);
  store<u64>(row, offset, 16);
  store<u64>(row, stored, 24);
  segments++;
  return STATUS_DONE;
}

function overlaps(gpa: u64, bytes: u64): bool {
  for (let index: u32 = 0; index < SEGMENT_LIMIT; index++) {
    if (index >= segments) break;
    const row: u32 = SEGMENTS + index * SEGMENT_BYTES;
    const other: u64 = load<u64>(row);
    if (gpa < other + load<u64>(row, 8) && other < gpa + bytes) return true;
  }
  return false;
}

function addNotes(base: u32, fileBytes: u64): u32 {
  const offset: u64 = word(base, 8, 4);
  const bytes: u64 = word(base, 32, 16);
  if (!inside(offset, bytes, fileBytes)) {
    return fail(error.NOTES_PAST_END, headerOffset + base + (wide ? 8 : 4));
  }
  const row: u32 = NOTES + notes * NOTE_BYTES;
  store<u64>(row, offset);
  store<u64>(row, bytes, 8);
  notes++;
  return STATUS_DONE;
}

/** Whether `gpa` is inside a loaded segment. */
export function isLoaded(gpa: u64): bool {
  for (let index: u32 = 0; index < SEGMENT_LIMIT; index++) {
    if (index >= segments) break;
    const row: u32 = SEGMENTS + index * SEGMENT_BYTES;
    const start: u64 = load<u64>(row);
    if (gpa >= start && gpa - start < load<u64>(row, 8)) return true;
  }
  return false;
}

/** The first address behind all segments. */
export function kernelEnd(): u64 {
  let end: u64 = 0;
  for (let index: u32 = 0; index < SEGMENT_LIMIT; index++) {
    if (index >= segments) break;
    const row: u32 = SEGMENTS + index * SEGMENT_BYTES;
    const last: u64 = load<u64>(row) + load<u64>(row, 8);
    if (last > end) end = last;
  }
  return end;
}
