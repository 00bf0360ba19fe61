// The store of kernels and ramdisks, by the hash of their bytes. Some came with the builder; others
// are streamed, and are there once their hash is right.

import * as wire from "../../control/wire";
import { EINVAL, EIO, ENOENT, ENOSPC } from "../../runtime/errno";
import { writeOwn } from "../../runtime/own_memory";
import { add, begin, end } from "../../runtime/sha256";
import { moduleAddress, moduleBytes, spareAddress, spareBytes } from "../../runtime/world";

const FILES: u32 = 64;
export const NO_FILE: u32 = 0xffffffff;
const HASH: u32 = memory.data(<i32>(64 * 32), 8) as u32;
const ADDRESS: u32 = memory.data(<i32>(64 * 8), 8) as u32;
const BYTES: u32 = memory.data(<i32>(64 * 8), 8) as u32;
/** Files so far, and how many of them came with the builder. */
let files: u32 = 0;
let lasting: u32 = 0;

/** What is being streamed: its hash, how much of it is there. */
const OFFERED: u32 = memory.data(32, 8) as u32;
const DIGEST: u32 = memory.data(32, 8) as u32;
let offeredBytes: u64 = 0;
let arrived: u64 = 0;
/** Bytes of spare memory in use. */
let used: u64 = 0;

function isHash(place: u32, other: u32): bool {
  return memory.compare(place, other, wire.HASH_BYTES) == 0;
}

/** The file with a hash, or NO_FILE. */
export function findFile(hash: u32): u32 {
  for (let file: u32 = 0; file < files; file++) {
    if (isHash(HASH + file * wire.HASH_BYTES, hash)) return file;
  }
  return NO_FILE;
}

export function fileAddress(file: u32): u64 {
  return load<u64>(ADDRESS + (file << 3));
}

export function fileBytes(file: u32): u64 {
  return load<u64>(BYTES + (file << 3));
}

function addFile(hash: u32, address: u64, bytes: u64): bool {
  if (files == FILES) return false;
  memory.copy(HASH + files * wire.HASH_BYTES, hash, wire.HASH_BYTES);
  store<u64>(ADDRESS + (files << 3), address);
  store<u64>(BYTES + (files << 3), bytes);
  files++;
  return true;
}

/** A file that came with the builder, `offset` bytes into its module. */
export function addLasting(hash: u32, offset: u64, bytes: u64): bool {
  if (bytes == 0 || offset > moduleBytes() || bytes > moduleBytes() - offset) return false;
  if (!addFile(hash, moduleAddress() + offset, bytes)) return false;
  lasting = files;
  return true;
}

/** Begins to take a file. When there is no room beside those that were streamed before, they go. */
export function offerFile(hash: u32, bytes: u64): i32 {
  if (bytes == 0) return EINVAL;
  if (bytes > spareBytes()) return ENOSPC;
  if (bytes > spareBytes() - used || files == FILES) {
    files = lasting;
    used = 0;
  }
  if (files == FILES) return ENOSPC;
  memory.copy(OFFERED, hash, wire.HASH_BYTES);
  offeredBytes = bytes;
  arrived = 0;
  begin();
  return 0;
}

/** Takes the next bytes of what was offered. */
export function takeData(place: u32, bytes: u32): i32 {
  if (offeredBytes == 0) return ENOENT;
  if ((bytes as u64) > offeredBytes - arrived) return EINVAL;
  const address = spareAddress() + used;
  if (!writeOwn(address + arrived, place, bytes)) return EIO;
  add(place, bytes);
  arrived += bytes as u64;
  if (arrived < offeredBytes) return 0;
  const whole = offeredBytes;
  offeredBytes = 0;
  end(DIGEST);
  if (!isHash(DIGEST, OFFERED)) return EIO;
  addFile(DIGEST, address, whole);
  used += (whole + 4095) & ~(4095 as u64);
  return 0;
}
