// The loader: an ELF kernel, the size of a ramdisk and a few numbers in; out a table that says what
// lies where in the guest's memory. A host calls `begin`, then, as long as the answer is
// STATUS_WINDOW, puts the part of the kernel file that is asked for at WINDOW and calls `resume`.
// No imports, no allocation, no recursion; each call is bounded.

import { ACPI_PAGE, writeAcpi } from "./acpi";
import {
  kernelEnd,
  programHeaderBytes,
  programHeaderOffset,
  readHeader,
  readProgramHeaders,
  segmentCount,
} from "./elf";
import * as error from "./errors";
import {
  COMMAND_LINE_LIMIT,
  GENERATED,
  KIND_CONSOLE,
  KIND_FRAME,
  KIND_KERNEL,
  KIND_MEMORY,
  KIND_RAMDISK,
  PARAMETER_COMMAND_LINE_BYTES,
  PARAMETER_KERNEL_BYTES,
  PARAMETER_MEMORY_BYTES,
  PARAMETER_RAMDISK_BYTES,
  PARAMETER_VCPUS,
  PARAMETERS,
  RESULT,
  RESULT_ENTRY,
  RESULT_START_INFO,
  SEGMENT_BYTES,
  SEGMENT_LIMIT,
  SEGMENTS,
  STATUS_DONE,
  VCPU_LIMIT,
  WINDOW,
} from "./layout";
import { entry, firstNotes, walkNotes } from "./notes";
import * as place from "./places";
import { addGenerated, addRow, fail, want } from "./result";
import { writeStartInfo } from "./start_info";

const READING_HEADER: u32 = 0;
const READING_PROGRAM_HEADERS: u32 = 1;
const READING_NOTES: u32 = 2;
const ENDED: u32 = 3;
/** Enough for the header of either class. */
const HEADER_WINDOW_BYTES: u64 = 64;
const SHORTEST_HEADER_BYTES: u64 = 52;

let stage: u32 = ENDED;

function kernelBytes(): u64 {
  return load<u64>(PARAMETERS, PARAMETER_KERNEL_BYTES);
}

function memoryBytes(): u64 {
  return load<u64>(PARAMETERS, PARAMETER_MEMORY_BYTES);
}

function lowMemoryBytes(): u64 {
  const bytes: u64 = memoryBytes();
  return bytes < place.LOW_MEMORY_LIMIT ? bytes : place.LOW_MEMORY_LIMIT;
}

function checkRequest(): u32 {
  const memory: u64 = memoryBytes();
  if (memory == 0 || memory > place.MEMORY_LIMIT || memory % place.SUPERFRAME_BYTES != 0) {
    return fail(error.BAD_MEMORY_SIZE, 0);
  }
  const vcpus: u32 = load<u32>(PARAMETERS, PARAMETER_VCPUS);
  if (vcpus == 0 || vcpus > VCPU_LIMIT) return fail(error.BAD_VCPU_COUNT, 0);
  if (load<u32>(PARAMETERS, PARAMETER_COMMAND_LINE_BYTES) > COMMAND_LINE_LIMIT) {
    return fail(error.COMMAND_LINE_TOO_LONG, 0);
  }
  if (kernelBytes() < SHORTEST_HEADER_BYTES) return fail(error.FILE_TOO_SHORT, kernelBytes());
  return STATUS_DONE;
}

/** Starts over with the parameters in memory. Returns a STATUS. */
export function begin(): u32 {
  memory.fill(RESULT, 0, WINDOW - RESULT);
  memory.fill(GENERATED, 0, SEGMENTS - GENERATED);
  stage = ENDED;
  const status: u32 = checkRequest();
  if (status != STATUS_DONE) return status;
  stage = READING_HEADER;
  return want(0, kernelBytes() < HEADER_WINDOW_BYTES ? kernelBytes() : HEADER_WINDOW_BYTES);
}

/** Goes on with the window that was asked for. Returns a STATUS. */
export function resume(): u32 {
  const status: u32 = step();
  if (status != STATUS_DONE) return status;
  if (stage == READING_HEADER) {
    stage = READING_PROGRAM_HEADERS;
    return want(programHeaderOffset(), programHeaderBytes());
  }
  if (stage == READING_PROGRAM_HEADERS) {
    stage = READING_NOTES;
    return firstNotes();
  }
  stage = ENDED;
  return layOut();
}

function step(): u32 {
  if (stage == READING_HEADER) return readHeader(kernelBytes());
  if (stage == READING_PROGRAM_HEADERS) return readProgramHeaders(kernelBytes(), lowMemoryBytes());
  if (stage == READING_NOTES) return walkNotes();
  return fail(error.FILE_TOO_SHORT, 0);
}

function roundUp(address: u64): u64 {
  return (address + place.FRAME_BYTES - 1) & ~(place.FRAME_BYTES - 1);
}

function layOut(): u32 {
  const low: u64 = lowMemoryBytes();
  const high: u64 = memoryBytes() - low;
  const behind: u64 = roundUp(kernelEnd());
  const startInfo: u64 = behind < place.FIRST_PLACE ? place.FIRST_PLACE : behind;
  const ramdisk: u64 = startInfo + place.FRAME_BYTES;
  const ramdiskBytes: u64 = load<u64>(PARAMETERS, PARAMETER_RAMDISK_BYTES);
  if (ramdisk > low || ramdisk > place.START_INFO_LIMIT) {
    return fail(error.NO_ROOM_FOR_START_INFO, 0);
  }
  if (ramdiskBytes > low - ramdisk) return fail(error.NO_ROOM_FOR_RAMDISK, 0);
  writeStartInfo(startInfo, ramdisk, ramdiskBytes, low, high);
  writeAcpi(load<u32>(PARAMETERS, PARAMETER_VCPUS));
  addMemoryRows(low, high);
  addKernelRows();
  if (ramdiskBytes != 0) addRow(ramdisk, KIND_RAMDISK, 0, ramdiskBytes);
  addGenerated(startInfo, GENERATED, place.FRAME_BYTES);
  addGenerated(place.ACPI_ADDRESS, ACPI_PAGE, place.ACPI_BYTES);
  store<u64>(RESULT, entry(), RESULT_ENTRY);
  store<u64>(RESULT, startInfo, RESULT_START_INFO);
  return STATUS_DONE;
}

function addMemoryRows(low: u64, high: u64): void {
  addRow(0, KIND_MEMORY, 0, low);
  if (high != 0) addRow(place.HIGH_MEMORY, KIND_MEMORY, 0, high);
  addRow(place.ACPI_ADDRESS, KIND_FRAME, 0, place.ACPI_BYTES);
  addRow(place.CONSOLE_ADDRESS, KIND_CONSOLE, 0, place.FRAME_BYTES);
}

/** What a segment has beyond the file's bytes is zero, as fresh memory is. */
function addKernelRows(): void {
  for (let index: u32 = 0; index < SEGMENT_LIMIT; index++) {
    if (index >= segmentCount()) break;
    const row: u32 = SEGMENTS + index * SEGMENT_BYTES;
    const stored: u64 = load<u64>(row, 24);
    if (stored != 0) addRow(load<u64>(row), KIND_KERNEL, load<u64>(row, 16), stored);
  }
}
