// What machine.copyIn finds in the guests' memory: it leaves no event, since that memory is at
// hand.

import type { Environment } from "../compiler/index.ts";
import { place, RAM_BASE, RAM_BYTES } from "../instrument/places.ts";

const PART_BYTES = 4096;

/**
 * Copies bytes of guests' memory to a place in tables.
 * @param memory the memory of the fuzzing copy
 * @param changed is told each multiple of 8 bytes at which something changed
 * @returns false when there is no such memory
 */
export function copyFromMemory(
  tables: Uint8Array,
  memory: Uint8Array,
  copy: {
    readonly at: number;
    readonly low: number;
    readonly high: number;
    readonly bytes: number;
  },
  changed: (at: number) => void,
): boolean {
  const offset = (copy.high >>> 0) * 2 ** 32 + (copy.low >>> 0) - RAM_BASE;
  if (offset < 0 || offset + copy.bytes > RAM_BYTES) return false;
  const from = place.ram + offset;
  for (let part = 0; part < copy.bytes; part += PART_BYTES) {
    const end = Math.min(part + PART_BYTES, copy.bytes);
    const mine = tables.subarray(copy.at + part, copy.at + end);
    if (Buffer.compare(mine, memory.subarray(from + part, from + end)) === 0) continue;
    let last = -1;
    for (let index = part; index < end; index++) {
      const byte = memory[from + index]!;
      const at = copy.at + index;
      if (tables[at] === byte) continue;
      tables[at] = byte;
      if (at >> 3 !== last) changed((at >> 3) << 3);
      last = at >> 3;
    }
  }
  return true;
}

/** The same for compiled code: notes in `written`, throws `bad` when there is no such memory. */
export function compiledCopy(
  tables: Uint8Array,
  memory: Uint8Array,
  written: Int32Array,
  bad: Error,
): Environment["COPY"] {
  return (at, low, high, bytes, first) => {
    let next = first;
    const note = (changed: number): void => {
      written[next++] = changed;
    };
    if (!copyFromMemory(tables, memory, { at, low, high, bytes: bytes >>> 0 }, note)) throw bad;
    return next;
  };
}
