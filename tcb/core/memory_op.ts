// HYPERVISOR_memory_op: what a guest may change of its own guest-physical map.

import { DOMID_SELF, EBUSY, EFAULT, EINVAL, ENOMEM, ENOSYS, EPERM } from "./abi";
import { mayAdjustMemory, mayMapPage, mayMemory } from "./access";
import * as column from "./columns";
import { firstFree, frameCountable, frameUses, freeFrame, takeFrame } from "./frame";
import {
  argument32,
  argument64,
  isLongMode,
  openArgument,
  setArgument32,
  setArgument64,
} from "./guest";
import { GRANT_FRAMES, REGIONS } from "./limits";
import { entryOf, frameOf, gfnExists, hasTable, mapFrame, unmapFrame } from "./p2m";
import { resumeWith } from "./resume";
import { ENTRY_FOREIGN, ENTRY_PRESENT, FRAME_MEMORY, FRAME_SPECIAL, NONE } from "./states";

const DECREASE_RESERVATION: u64 = 1;
const CURRENT_RESERVATION: u64 = 3;
const MAXIMUM_RESERVATION: u64 = 4;
const POPULATE_PHYSMAP: u64 = 6;
const ADD_TO_PHYSMAP: u64 = 7;
const MEMORY_MAP: u64 = 9;
/** An operation's number is in the low bits; above them, how many extents are done (Xen's own
 *  continuation). */
const OPERATION_BITS: u64 = 6;
const REMOVE_FROM_PHYSMAP: u64 = 15;
const SPACE_SHARED_INFO: u32 = 0;
const SPACE_GRANT_TABLE: u32 = 1;

/** What stands at a gfn can be taken out: nothing, or memory of the domain that nothing else uses,
 *  or a special frame's mapping. */
function removable(domain: u32, gfn: u32, entry: u64): bool {
  if ((entry & ENTRY_PRESENT) == 0) return true;
  if ((entry & ENTRY_FOREIGN) != 0 || !hasTable(domain, gfn)) return false;
  const frame = frameOf(entry);
  return isSpecial(frame) || frameUses(frame) == 1;
}

/** Is the frame one that outlives its mappings? */
function isSpecial(frame: u32): bool {
  return column.superWhole(frame >> 9) == 0 && column.frameKind(frame) == FRAME_SPECIAL;
}

/** Takes out what removable allowed; memory goes back to the domain's free frames. */
export function removePage(domain: u32, gfn: u32): void {
  const frame = unmapFrame(domain, gfn);
  if (column.frameKind(frame) == FRAME_MEMORY && column.frameReferences(frame) == 0) {
    freeFrame(frame, domain);
  }
}

/** Machine frame of the domain's grant table at `index`, allocated on first use; NONE: no memory,
 *  or beyond the limit. */
export function grantFrame(domain: u32, index: u64): u32 {
  if (index >= (GRANT_FRAMES as u64)) return NONE;
  const row = (domain << 5) | (index as u32);
  const known = column.grantFrameFrame(row);
  if (known != 0) return known - 1;
  const frame = firstFree(domain);
  if (frame == NONE) return NONE;
  takeFrame(frame, domain, FRAME_SPECIAL);
  column.setGrantFrameFrame(row, frame + 1);
  column.setDomainGrantFrames(
    domain,
    max<u32>(column.domainGrantFrames(domain), (index as u32) + 1),
  );
  return frame;
}

/** { u16 domain; u32 space @4; u64 index @8; u64 gfn @16 } (32-bit: u32 at 8 and 12).
 *  MEMORY-ADD-*. */
function addToPhysmap(vcpu: u32): i64 {
  const domain = column.vcpuDomain(vcpu);
  const long = isLongMode(vcpu);
  const named = argument32(0) & 0xffff;
  const space = argument32(4);
  const index: u64 = long ? argument64(8) : (argument32(8) as u64);
  const gfn: u64 = long ? argument64(16) : (argument32(12) as u64);
  if (named != DOMID_SELF && named != domain) return EPERM;
  if (!mayMapPage(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  if (space != SPACE_SHARED_INFO && space != SPACE_GRANT_TABLE) return ENOSYS;
  if (!gfnExists(gfn)) return EINVAL;
  const entry = entryOf(domain, gfn as u32);
  if (!hasTable(domain, gfn as u32)) return ENOMEM;
  if (!removable(domain, gfn as u32, entry)) return EBUSY;
  const frame =
    space == SPACE_SHARED_INFO ? column.domainSharedInfo(domain) - 1 : grantFrame(domain, index);
  if (frame == NONE) return space == SPACE_SHARED_INFO ? EINVAL : ENOMEM;
  if (!frameCountable(frame)) return EBUSY;
  if ((entry & ENTRY_PRESENT) != 0) removePage(domain, gfn as u32);
  mapFrame(domain, gfn as u32, frame, true, false);
  return 0;
}

/** { u16 domain; u64 gfn @8 } (32-bit: u32 at 4). MEMORY-REMOVE-*. */
function removeFromPhysmap(vcpu: u32): i64 {
  const domain = column.vcpuDomain(vcpu);
  const named = argument32(0) & 0xffff;
  const gfn: u64 = isLongMode(vcpu) ? argument64(8) : (argument32(4) as u64);
  if (named != DOMID_SELF && named != domain) return EPERM;
  if (!mayMapPage(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  if (!gfnExists(gfn)) return EINVAL;
  const entry = entryOf(domain, gfn as u32);
  if ((entry & ENTRY_PRESENT) == 0) return EINVAL;
  if (!removable(domain, gfn as u32, entry)) return EBUSY;
  removePage(domain, gfn as u32);
  return 0;
}

// ---- reservations -------------------------------------------------------------------------------

/** Takes the gfn's memory away; false: it is not the domain's own plain memory. */
function decreaseOne(domain: u32, gfn: u64): bool {
  if (!gfnExists(gfn)) return false;
  const entry = entryOf(domain, gfn as u32);
  if ((entry & ENTRY_PRESENT) == 0 || isSpecial(frameOf(entry))) return false;
  if (!removable(domain, gfn as u32, entry)) return false;
  removePage(domain, gfn as u32);
  return true;
}

/** Gives the gfn a frame of zeros from the domain's own reservation. */
function populateOne(domain: u32, gfn: u64): bool {
  if (!gfnExists(gfn) || !hasTable(domain, gfn as u32)) return false;
  if ((entryOf(domain, gfn as u32) & ENTRY_PRESENT) != 0) return false;
  if (column.domainFrames(domain) >= column.domainFramesLimit(domain)) return false;
  const frame = firstFree(domain);
  if (frame == NONE || !frameCountable(frame)) return false;
  takeFrame(frame, domain, FRAME_MEMORY);
  mapFrame(domain, gfn as u32, frame, true, false);
  return true;
}

/** { u64 list; u64 count @8; u32 order @16; u32 flags @20; u16 domain @24 } (32-bit: u32 at 0, 4,
 *  8, 12, u16 at 16): one extent a step, of order 0. The result is how many were done.
 *  MEMORY-RESERVATION-*. */
function changeReservation(vcpu: u32, operation: u64, done: u64, address: u64): i64 {
  const domain = column.vcpuDomain(vcpu);
  const long = isLongMode(vcpu);
  const list: u64 = long ? argument64(0) : (argument32(0) as u64);
  const count: u64 = long ? argument64(8) : (argument32(4) as u64);
  const order = argument32(long ? 16 : 8);
  const named = argument32(long ? 24 : 16) & 0xffff;
  if (named != DOMID_SELF && named != domain) return EPERM;
  if (!mayAdjustMemory(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  if (order != 0 || done >= count) return done as i64;
  if (done > 0xffffffff) return EINVAL;
  const extent = list + (done << (long ? 3 : 2));
  if (!openArgument(vcpu, extent, long ? 8 : 4, false)) return done as i64;
  const gfn: u64 = long ? argument64(0) : (argument32(0) as u64);
  const changed =
    operation == POPULATE_PHYSMAP ? populateOne(domain, gfn) : decreaseOne(domain, gfn);
  if (!changed) return done as i64;
  if (done + 1 == count) return count as i64;
  return resumeWith(operation | ((done + 1) << OPERATION_BITS), address, 0);
}

/** { u16 domain }: frames in use, or the most that may be. */
function reservation(domain: u32, most: bool): i64 {
  const named = argument32(0) & 0xffff;
  if (named != DOMID_SELF && named != domain) return EPERM;
  return (most ? column.domainFramesLimit(domain) : column.domainFrames(domain)) as i64;
}

/** { u32 capacity, out: count; buffer @8 } (32-bit: buffer @4): rows of { u64 address; u64 bytes;
 *  u32 type }, as the domain was told them when it was built. MEMORY-MAP-*. */
function memoryMap(vcpu: u32): i64 {
  const domain = column.vcpuDomain(vcpu);
  const long = isLongMode(vcpu);
  const capacity = argument32(0);
  const buffer: u64 = long ? argument64(8) : (argument32(4) as u64);
  let count: u32 = 0;
  while (count < REGIONS && column.regionBytes((domain << 4) | count) != 0) count++;
  if (capacity < count) return EINVAL;
  setArgument32(0, count);
  if (count == 0) return 0;
  if (!openArgument(vcpu, buffer, count * 20, true)) return EFAULT;
  for (let index: u32 = 0; index < min<u32>(count, REGIONS); index++) {
    const row = (domain << 4) | index;
    setArgument64(index * 20, column.regionAddress(row));
    setArgument64(index * 20 + 8, column.regionBytes(row));
    setArgument32(index * 20 + 16, column.regionType(row));
  }
  return 0;
}

/** Bytes of an operation's argument; 0: there is no such operation. */
function argumentBytes(operation: u64, long: bool): u32 {
  if (operation == POPULATE_PHYSMAP || operation == DECREASE_RESERVATION) return long ? 28 : 20;
  if (operation == ADD_TO_PHYSMAP) return long ? 24 : 16;
  if (operation == REMOVE_FROM_PHYSMAP || operation == MEMORY_MAP) return long ? 16 : 8;
  if (operation == CURRENT_RESERVATION || operation == MAXIMUM_RESERVATION) return 4;
  return 0;
}

/** HYPERVISOR_memory_op(operation, address). MEMORY-*. */
export function memoryOp(vcpu: u32, command: u64, address: u64): i64 {
  const domain = column.vcpuDomain(vcpu);
  if (!mayMemory(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  const operation = command & ((1 << OPERATION_BITS) - 1);
  const bytes = argumentBytes(operation, isLongMode(vcpu));
  if (bytes == 0) return ENOSYS;
  if (!openArgument(vcpu, address, bytes, operation == MEMORY_MAP)) return EFAULT;
  if (operation == ADD_TO_PHYSMAP) return addToPhysmap(vcpu);
  if (operation == REMOVE_FROM_PHYSMAP) return removeFromPhysmap(vcpu);
  if (operation == MEMORY_MAP) return memoryMap(vcpu);
  if (operation == CURRENT_RESERVATION) return reservation(domain, false);
  if (operation == MAXIMUM_RESERVATION) return reservation(domain, true);
  return changeReservation(vcpu, operation, command >> OPERATION_BITS, address);
}
