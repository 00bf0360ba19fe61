// The domains as the store sees them: who is privileged, who may act for whom, and what each one
// uses of the pools. A row for each domain number, whether the domain is there or not.

import { DOMAINS } from "./limits";

export const NOBODY: u32 = 0xffff;

/** Kinds of things that are counted for each domain. */
export const COUNT_NODES: u32 = 0;
export const COUNT_NODE_BLOCKS: u32 = 1;
export const COUNT_WATCHES: u32 = 2;
export const COUNT_WATCH_BLOCKS: u32 = 3;
export const COUNT_EVENTS: u32 = 4;
export const COUNT_EVENT_BLOCKS: u32 = 5;
export const COUNT_TRANSACTIONS: u32 = 6;
export const COUNT_SEEN: u32 = 7;
export const COUNT_SEEN_BLOCKS: u32 = 8;
export const COUNTS: u32 = 9;

const COUNT: u32 = memory.data(<i32>(DOMAINS * COUNTS * 4), 4) as u32;
const PRIVILEGED: u32 = memory.data(<i32>DOMAINS) as u32;
/** Target's number plus one; 0: none. */
const TARGET: u32 = memory.data(<i32>DOMAINS) as u32;

export function isPrivileged(domain: u32): bool {
  return domain < DOMAINS && load<u8>(PRIVILEGED + domain) != 0;
}

export function setPrivileged(domain: u32): void {
  if (domain < DOMAINS) store<u8>(PRIVILEGED + domain, 1);
}

/** The domain whose rights `domain` has besides its own, or NOBODY. */
export function targetOf(domain: u32): u32 {
  const target: u32 = domain < DOMAINS ? load<u8>(TARGET + domain) : 0;
  return target == 0 ? NOBODY : target - 1;
}

/** NOBODY takes the right away. */
export function setTarget(domain: u32, target: u32): void {
  store<u8>(TARGET + domain, (target == NOBODY ? 0 : target + 1) as u8);
}

/** Takes away whatever rights others have by acting for `domain`. */
export function forgetTarget(domain: u32): void {
  for (let other: u32 = 0; other < DOMAINS; other++) {
    if (targetOf(other) == domain) setTarget(other, NOBODY);
  }
}

function countAt(domain: u32, kind: u32): u32 {
  return COUNT + ((domain & (DOMAINS - 1)) * COUNTS + kind) * 4;
}

export function countOf(domain: u32, kind: u32): u32 {
  return load<u32>(countAt(domain, kind));
}

/** Changes a count; `change` may be negative in two's complement. */
export function addCount(domain: u32, kind: u32, change: u32): void {
  store<u32>(countAt(domain, kind), countOf(domain, kind) + change);
}
