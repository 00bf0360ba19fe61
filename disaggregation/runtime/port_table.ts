// Whose port an event came by: a small number for each port that a back end has bound.

import { bindInterdomain, closePort } from "./hypercall";
import { nextEvent } from "./world";

/** Ports of a domain (2-level ABI), and what `ownerOfPort` says of one that nobody bound. */
const PORTS: u32 = 4096;
export const NO_OWNER: u32 = 0xffff;
export const NO_PORT: u32 = 0;
const EVENTS_LIMIT: u32 = 256;

const OWNER: u32 = memory.data(<i32>(PORTS * 2), 2) as u32;

/** Binds a port that a front end offers; NO_PORT: there is none to bind. */
export function bindPort(domain: u32, offered: u32, owner: u32): u32 {
  const port = bindInterdomain(domain, offered);
  if (port <= 0 || port >= (PORTS as i32)) return NO_PORT;
  store<u16>(OWNER + ((port as u32) << 1), (owner + 1) as u16);
  return port as u32;
}

export function releasePort(port: u32): void {
  store<u16>(OWNER + (port << 1), 0);
  closePort(port);
}

export function ownerOfPort(port: u32): u32 {
  if (port >= PORTS) return NO_OWNER;
  return ((load<u16>(OWNER + (port << 1)) as u32) - 1) & NO_OWNER;
}

/** Takes the events that wait, some at a time, and says whose they are: a bit for each owner below
 *  64. What has no owner (xenstore's port) is looked at in every turn anyway. */
export function takeEvents(): u64 {
  let owners: u64 = 0;
  for (let count: u32 = 0; count < EVENTS_LIMIT; count++) {
    const port = nextEvent();
    if (port < 0) break;
    const owner = ownerOfPort(port as u32);
    if (owner < 64) owners |= (1 as u64) << (owner as u64);
  }
  return owners;
}
