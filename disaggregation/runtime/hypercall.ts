// The hypercalls that services make (public/event_channel.h, public/grant_table.h). Their
// structures are built in one page, so that no hypercall names linear memory.

import { HANDLES, PAGE_ARGUMENTS, PAGE_GRANTS, WINDOW } from "./places";
import {
  hypercall,
  pageLoad16,
  pageLoad32,
  pageLoad64,
  pageStore16,
  pageStore32,
  pageStore64,
} from "./world";

const MEMORY_OP: u32 = 12;
const GRANT_TABLE_OP: u32 = 20;
const SCHED_OP: u32 = 29;
const EVENT_CHANNEL_OP: u32 = 32;
const HVM_OP: u32 = 34;

const SHUTDOWN: u64 = 2;
const POWER_OFF: u32 = 0;

const ADD_TO_PHYSMAP: u64 = 7;
const SPACE_GRANT_TABLE: u32 = 1;

const BIND_INTERDOMAIN: u64 = 0;
const CLOSE: u64 = 3;
const SEND: u64 = 4;
const STATUS: u64 = 5;
const ALLOC_UNBOUND: u64 = 6;

/** Status of a port that waits for somebody (EVTCHNSTAT_unbound). */
const UNBOUND: u32 = 1;

const GET_PARAMETER: u64 = 1;

const GRANT_MAP: u64 = 0;
const GRANT_UNMAP: u64 = 1;
const GRANT_COPY: u64 = 5;
const MAP_HOST: u32 = 2;
const MAP_READ_ONLY: u32 = 4;
const SOURCE_REFERENCE: u32 = 1;
const TARGET_REFERENCE: u32 = 2;

/** The calling domain itself (DOMID_SELF). */
export const OWN: u32 = 0x7ff0;

/** The first part of the page is the list of copies, the rest serves all other structures. */
const COPY_BYTES: u32 = 40;
export const COPIES: u32 = 64;
const STRUCTURE: u32 = 3072;

/** Guest-physical address of a page of the window. */
export function pageAddress(handle: u32): u64 {
  return (WINDOW + (handle << 12)) as u64;
}

/** Guest frame of a page of the window, as grant copies name it. */
export function pageFrame(handle: u32): u32 {
  return (WINDOW >> 12) + handle;
}

function argument(offset: u32): u64 {
  return pageAddress(PAGE_ARGUMENTS) + (offset as u64);
}

// ---- event channels -----------------------------------------------------------------------------

/** Connects to a port that `domain` offers to this one; the own port, or a negative error. */
export function bindInterdomain(domain: u32, port: u32): i32 {
  pageStore32(PAGE_ARGUMENTS, STRUCTURE, domain);
  pageStore32(PAGE_ARGUMENTS, STRUCTURE + 4, port);
  const result = hypercall(EVENT_CHANNEL_OP, BIND_INTERDOMAIN, argument(STRUCTURE), 0);
  return result < 0 ? (result as i32) : (pageLoad32(PAGE_ARGUMENTS, STRUCTURE + 8) as i32);
}

/** A port that waits for `domain`; the own port, or a negative error. */
export function offerPort(domain: u32): i32 {
  pageStore32(PAGE_ARGUMENTS, STRUCTURE, OWN | (domain << 16));
  const result = hypercall(EVENT_CHANNEL_OP, ALLOC_UNBOUND, argument(STRUCTURE), 0);
  return result < 0 ? (result as i32) : (pageLoad32(PAGE_ARGUMENTS, STRUCTURE + 4) as i32);
}

/** Notifies the other end of a channel. An end that is gone is nobody's error. */
export function sendEvent(port: u32): void {
  pageStore32(PAGE_ARGUMENTS, STRUCTURE, port);
  hypercall(EVENT_CHANNEL_OP, SEND, argument(STRUCTURE), 0);
}

export function closePort(port: u32): void {
  pageStore32(PAGE_ARGUMENTS, STRUCTURE, port);
  hypercall(EVENT_CHANNEL_OP, CLOSE, argument(STRUCTURE), 0);
}

/** Has the other end of a channel gone? The domain that had it may come back and offer another. */
export function isLeft(port: u32): bool {
  pageStore32(PAGE_ARGUMENTS, STRUCTURE, OWN);
  pageStore32(PAGE_ARGUMENTS, STRUCTURE + 4, port);
  if (hypercall(EVENT_CHANNEL_OP, STATUS, argument(STRUCTURE), 0) != 0) return false;
  return pageLoad32(PAGE_ARGUMENTS, STRUCTURE + 8) == UNBOUND;
}

/** An HVM parameter of the domain; 0: it was not given one. */
export function getParameter(index: u32): u64 {
  pageStore32(PAGE_ARGUMENTS, STRUCTURE, OWN);
  pageStore32(PAGE_ARGUMENTS, STRUCTURE + 4, index);
  if (hypercall(HVM_OP, GET_PARAMETER, argument(STRUCTURE), 0) != 0) return 0;
  return pageLoad64(PAGE_ARGUMENTS, STRUCTURE + 8);
}

/** Ends the domain, as one that switches itself off. */
export function endDomain(): void {
  pageStore32(PAGE_ARGUMENTS, STRUCTURE, POWER_OFF);
  hypercall(SCHED_OP, SHUTDOWN, argument(STRUCTURE), 0);
}

// ---- grants -------------------------------------------------------------------------------------

function addToPhysmap(space: u32, index: u64, frame: u32): bool {
  pageStore32(PAGE_ARGUMENTS, STRUCTURE, OWN);
  pageStore32(PAGE_ARGUMENTS, STRUCTURE + 4, space);
  pageStore64(PAGE_ARGUMENTS, STRUCTURE + 8, index);
  pageStore64(PAGE_ARGUMENTS, STRUCTURE + 16, frame as u64);
  return hypercall(MEMORY_OP, ADD_TO_PHYSMAP, argument(STRUCTURE), 0) == 0;
}

/** Maps page `index` of the domain's own grant table at a guest frame. The structure has another
 *  form for a vCPU in 32-bit mode, as in Node: index and frame in 32 bits each. In long mode that
 *  form names a page that no table has, and changes nothing. */
export function mapGrantFrame(index: u32, frame: u32): bool {
  const short = (index as u64) | ((frame as u64) << 32);
  return (
    addToPhysmap(SPACE_GRANT_TABLE, short, frame) ||
    addToPhysmap(SPACE_GRANT_TABLE, index as u64, frame)
  );
}

/** Maps a grant at a handle of the window; the core's name for the mapping, or negative. */
export function mapAt(handle: u32, domain: u32, reference: u32, writable: bool): i32 {
  if (handle < PAGE_GRANTS || handle >= HANDLES) return -1;
  pageStore64(PAGE_ARGUMENTS, STRUCTURE, pageAddress(handle));
  pageStore32(PAGE_ARGUMENTS, STRUCTURE + 8, writable ? MAP_HOST : MAP_HOST | MAP_READ_ONLY);
  pageStore32(PAGE_ARGUMENTS, STRUCTURE + 12, reference);
  pageStore32(PAGE_ARGUMENTS, STRUCTURE + 16, domain);
  const result = hypercall(GRANT_TABLE_OP, GRANT_MAP, argument(STRUCTURE), 1);
  if (result != 0 || pageLoad16(PAGE_ARGUMENTS, STRUCTURE + 18) != 0) return -1;
  return pageLoad32(PAGE_ARGUMENTS, STRUCTURE + 20) as i32;
}

/** Takes back the mapping at a handle that the core calls `mapping`. */
export function unmapAt(handle: u32, mapping: u32): bool {
  pageStore64(PAGE_ARGUMENTS, STRUCTURE, pageAddress(handle));
  pageStore64(PAGE_ARGUMENTS, STRUCTURE + 8, 0);
  pageStore32(PAGE_ARGUMENTS, STRUCTURE + 16, mapping);
  pageStore32(PAGE_ARGUMENTS, STRUCTURE + 20, 0);
  const result = hypercall(GRANT_TABLE_OP, GRANT_UNMAP, argument(STRUCTURE), 1);
  return result == 0 && pageLoad16(PAGE_ARGUMENTS, STRUCTURE + 20) == 0;
}

// ---- grant copies: a batch is begun, filled and run ---------------------------------------------

let copies: u32 = 0;

export function copyBegin(): void {
  copies = 0;
}

/** Copies of the batch so far. */
export function copyCount(): u32 {
  return copies;
}

/** Adds a copy: from and to an own guest frame (domain OWN) or another domain's grant reference;
 *  offset plus bytes stay in the page. False: the batch is full. */
export function copyAdd(
  sourceDomain: u32,
  sourceIsReference: bool,
  source: u32,
  sourceOffset: u32,
  targetDomain: u32,
  targetIsReference: bool,
  target: u32,
  targetOffset: u32,
  bytes: u32,
): bool {
  if (copies >= COPIES) return false;
  const at = copies * COPY_BYTES;
  const flags =
    (sourceIsReference ? SOURCE_REFERENCE : 0) | (targetIsReference ? TARGET_REFERENCE : 0);
  pageStore64(PAGE_ARGUMENTS, at, source as u64);
  pageStore32(PAGE_ARGUMENTS, at + 8, sourceDomain | (sourceOffset << 16));
  pageStore64(PAGE_ARGUMENTS, at + 16, target as u64);
  pageStore32(PAGE_ARGUMENTS, at + 24, targetDomain | (targetOffset << 16));
  pageStore32(PAGE_ARGUMENTS, at + 32, bytes | (flags << 16));
  // A copy that the core did not come to keeps a status that is none of success.
  pageStore16(PAGE_ARGUMENTS, at + 36, 0xffff);
  copies++;
  return true;
}

/** Runs the batch; false: the core did not come to its end. Each copy has a status of its own. */
export function copyRun(): bool {
  if (copies == 0) return true;
  return hypercall(GRANT_TABLE_OP, GRANT_COPY, argument(0), copies as u64) == 0;
}

/** How copy `index` of the batch went: 0, or a negative GNTST_ number. */
export function copyStatus(index: u32): i32 {
  if (index >= copies) return -1;
  return ((pageLoad16(PAGE_ARGUMENTS, index * COPY_BYTES + 36) << 16) as i32) >> 16;
}
