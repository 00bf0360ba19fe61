// HYPERVISOR_memory_op: what a guest may change of its own guest-physical map.

import { DOMID_SELF, EFAULT, EINVAL, ENOMEM, ENOSYS, EPERM, EBUSY } from "./abi";
import { mayMapPage, mayMemory } from "./access";
import * as column from "./columns";
import { firstFree, frameAddress, frameCountable, frameUses, freeFrame, takeFrame } from "./frame";
import { argument32, argument64, isLongMode, openArgument } from "./guest";
import { GRANT_FRAMES } from "./limits";
import { entryOf, frameOf, gfnExists, hasTable, mapFrame, unmapFrame } from "./p2m";
import {
  ENTRY_FOREIGN, ENTRY_PRESENT, FRAME_MEMORY, FRAME_SPECIAL, NONE,
} from "./states";

const ADD_TO_PHYSMAP: u64 = 7;
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
function grantFrame(domain: u32, index: u64): u32 {
  if (index >= (GRANT_FRAMES as u64)) return NONE;
  const row = (domain << 5) | (index as u32);
  const known = column.grantFrameFrame(row);
  if (known != 0) return known - 1;
  const frame = firstFree(domain);
  if (frame == NONE) return NONE;
  takeFrame(frame, domain, FRAME_SPECIAL);
  column.setGrantFrameFrame(row, frame + 1);
  column.setDomainGrantFrames(domain, max<u32>(column.domainGrantFrames(domain), (index as u32) + 1));
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
  const frame = space == SPACE_SHARED_INFO
    ? column.domainSharedInfo(domain) - 1
    : grantFrame(domain, index);
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

/** HYPERVISOR_memory_op(operation, address). MEMORY-*. */
export function memoryOp(vcpu: u32, operation: u64, address: u64): i64 {
  const domain = column.vcpuDomain(vcpu);
  if (!mayMemory(column.domainLabel(domain), column.domainSelfLabel(domain))) return EPERM;
  const bytes: u32 = isLongMode(vcpu) ? 24 : 16;
  if (operation != ADD_TO_PHYSMAP && operation != REMOVE_FROM_PHYSMAP) return ENOSYS;
  if (!openArgument(vcpu, address, operation == ADD_TO_PHYSMAP ? bytes : bytes - 8, false)) {
    return EFAULT;
  }
  return operation == ADD_TO_PHYSMAP ? addToPhysmap(vcpu) : removeFromPhysmap(vcpu);
}

export { frameAddress };
