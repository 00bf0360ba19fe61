// The scratch disks that were made while the system runs, noted in memory that outlives this
// service (kept.ts): names and sizes in the order of their making, from which their places follow.

import { KEPT_STATE, keptPage, keptPages } from "../../runtime/kept";
import {
  fence,
  pageCopyIn,
  pageCopyOut,
  pageLoad32,
  pageLoad64,
  pageStore32,
  pageStore64,
} from "../../runtime/world";

const COUNT: u32 = KEPT_STATE;
const ROWS: u32 = KEPT_STATE + 64;
/** { u8 name[32]; u32 bytes of it @32; u64 size @40 } */
const ROW_BYTES: u32 = 64;
const NAME_BYTES: u32 = 32;
const MOST: u32 = 16;

const NAME: u32 = memory.data(32) as u32;

function row(index: u32): u32 {
  return ROWS + index * ROW_BYTES;
}

/** Disks that were made so far. */
export function madeCount(): u32 {
  return keptPages() == 0 ? 0 : min<u32>(pageLoad32(keptPage(0), COUNT), MOST);
}

/** Place of a disk's name, until the next call. */
export function madeName(index: u32): u32 {
  pageCopyIn(keptPage(0), row(index), NAME, NAME_BYTES);
  return NAME;
}

export function madeNameBytes(index: u32): u32 {
  return pageLoad32(keptPage(0), row(index) + 32);
}

export function madeBytes(index: u32): u64 {
  return pageLoad64(keptPage(0), row(index) + 40);
}

/** Notes one more; there is no room for more disks than for notes. */
export function noteMade(name: u32, nameBytes: u32, bytes: u64): void {
  const index = madeCount();
  if (keptPages() == 0 || index == MOST) return;
  pageCopyOut(keptPage(0), row(index), name, nameBytes);
  pageStore32(keptPage(0), row(index) + 32, nameBytes);
  pageStore64(keptPage(0), row(index) + 40, bytes);
  fence();
  pageStore32(keptPage(0), COUNT, index + 1);
}
