// Bytes of any length in a pool of equal blocks: a chain of blocks, each with a link to the next.
// Nothing fragments, and how much is free is one number.

import { BLOCK_BYTES, BLOCKS } from "./limits";

const BLOCK_STRIDE: u32 = 64;
const POOL: u32 = memory.data(<i32>(BLOCKS * BLOCK_STRIDE), 64) as u32;

/** No block: the chain of nothing. */
export const EMPTY: u32 = 0;

/** Blocks are named from 1. Those behind `fresh` were never used. */
let fresh: u32 = 1;
let freeList: u32 = EMPTY;
let free: u32 = BLOCKS - 1;

export function blocksFree(): u32 {
  return free;
}

/** Blocks that a chain of `bytes` has. */
export function blocksFor(bytes: u32): u32 {
  return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
}

function blockOf(block: u32): u32 {
  return POOL + block * BLOCK_STRIDE;
}

function linkOf(block: u32): u32 {
  return load<u32>(blockOf(block), BLOCK_BYTES);
}

function setLink(block: u32, next: u32): void {
  store<u32>(blockOf(block), next, BLOCK_BYTES);
}

/** The caller has seen to it that a block is free. */
function takeBlock(): u32 {
  free--;
  let block = freeList;
  if (block != EMPTY) {
    freeList = linkOf(block);
  } else {
    block = fresh;
    fresh++;
  }
  setLink(block, EMPTY);
  return block;
}

/** A chain with a copy of `bytes` bytes. The caller has asked for `blocksFor` free blocks. */
export function makeChain(source: u32, bytes: u32): u32 {
  return appendChain(EMPTY, 0, source, bytes);
}

/** Adds bytes behind the `length` bytes of a chain; returns its first block. */
export function appendChain(chain: u32, length: u32, source: u32, bytes: u32): u32 {
  let first = chain;
  let last = chain;
  if (chain != EMPTY) while (linkOf(last) != EMPTY) last = linkOf(last);
  let used: u32 = length % BLOCK_BYTES;
  if (chain != EMPTY && used == 0) used = BLOCK_BYTES;
  let done: u32 = 0;
  while (done < bytes) {
    if (last == EMPTY || used == BLOCK_BYTES) {
      const block = takeBlock();
      if (last == EMPTY) first = block;
      else setLink(last, block);
      last = block;
      used = 0;
    }
    const count = min<u32>(BLOCK_BYTES - used, bytes - done);
    memory.copy(blockOf(last) + used, source + done, count);
    used += count;
    done += count;
  }
  return first;
}

/** Copies `bytes` bytes that begin at `offset` of a chain; the chain has as many. */
export function readChain(chain: u32, offset: u32, target: u32, bytes: u32): void {
  let block = chain;
  let skip = offset;
  while (skip >= BLOCK_BYTES) {
    block = linkOf(block);
    skip -= BLOCK_BYTES;
  }
  let done: u32 = 0;
  while (done < bytes) {
    const count = min<u32>(BLOCK_BYTES - skip, bytes - done);
    memory.copy(target + done, blockOf(block) + skip, count);
    done += count;
    skip = 0;
    block = linkOf(block);
  }
}

/** Does a chain begin with these bytes? It has at least as many. */
export function chainBegins(chain: u32, source: u32, bytes: u32): bool {
  let block = chain;
  let done: u32 = 0;
  while (done < bytes) {
    const count = min<u32>(BLOCK_BYTES, bytes - done);
    if (memory.compare(blockOf(block), source + done, count) != 0) return false;
    done += count;
    block = linkOf(block);
  }
  return true;
}

/** The byte at `offset` of a chain. */
export function chainByte(chain: u32, offset: u32): u32 {
  let block = chain;
  let rest = offset;
  while (rest >= BLOCK_BYTES) {
    block = linkOf(block);
    rest -= BLOCK_BYTES;
  }
  return load<u8>(blockOf(block) + rest);
}

export function freeChain(chain: u32): void {
  let block = chain;
  while (block != EMPTY) {
    const next = linkOf(block);
    setLink(block, freeList);
    freeList = block;
    free++;
    block = next;
  }
}
