// Whether a domain may take more of the pools: what it is entitled to, and what is kept for the
// privileged ones.

import {
  COUNT_NODE_BLOCKS,
  COUNT_NODES,
  COUNT_SEEN,
  COUNT_SEEN_BLOCKS,
  countOf,
  isPrivileged,
} from "./clients";
import {
  BLOCKS_RESERVED,
  NODE_BLOCKS_A_DOMAIN,
  NODES_A_DOMAIN,
  RECORDS_RESERVED,
  SEEN_A_DOMAIN,
  SEEN_BLOCKS_A_DOMAIN,
} from "./limits";
import { blocksFree } from "./pool";
import * as record from "./records";
import { NONE, STORE_SPACE } from "./records";

/** Are so many free for this domain? Some are kept for the privileged ones. */
function poolsHave(domain: u32, records: u32, blocks: u32): bool {
  if (isPrivileged(domain)) return record.recordsFree() >= records && blocksFree() >= blocks;
  return (
    record.recordsFree() >= records + RECORDS_RESERVED && blocksFree() >= blocks + BLOCKS_RESERVED
  );
}

/** Nodes of a domain that a transaction added. */
function addedIn(space: u32, domain: u32): u32 {
  let added: u32 = 0;
  let one = record.firstInSpace(space);
  while (one != NONE) {
    const mine = record.ownerOf(one) == domain;
    if (mine && record.exists(one) && record.generationOf(one) == 0) added++;
    one = record.nextInSpace(one);
  }
  return added;
}

/** May `domain`, which asks, use so many more records and blocks for nodes of `owner` in a space? */
export function roomFor(domain: u32, owner: u32, space: u32, records: u32, blocks: u32): bool {
  if (!poolsHave(domain, records, blocks)) return false;
  if (isPrivileged(domain)) return true;
  if (space != STORE_SPACE) {
    if (countOf(domain, COUNT_SEEN_BLOCKS) + blocks > SEEN_BLOCKS_A_DOMAIN) return false;
    if (records == 0 || owner != domain) return true;
    return countOf(owner, COUNT_NODES) + addedIn(space, owner) + records <= NODES_A_DOMAIN;
  }
  if (isPrivileged(owner) || owner == 0) return true;
  if (countOf(owner, COUNT_NODES) + records > NODES_A_DOMAIN) return false;
  return countOf(owner, COUNT_NODE_BLOCKS) + blocks <= NODE_BLOCKS_A_DOMAIN;
}

/** May a transaction look at one more node? */
export function roomToSee(space: u32, blocks: u32): bool {
  const domain = record.spaceDomain(space);
  if (!poolsHave(domain, 1, blocks)) return false;
  if (isPrivileged(domain)) return true;
  if (countOf(domain, COUNT_SEEN) >= SEEN_A_DOMAIN) return false;
  return countOf(domain, COUNT_SEEN_BLOCKS) + blocks <= SEEN_BLOCKS_A_DOMAIN;
}
