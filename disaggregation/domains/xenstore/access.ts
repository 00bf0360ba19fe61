// Who may do what with a node: its list of permissions against the domain that asks.

import { isPrivileged, targetOf } from "./clients";
import { entriesOf, permissionAccess, permissionDomain, permissionsOf } from "./records";

export const READ: u32 = 1;
export const WRITE: u32 = 2;
/** What the owner and privileged domains have: also changing the permissions. */
export const OWNER: u32 = 4;
const ALL: u32 = READ | WRITE | OWNER;

/** What a domain may, by a list of `count` times { u16 domain; u16 access }; the first is the
 *  owner's, and its access is what everybody not named has. */
function accessBy(domain: u32, entries: u32, count: u32): u32 {
  if (isPrivileged(domain)) return ALL;
  const target = targetOf(domain);
  const owner = load<u16>(entries) as u32;
  if (owner == domain || owner == target) return ALL;
  for (let index: u32 = 1; index < count; index++) {
    const named = load<u16>(entries + (index << 2)) as u32;
    if (named == domain || named == target) return load<u16>(entries + (index << 2), 2);
  }
  return load<u16>(entries, 2);
}

/** What a domain may do with a node. */
export function accessTo(domain: u32, record: u32): u32 {
  return accessBy(domain, entriesOf(record), permissionsOf(record));
}

/** Does a list of permissions name a domain? */
export function names(record: u32, domain: u32): bool {
  for (let index: u32 = 0; index < permissionsOf(record); index++) {
    if (permissionDomain(record, index) == domain) return true;
  }
  return false;
}

/** A letter of the wire's form; 0 for what is none. */
export function accessLetter(access: u32): u32 {
  if (access == 0) return 110; // n
  if (access == READ) return 114; // r
  return access == WRITE ? 119 : 98; // w, b
}

/** The access that a letter stands for, or 0xffff. */
export function accessOfLetter(letter: u32): u32 {
  if (letter == 110) return 0;
  if (letter == 114) return READ;
  if (letter == 119) return WRITE;
  return letter == 98 ? READ | WRITE : 0xffff;
}

/** The same for the permissions that a record has at `index`. */
export function letterAt(record: u32, index: u32): u32 {
  return accessLetter(permissionAccess(record, index));
}
