// Creates a domain, some steps a turn, in the order of the boot pack: memory, frames, rings,
// contents, context. It does not start it: whoever asked first tells xenstore and the consoles.

import * as wire from "../../control/wire";
import * as layout from "../../loader/layout";
import {
  command,
  commandAnswer,
  commandBegin,
  commandRun,
  commandWord,
} from "../../runtime/command";
import { EEXIST, EINVAL, ENOENT, ENOEXEC, ENOSPC } from "../../runtime/errno";
import { pageAddress } from "../../runtime/hypercall";
import {
  CHANNEL,
  CONSOLE,
  CONTEXT,
  COPY,
  CREATE,
  GRANT,
  PARAMETER,
  POPULATE,
  POPULATE_SUPERFRAME,
  RESERVE,
  XSAVE,
} from "../../runtime/operations";
import { BOUNCE } from "../../runtime/own_memory";
import { CONSOLE_FRAME, STORE_FRAME } from "../../runtime/places";
import { pageCopyOut } from "../../runtime/world";
import { fileAddress, fileBytes, findFile, NO_FILE } from "./contents";
import { entryPoint, layOut, rowAt, rowCount, startInfo } from "./kernel";
import { findLabel, NO_LABEL } from "./labels";

const DOMAINS: u32 = 64;
const SUPERFRAME_BYTES: u64 = 0x200000;
const FRAME_BYTES: u64 = 4096;
const MIB: u64 = 0x100000;
/** Bytes that one copy takes at most. */
const COPY_LIMIT: u64 = 0x10000;
/** Commands of one turn. */
const STEPS: u32 = 64;

const PARAMETER_STORE_PAGE: u64 = 1;
const PARAMETER_STORE_PORT: u64 = 2;
const PARAMETER_CONSOLE_PAGE: u64 = 17;
const PARAMETER_CONSOLE_PORT: u64 = 18;
const REFERENCE_CONSOLE: u64 = 0;
const REFERENCE_STORE: u64 = 1;

/** What is asked for, in a copy of our own. */
const WANTED: u32 = memory.data(3072, 8) as u32;
let kernel: u32 = 0;
let ramdisk: u32 = NO_FILE;

/** The domain that is being made, 0 for none; the row at work, and how far into it. */
let domain: u32 = 0;
let row: u32 = 0;
let done: u64 = 0;
let stage: u32 = 0;
const MEMORY: u32 = 0;
const LINKS: u32 = 1;
const CONTENTS: u32 = 2;

let storeDomain: u32 = 0;
let consoleDomain: u32 = 0;
let storePort: u32 = 0;
let consolePort: u32 = 0;

/** What `continueCreation` says while there is more to do. */
export const MORE: i32 = 1;

export function setStoreDomain(number: u32): void {
  storeDomain = number;
}

export function setConsoleDomain(number: u32): void {
  consoleDomain = number;
}

/** The domain that was made, or was to be. */
export function createdDomain(): u32 {
  return domain;
}

export function createdStorePort(): u32 {
  return storePort;
}

export function createdConsolePort(): u32 {
  return consolePort;
}

function word(field: u32): u32 {
  return load<u32>(WANTED + field);
}

function run(operation: u32, a: u64, b: u64, c: u64): i32 {
  return command(operation, domain, a, b, c) as i32;
}

// ---- the request --------------------------------------------------------------------------------

function isZero(hash: u32): bool {
  let bits: u64 = 0;
  for (let at: u32 = 0; at < wire.HASH_BYTES; at += 8) bits |= load<u64>(hash + at);
  return bits == 0;
}

/** Finds the files; ENOENT: the store has not got one of them. */
function findFiles(): i32 {
  kernel = findFile(WANTED + wire.CREATE_KERNEL);
  ramdisk = NO_FILE;
  if (kernel == NO_FILE) return ENOENT;
  if (isZero(WANTED + wire.CREATE_RAMDISK)) return 0;
  ramdisk = findFile(WANTED + wire.CREATE_RAMDISK);
  return ramdisk == NO_FILE ? ENOENT : 0;
}

/** Takes the first free number. */
function claimDomain(label: u32): i32 {
  const most = max<u32>(word(wire.CREATE_MEMORY_MIB), word(wire.CREATE_MOST_MIB)) as u64;
  const limit = (most * MIB + SUPERFRAME_BYTES) / FRAME_BYTES;
  for (let number: u32 = 1; number < DOMAINS; number++) {
    commandBegin(CREATE, number);
    commandWord(0, label as u64);
    commandWord(1, word(wire.CREATE_VCPUS) as u64);
    commandWord(2, limit);
    commandWord(3, word(wire.CREATE_WEIGHT) as u64);
    for (let at: u32 = 0; at < wire.CREATE_NAME_BYTES; at += 8) {
      commandWord(4 + (at >> 3), load<u64>(WANTED + wire.CREATE_NAME + at));
    }
    const result = commandRun() as i32;
    if (result == EEXIST) continue;
    if (result == 0) domain = number;
    return result;
  }
  return ENOSPC;
}

/** Begins to make a domain; 0, or a negative error and no domain. */
export function beginCreation(place: u32, bytes: u32): i32 {
  domain = 0;
  storePort = 0;
  consolePort = 0;
  if (bytes < wire.CREATE_TEXTS) return EINVAL;
  memory.copy(WANTED, place, bytes);
  const labelBytes = word(wire.CREATE_LABEL_BYTES);
  const memoryMib = word(wire.CREATE_MEMORY_MIB);
  if (labelBytes > bytes - wire.CREATE_TEXTS || (memoryMib & 1) != 0) return EINVAL;
  const label = findLabel(WANTED + wire.CREATE_TEXTS, labelBytes);
  if (label == NO_LABEL) return EINVAL;
  const found = findFiles();
  if (found != 0) return found;
  const text = WANTED + wire.CREATE_TEXTS + labelBytes;
  const sound = layOut(
    kernel,
    ramdisk == NO_FILE ? 0 : fileBytes(ramdisk),
    (memoryMib as u64) * MIB,
    word(wire.CREATE_VCPUS),
    text,
    WANTED + bytes - text,
  );
  if (!sound) return ENOEXEC;
  stage = MEMORY;
  row = 0;
  done = 0;
  return claimDomain(label);
}

// ---- the steps ----------------------------------------------------------------------------------

function kindOf(at: u32): u32 {
  return load<u32>(at, layout.ROW_KIND);
}

function nextRow(): void {
  row++;
  done = 0;
}

/** One superframe of a row of memory; then the frames for rings and tables. */
function stepMemory(): i32 {
  if (row == rowCount()) {
    row = 0;
    stage = LINKS;
    return run(RESERVE, 0, 0, 0);
  }
  const at = rowAt(row);
  if (kindOf(at) != layout.KIND_MEMORY || done >= load<u64>(at, layout.ROW_LENGTH)) {
    nextRow();
    return 0;
  }
  const gfn = (load<u64>(at, layout.ROW_GPA) + done) / FRAME_BYTES;
  done += SUPERFRAME_BYTES;
  return run(POPULATE_SUPERFRAME, gfn, 0, 0);
}

/** A ring page, the port that waits for the service, and its grant; the port, or an error. */
function linkRing(service: u32, frame: u64, page: u64, port: u64, reference: u64): i32 {
  let result = run(POPULATE, frame, 0, 0);
  if (result == 0) result = run(PARAMETER, page, frame, 0);
  if (result == 0) result = run(GRANT, reference, frame, service as u64);
  if (result == 0) result = run(CHANNEL, service as u64, port, 0);
  return result == 0 ? (commandAnswer(0) as i32) : result;
}

function linkConsole(): i32 {
  const frame = CONSOLE_FRAME as u64;
  if (consoleDomain == 0) return run(CONSOLE, frame, 0, 0);
  const port = linkRing(
    consoleDomain,
    frame,
    PARAMETER_CONSOLE_PAGE,
    PARAMETER_CONSOLE_PORT,
    REFERENCE_CONSOLE,
  );
  consolePort = max<i32>(port, 0) as u32;
  return min<i32>(port, 0);
}

function linkStore(): i32 {
  if (storeDomain == 0) return 0;
  const port = linkRing(
    storeDomain,
    STORE_FRAME as u64,
    PARAMETER_STORE_PAGE,
    PARAMETER_STORE_PORT,
    REFERENCE_STORE,
  );
  storePort = max<i32>(port, 0) as u32;
  return min<i32>(port, 0);
}

/** Frames beside the memory, and what ties the domain to the services. */
function stepLinks(): i32 {
  stage = CONTENTS;
  for (let index: u32 = 0; index < rowCount(); index++) {
    const at = rowAt(index);
    if (kindOf(at) != layout.KIND_FRAME) continue;
    const result = run(POPULATE, load<u64>(at, layout.ROW_GPA) / FRAME_BYTES, 0, 0);
    if (result != 0) return result;
  }
  const result = linkStore();
  return result != 0 ? result : linkConsole();
}

/** Guest-physical address of a row's next bytes here; 0: the row has none. */
function sourceOf(at: u32): u64 {
  const offset = load<u64>(at, layout.ROW_OFFSET) + done;
  const kind = kindOf(at);
  if (kind == layout.KIND_KERNEL) return fileAddress(kernel) + offset;
  if (kind == layout.KIND_RAMDISK) return fileAddress(ramdisk) + offset;
  if (kind != layout.KIND_GENERATED) return 0;
  const place = layout.GENERATED + (offset as u32);
  pageCopyOut(BOUNCE, 0, place, FRAME_BYTES as u32);
  return pageAddress(BOUNCE);
}

/** What is left in the stretch of `size` bytes that an address lies in. */
function leftIn(size: u64, address: u64): u64 {
  return size - (address & (size - 1));
}

/** As much of a row's bytes as one copy takes: inside of a page, or of a large page here. */
function stepContents(): i32 {
  const at = rowAt(row);
  const left = load<u64>(at, layout.ROW_LENGTH) - done;
  const source = left == 0 ? 0 : sourceOf(at);
  if (source == 0) {
    nextRow();
    return 0;
  }
  const target = load<u64>(at, layout.ROW_GPA) + done;
  const inPage = kindOf(at) == layout.KIND_GENERATED;
  const here = inPage ? leftIn(FRAME_BYTES, source) : leftIn(SUPERFRAME_BYTES, source);
  const there = min<u64>(COPY_LIMIT, leftIn(SUPERFRAME_BYTES, target));
  const part = min<u64>(left, min<u64>(here, there));
  done += part;
  return run(COPY, target, source, part);
}

function finish(): i32 {
  if ((word(wire.CREATE_FLAGS) & wire.CREATE_FLAG_XSAVE) != 0) {
    const result = run(XSAVE, 0, 0, 0);
    if (result != 0) return result;
  }
  return run(CONTEXT, 0, entryPoint(), startInfo());
}

/** Goes on: MORE, 0 when the domain is whole, or a negative error. */
export function continueCreation(): i32 {
  for (let count: u32 = 0; count < STEPS; count++) {
    if (stage == CONTENTS && row == rowCount()) return finish();
    let result: i32 = 0;
    if (stage == MEMORY) result = stepMemory();
    else if (stage == LINKS) result = stepLinks();
    else result = stepContents();
    if (result != 0) return result;
  }
  return MORE;
}
