// What a boot pack describes, read back from its commands: for a machine that must be made large
// enough, and for whoever wants to know what an image holds.

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { operation } from "./pack.ts";
import { Problem } from "./problem.ts";

const MAGIC = "XENOPACK";
const HEADER_BYTES = 128;
const COMMAND_BYTES = 64;
const FRAMES_PER_MIB = 256;
const MIB = 1024 * 1024;
const SUPERFRAME_MIB = 2;
/** Files in an ISO start at its sectors. */
const SECTOR_BYTES = 2048;
const CHUNK_BYTES = 4 * MIB;
/** What a machine needs beside guests and pack: Xenolith, firmware, holes. */
const MACHINE_MIB = 64;

export interface PackedGuest {
  readonly domain: number;
  readonly name: string;
  readonly vcpus: number;
  /** What it starts with. */
  readonly memoryMib: number;
}

export interface PackSummary {
  readonly guests: readonly PackedGuest[];
  /** MiB that a machine needs to boot the pack. */
  readonly machineMemoryMib: number;
}

/** Reads header and commands of a pack. The rest of its bytes need not be there. */
export function summarizePack(start: Uint8Array): PackSummary {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const guests: { domain: number; name: string; vcpus: number; memoryMib: number }[] = [];
  let limitMib = 0;
  for (let index = 0; index < view.getUint32(12, true); index++) {
    const row = HEADER_BYTES + index * COMMAND_BYTES;
    const domain = view.getUint32(row + 4, true);
    const code = view.getUint32(row, true);
    if (code === operation.populateSuperframe) {
      const guest = guests.find((one) => one.domain === domain);
      if (guest !== undefined) guest.memoryMib += SUPERFRAME_MIB;
    }
    if (code !== operation.create) continue;
    const name = Buffer.from(start.subarray(row + 40, row + 64)).toString("latin1");
    const vcpus = Number(view.getBigUint64(row + 16, true));
    guests.push({ domain, name: name.replace(/\0.*$/s, ""), vcpus, memoryMib: 0 });
    limitMib += Number(view.getBigUint64(row + 24, true)) / FRAMES_PER_MIB;
  }
  const packMib = Math.ceil(Number(view.getBigUint64(40, true)) / MIB);
  return { guests, machineMemoryMib: limitMib + packMib + MACHINE_MIB };
}

function readAt(descriptor: number, bytes: number, at: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, at));
}

/** Where a file holds a boot pack, or -1. */
function findPack(descriptor: number, size: number): number {
  for (let base = 0; base < size; base += CHUNK_BYTES) {
    const chunk = readAt(descriptor, CHUNK_BYTES, base);
    for (let at = 0; at + MAGIC.length <= chunk.length; at += SECTOR_BYTES) {
      if (chunk.toString("latin1", at, at + MAGIC.length) === MAGIC) return base + at;
    }
  }
  return -1;
}

/** Whether a file is a boot pack itself, not an image that holds one. */
export function isBootPack(file: string): boolean {
  const descriptor = openSync(file, "r");
  try {
    return readAt(descriptor, MAGIC.length, 0).toString("latin1") === MAGIC;
  } finally {
    closeSync(descriptor);
  }
}

/** The summary of the boot pack in a bootable image. Throws a Problem when it has none. */
export function summarizeImage(file: string): PackSummary {
  const descriptor = openSync(file, "r");
  try {
    const at = findPack(descriptor, statSync(file).size);
    if (at < 0) throw new Problem(`${file}: no boot pack is in it; "xenolith build" makes images`);
    const count = readAt(descriptor, HEADER_BYTES, at).readUInt32LE(12);
    return summarizePack(readAt(descriptor, HEADER_BYTES + count * COMMAND_BYTES, at));
  } finally {
    closeSync(descriptor);
  }
}
