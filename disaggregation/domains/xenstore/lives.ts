// The coming and going of domains. A number is used again: what named the old domain, in nodes and
// in transactions under way, goes with it.

import { names } from "./access";
import { forgetTarget, NOBODY, setTarget } from "./clients";
import { closeConnection, isIntroduced, openConnection } from "./connections";
import { EINVAL, ENOENT, OK } from "./errors";
import { DOMAINS, PERMISSIONS } from "./limits";
import { readChain } from "./pool";
import * as record from "./records";
import { STORE_SPACE } from "./records";
import { abandonAll, doomWhatNames } from "./transactions";
import { nextGeneration, removeTree } from "./tree";
import { dropWatches, tellSpecial } from "./watches";

const PATH: u32 = memory.data(3136) as u32;
const ENTRIES: u32 = memory.data(<i32>(PERMISSIONS * 4), 4) as u32;

/** A domain offers a port and a ring; an error, or OK. Once more: its connection begins anew. */
export function introduce(domain: u32, port: u32): u32 {
  if (domain >= DOMAINS) return EINVAL;
  const again = isIntroduced(domain);
  if (again) {
    closeConnection(domain);
    dropState(domain);
  }
  if (!openConnection(domain, port)) return EINVAL;
  tellSpecial("@introduceDomain");
  return OK;
}

/** What the connection of a domain holds, but for its nodes. */
export function dropState(domain: u32): void {
  dropWatches(domain);
  abandonAll(domain);
}

/** Takes a domain out of a node's permissions; an owner's node goes altogether. */
function forgetIn(one: u32, domain: u32): void {
  if (record.ownerOf(one) == domain) {
    readChain(record.pathChain(one), 0, PATH, record.pathBytes(one));
    removeTree(STORE_SPACE, PATH, record.pathBytes(one));
    return;
  }
  let kept: u32 = 0;
  for (let index: u32 = 0; index < record.permissionsOf(one); index++) {
    if (record.permissionDomain(one, index) == domain) continue;
    store<u32>(ENTRIES + (kept << 2), load<u32>(record.entriesOf(one) + (index << 2)));
    kept++;
  }
  record.setPermissions(one, ENTRIES, kept);
  record.setGeneration(one, nextGeneration());
}

/** A domain is no more; an error, or OK. */
export function release(domain: u32): u32 {
  if (domain >= DOMAINS) return EINVAL;
  if (!isIntroduced(domain)) return ENOENT;
  closeConnection(domain);
  dropState(domain);
  setTarget(domain, NOBODY);
  forgetTarget(domain);
  doomWhatNames(domain);
  const end = record.recordsEnd();
  for (let one: u32 = 0; one < end; one++) {
    const there = record.isUsed(one) && record.spaceOf(one) == STORE_SPACE;
    if (there && names(one, domain)) forgetIn(one, domain);
  }
  tellSpecial("@releaseDomain");
  return OK;
}
