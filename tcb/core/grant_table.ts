// Grant tables, version 1. A domain offers a frame by an entry in a page that it shares; another
// maps it or copies. The entry is read once for a decision, and pinned by a compare-exchange of its
// flags; while it is pinned the frame that was seen then counts, whatever the entry says later.

import { DOMID_SELF, EFAULT, ENOSYS, EPERM } from "./abi";
import {
  mayGrantCopy,
  mayGrantMapRead,
  mayGrantMapWrite,
  mayGrantQuery,
  mayGrantSetup,
  mayGrantUnmap,
} from "./access";
import * as column from "./columns";
import { frameCountable } from "./frame";
import { argument32, argument64, openArgument, setArgument32, setArgument64 } from "./guest";
import { DOMAINS, GRANT_FRAMES, GRANTS, HANDLES } from "./limits";
import { and64, compareExchange16, copy, load64 } from "./machine";
import { entryOf, frameOf, gfnExists, hasTable, mapFrame, translate, unmapFrame } from "./p2m";
import { resumeWith } from "./resume";
import {
  DOMAIN_DYING,
  DOMAIN_RUNNING,
  ENTRY_FOREIGN,
  ENTRY_PRESENT,
  NONE,
  NOWHERE,
} from "./states";
import { labelTarget } from "./xsm";

const MAP: u64 = 0;
const UNMAP: u64 = 1;
const COPY: u64 = 5;
const QUERY_SIZE: u64 = 6;
const SET_VERSION: u64 = 8;
const GET_VERSION: u64 = 10;
const CACHE_FLUSH: u64 = 12;

// Status of one element (public/grant_table.h).
const OKAY: u32 = 0;
const GENERAL_ERROR: u32 = 0xffff;
const BAD_HANDLE: u32 = 0xfffc;
const BAD_ADDRESS: u32 = 0xfffb;
const NO_SPACE: u32 = 0xfff9;
const PERMISSION_DENIED: u32 = 0xfff8;
const BAD_COPY: u32 = 0xfff6;
const TRY_AGAIN: u32 = 0xfff4;

// Flags of a version 1 entry: type in bits 0-1 (1: access permitted).
const ENTRY_TYPE: u32 = 3;
const PERMIT_ACCESS: u32 = 1;
const READ_ONLY: u32 = 4;
const READING: u32 = 8;
const WRITING: u32 = 16;

const MAP_HOST: u32 = 2;
const MAP_READ_ONLY: u32 = 4;

const COPY_SOURCE_GRANT: u32 = 1;
const COPY_TARGET_GRANT: u32 = 2;

function grantRow(domain: u32, reference: u32): u32 {
  return (domain << 14) | reference;
}

function handleRow(domain: u32, handle: u32): u32 {
  return (domain << 10) | handle;
}

/** Machine address of a domain's grant entry, or NOWHERE: the table does not reach so far. */
function entryAddress(domain: u32, reference: u32): u64 {
  if (reference >= GRANTS) return NOWHERE;
  const frame = column.grantFrameFrame((domain << 5) | (reference >> 9));
  if (frame == 0) return NOWHERE;
  return (((frame - 1) as u64) << 12) | (((reference & 511) << 3) as u64);
}

/** The granting domain that a number names, if it has run and is not being destroyed (requests of
 *  one that is paused are still carried out); NONE otherwise. */
function granter(domain: u32, named: u32): u32 {
  const remote = named == DOMID_SELF ? domain : named;
  if (remote >= DOMAINS) return NONE;
  const state = column.domainState(remote);
  return state < DOMAIN_RUNNING || state == DOMAIN_DYING ? NONE : remote;
}

/** Does an entry, as it was read, offer access to `domain`? */
function offers(entry: u64, domain: u32, write: bool): bool {
  const flags = entry as u32 & 0xffff;
  if ((flags & ENTRY_TYPE) != PERMIT_ACCESS) return false;
  if (((entry >> 16) as u32 & 0xffff) != domain) return false;
  return !write || (flags & READ_ONLY) == 0;
}

/** Machine frame of memory that a granter names by gfn, or NONE. Mapped grants are not handed
 *  on. */
function offeredFrame(remote: u32, gfn: u64): u32 {
  if (!gfnExists(gfn)) return NONE;
  const entry = entryOf(remote, gfn as u32);
  if ((entry & ENTRY_PRESENT) == 0 || (entry & ENTRY_FOREIGN) != 0) return NONE;
  return frameOf(entry);
}

// ---- pins ---------------------------------------------------------------------------------------

/** Machine frame that a grant names for `domain`: the pinned one, or what the entry says now; NONE:
 *  not offered. `entry` was read once. */
function grantedFrame(remote: u32, reference: u32, entry: u64): u32 {
  const row = grantRow(remote, reference);
  if (column.grantReaders(row) != 0) return column.grantFrame(row);
  return offeredFrame(remote, entry >> 32);
}

/** Sets the entry's in-use flags; false: the guest changed it meanwhile. */
function pinEntry(address: u64, entry: u64, write: bool): bool {
  const flags = entry as u32 & 0xffff;
  const wanted = flags | READING | (write ? WRITING : 0);
  return compareExchange16(address, flags, wanted) == flags;
}

/** Counts a mapping of a pinned grant. Every mapping reads; a writable one writes as well. */
function countPin(remote: u32, reference: u32, frame: u32, write: bool): void {
  const row = grantRow(remote, reference);
  column.setGrantFrame(row, frame);
  column.setGrantReaders(row, column.grantReaders(row) + 1);
  if (write) column.setGrantWriters(row, column.grantWriters(row) + 1);
}

/** Drops a mapping's pin; the last one clears the entry's flags. GRANT-UNPIN. */
function dropPin(remote: u32, reference: u32, write: bool): void {
  const row = grantRow(remote, reference);
  const readers = column.grantReaders(row) - 1;
  const writers = column.grantWriters(row) - (write ? 1 : 0);
  column.setGrantReaders(row, readers);
  column.setGrantWriters(row, writers);
  const cleared: u64 = (readers == 0 ? READING : 0) | (write && writers == 0 ? WRITING : 0);
  if (readers == 0) column.setGrantFrame(row, 0);
  if (cleared == 0) return;
  // A granter that is being destroyed may have lost the frame of its table already.
  if (column.domainState(remote) == DOMAIN_DYING) return;
  and64(entryAddress(remote, reference), ~cleared);
}

// ---- handles ------------------------------------------------------------------------------------

/** The lowest free handle of a domain, or NONE. */
function firstHandle(domain: u32): u32 {
  const full = column.handleFullWord(domain);
  if (full == 0xffff) return NONE;
  const word = ctz(~full) & 15;
  return (word << 6) | ((ctz(~column.handleUsedWord((domain << 4) | word)) as u32) & 63);
}

function useHandle(domain: u32, handle: u32): void {
  const word = (domain << 4) | (handle >> 6);
  const used = column.handleUsedWord(word) | ((1 as u64) << ((handle & 63) as u64));
  column.setHandleUsedWord(word, used);
  if (used != NOWHERE) return;
  column.setHandleFullWord(domain, column.handleFullWord(domain) | (1 << (handle >> 6)));
}

function releaseHandle(domain: u32, handle: u32): void {
  const word = (domain << 4) | (handle >> 6);
  const bit = (1 as u64) << ((handle & 63) as u64);
  column.setHandleUsedWord(word, column.handleUsedWord(word) & ~bit);
  column.setHandleFullWord(domain, column.handleFullWord(domain) & ~(1 << (handle >> 6)));
  column.setHandleDomain(handleRow(domain, handle), 0);
}

// ---- map and unmap ------------------------------------------------------------------------------

/** { u64 address; u32 flags @8; u32 reference @12; u16 domain @16; i16 status @18; u32 handle @20;
 *  u64 bus address @24 }: the status of one element. GRANT-MAP-*. */
function mapOne(domain: u32, named: u32): u32 {
  const target = argument64(0);
  const flags = argument32(8);
  const reference = argument32(12);
  const remote = granter(domain, named);
  const write = (flags & MAP_READ_ONLY) == 0;
  if ((flags & ~MAP_READ_ONLY) != MAP_HOST) return GENERAL_ERROR;
  if (remote == NONE) return PERMISSION_DENIED;
  const source = column.domainLabel(domain);
  const label = labelTarget(domain, remote);
  if (write ? !mayGrantMapWrite(source, label) : !mayGrantMapRead(source, label)) {
    return PERMISSION_DENIED;
  }
  const gfn = target >> 12;
  if ((target & 0xfff) != 0 || !gfnExists(gfn)) return BAD_ADDRESS;
  if ((entryOf(domain, gfn as u32) & ENTRY_PRESENT) != 0) return BAD_ADDRESS;
  const handle = firstHandle(domain);
  if (handle == NONE || !hasTable(domain, gfn as u32)) return NO_SPACE;
  const address = entryAddress(remote, reference);
  if (address == NOWHERE) return PERMISSION_DENIED;
  const entry = load64(address);
  if (!offers(entry, domain, write)) return PERMISSION_DENIED;
  const frame = grantedFrame(remote, reference, entry);
  if (frame == NONE) return PERMISSION_DENIED;
  const row = grantRow(remote, reference);
  if (column.grantReaders(row) == 0xffff || !frameCountable(frame)) return NO_SPACE;
  if (!pinEntry(address, entry, write)) return TRY_AGAIN;
  countPin(remote, reference, frame, write);
  recordHandle(domain, handle, remote, reference, gfn as u32, write);
  mapFrame(domain, gfn as u32, frame, write, true);
  setArgument32(20, handle);
  setArgument64(24, 0);
  return OKAY;
}

function recordHandle(
  domain: u32,
  handle: u32,
  remote: u32,
  reference: u32,
  gfn: u32,
  write: bool,
): void {
  const row = handleRow(domain, handle);
  useHandle(domain, handle);
  column.setHandleDomain(row, remote + 1);
  column.setHandleWritable(row, write ? 1 : 0);
  column.setHandleReference(row, reference);
  column.setHandleGfn(row, gfn);
}

/** Takes back a mapping that a handle names. The caller has checked hasTable. GRANT-RELEASE. */
export function releaseMapping(domain: u32, handle: u32): void {
  const row = handleRow(domain, handle);
  const remote = column.handleDomain(row) - 1;
  unmapFrame(domain, column.handleGfn(row));
  dropPin(remote, column.handleReference(row), column.handleWritable(row) != 0);
  releaseHandle(domain, handle);
}

/** { u64 address; u64 bus address @8; u32 handle @16; i16 status @20 }. GRANT-UNMAP-*. */
function unmapOne(domain: u32): u32 {
  const target = argument64(0);
  const handle = argument32(16);
  if (handle >= HANDLES) return BAD_HANDLE;
  const row = handleRow(domain, handle);
  if (column.handleDomain(row) == 0) return BAD_HANDLE;
  if (target != (column.handleGfn(row) as u64) << 12) return BAD_ADDRESS;
  const label = labelTarget(domain, column.handleDomain(row) - 1);
  if (!mayGrantUnmap(column.domainLabel(domain), label)) return PERMISSION_DENIED;
  releaseMapping(domain, handle);
  return OKAY;
}

// ---- copy ---------------------------------------------------------------------------------------

/** Machine address of one end of a copy, by grant or by the caller's own gfn; NOWHERE: not
 *  allowed. */
function copyEnd(domain: u32, isGrant: bool, value: u64, named: u32, write: bool): u64 {
  if (!isGrant) {
    if (named != DOMID_SELF && named != domain) return NOWHERE;
    if (!gfnExists(value)) return NOWHERE;
    return translate(domain, value << 12, write);
  }
  const remote = granter(domain, named);
  if (remote == NONE) return NOWHERE;
  const address = entryAddress(remote, value as u32);
  if (address == NOWHERE || value > 0xffffffff) return NOWHERE;
  const entry = load64(address);
  if (!offers(entry, domain, write)) return NOWHERE;
  const frame = grantedFrame(remote, value as u32, entry);
  return frame == NONE ? NOWHERE : (frame as u64) << 12;
}

/** May what one end's domain has go to the other's? Nobody may who is not there. */
function mayCopy(from: u32, to: u32): bool {
  if (from == NONE || to == NONE) return false;
  return mayGrantCopy(column.domainLabel(from), labelTarget(from, to));
}

/** { source: u64 reference or gfn; u16 domain @8; u16 offset @10; target: @16, @24, @26;
 *  u16 bytes @32; u16 flags @34; i16 status @36 }. GRANT-COPY-*. */
function copyOne(domain: u32): u32 {
  const sourceValue = argument64(0);
  const sourceNamed = argument32(8);
  const targetValue = argument64(16);
  const targetNamed = argument32(24);
  const amount = argument32(32);
  const bytes = amount & 0xffff;
  const fromGrant = ((amount >> 16) & COPY_SOURCE_GRANT) != 0;
  const toGrant = ((amount >> 16) & COPY_TARGET_GRANT) != 0;
  const sourceOffset = sourceNamed >> 16;
  const targetOffset = targetNamed >> 16;
  if (sourceOffset + bytes > 4096 || targetOffset + bytes > 4096) return BAD_COPY;
  const from = fromGrant ? granter(domain, sourceNamed & 0xffff) : domain;
  const to = toGrant ? granter(domain, targetNamed & 0xffff) : domain;
  if (!mayCopy(from, to)) return PERMISSION_DENIED;
  if (bytes == 0) return OKAY;
  const source = copyEnd(domain, fromGrant, sourceValue, sourceNamed & 0xffff, false);
  const target = copyEnd(domain, toGrant, targetValue, targetNamed & 0xffff, true);
  if (source == NOWHERE || target == NOWHERE) return PERMISSION_DENIED;
  if (source == target) return BAD_COPY;
  copy(target + (targetOffset as u64), source + (sourceOffset as u64), bytes);
  return OKAY;
}

// ---- the call -----------------------------------------------------------------------------------

/** { u16 domain; u32 frames @4; u32 most @8; i16 status @12 }. GRANT-QUERY-*. */
function querySize(domain: u32): i64 {
  const named = argument32(0) & 0xffff;
  const allowed =
    (named == DOMID_SELF || named == domain) &&
    mayGrantQuery(column.domainLabel(domain), column.domainSelfLabel(domain));
  if (allowed) {
    setArgument32(4, max<u32>(column.domainGrantFrames(domain), 1));
    setArgument32(8, GRANT_FRAMES);
  }
  setArgument32(12, allowed ? OKAY : PERMISSION_DENIED);
  return 0;
}

/** Bytes of one element, and where in it the word with the status lies. */
function elementBytes(operation: u64): u32 {
  if (operation == MAP) return 32;
  return operation == UNMAP ? 24 : 40;
}

/** One element of a batch; the rest is resumed. */
function batch(vcpu: u32, operation: u64, list: u64, count: u64): i64 {
  if (count == 0) return 0;
  const bytes = elementBytes(operation);
  if (!openArgument(vcpu, list, bytes, true)) return EFAULT;
  const domain = column.vcpuDomain(vcpu);
  if (operation == MAP) {
    const named = argument32(16) & 0xffff;
    setArgument32(16, named | (mapOne(domain, named) << 16));
  } else if (operation == UNMAP) setArgument32(20, unmapOne(domain));
  else setArgument32(36, copyOne(domain));
  if (count == 1) return 0;
  // Up to 32 copies may follow one another before others get a turn.
  if (operation == COPY && ((count - 1) & 31) != 0) column.setCallShort(1);
  return resumeWith(operation, list + (bytes as u64), count - 1);
}

/** HYPERVISOR_grant_table_op(operation, list, count). GRANT-*. */
export function grantTableOp(vcpu: u32, operation: u64, list: u64, count: u64): i64 {
  if (operation == MAP || operation == UNMAP || operation == COPY) {
    return batch(vcpu, operation, list, count & 0xffffffff);
  }
  const domain = column.vcpuDomain(vcpu);
  if (operation == QUERY_SIZE) {
    return openArgument(vcpu, list, 16, true) ? querySize(domain) : EFAULT;
  }
  if (!mayGrantSetup(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  if (operation == SET_VERSION) {
    if (!openArgument(vcpu, list, 4, true)) return EFAULT;
    const wanted = argument32(0);
    setArgument32(0, 1);
    return wanted == 1 ? 0 : ENOSYS;
  }
  if (operation == GET_VERSION) {
    if (!openArgument(vcpu, list, 8, true)) return EFAULT;
    setArgument32(4, 1);
    return 0;
  }
  // Caches are coherent: there is nothing to flush.
  return operation == CACHE_FLUSH ? 0 : ENOSYS;
}
