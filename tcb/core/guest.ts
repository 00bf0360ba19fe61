// Reads and writes of a guest's memory by its own linear addresses, as the arguments of hypercalls
// give them. Each word is read once. Modes: paging off, and 4-level long mode; in any other a
// linear address has no translation.

import * as column from "./columns";
import { load32, load64, store32 } from "./machine";
import { ADDRESS_END, translateBelow } from "./p2m";
import { NOWHERE } from "./states";

const CR0_PAGING: u64 = 0x80000000;
const EFER_LONG_ACTIVE: u64 = 0x400;
const PRESENT: u64 = 1;
const WRITABLE: u64 = 2;
const LARGE: u64 = 0x80;
const ADDRESS: u64 = 0x000ffffffffff000;
/** Address bits of an entry that name what no domain can have. */
const BEYOND: u64 = ADDRESS & ~(ADDRESS_END - 1);

/** The entry for `index` in the table that `base` names, below ADDRESS_END; 0: there is none. */
function level(domain: u32, base: u64, index: u64): u64 {
  const address = translateBelow(domain, (base & ADDRESS) | ((index & 511) << 3), false);
  if (address == NOWHERE) return 0;
  return load64(address);
}

/** Is the entry there, does it allow what is wanted, and does it name what a domain can have? */
function permits(entry: u64, write: bool): bool {
  const wanted = write ? PRESENT | WRITABLE : PRESENT;
  return (entry & (wanted | BEYOND)) == wanted;
}

/** Do bits 63 to 47 of a linear address agree? */
function canonical(linear: u64): bool {
  return linear + 0x0000800000000000 < 0x0001000000000000;
}

/** Guest-physical address of a linear address, below ADDRESS_END, or NOWHERE. GUEST-WALK. */
export function walk(vcpu: u32, domain: u32, linear: u64, write: bool): u64 {
  if ((column.vmcbCr0(vcpu) & CR0_PAGING) == 0) return linear & 0xffffffff;
  if ((column.vmcbEfer(vcpu) & EFER_LONG_ACTIVE) == 0 || !canonical(linear)) return NOWHERE;
  const root = column.vmcbCr3(vcpu);
  if ((root & BEYOND) != 0) return NOWHERE;
  const top = level(domain, root, linear >> 39);
  if (!permits(top, write)) return NOWHERE;
  const pointer = level(domain, top, linear >> 30);
  if (!permits(pointer, write)) return NOWHERE;
  if ((pointer & LARGE) != 0) return (pointer & 0x000fffffc0000000) | (linear & 0x3fffffff);
  const directory = level(domain, pointer, linear >> 21);
  if (!permits(directory, write)) return NOWHERE;
  if ((directory & LARGE) != 0) return (directory & 0x000fffffffe00000) | (linear & 0x1fffff);
  const leaf = level(domain, directory, linear >> 12);
  if (!permits(leaf, write)) return NOWHERE;
  return (leaf & ADDRESS) | (linear & 0xfff);
}

/** Machine address of a byte at a linear address, or NOWHERE. */
export function locate(vcpu: u32, linear: u64, write: bool): u64 {
  const domain = column.vcpuDomain(vcpu);
  const physical = walk(vcpu, domain, linear, write);
  return physical == NOWHERE ? NOWHERE : translateBelow(domain, physical, write);
}

/**
 * Finds the argument structure of a hypercall: `bytes` (at most a frame) at a linear address that
 * is a multiple of 4, in one page or two. From then on its words are reached by offset. False:
 * there is no such memory. GUEST-ARGUMENT.
 */
export function openArgument(vcpu: u32, linear: u64, bytes: u32, write: bool): bool {
  if ((linear & 3) != 0) return false;
  const first = locate(vcpu, linear, write);
  if (first == NOWHERE) return false;
  const boundary: u32 = 0x1000 - (linear as u32 & 0xfff);
  column.setArgumentFirst(first);
  column.setArgumentBoundary(boundary);
  if (bytes <= boundary) return true;
  const second = locate(vcpu, linear + (boundary as u64), write);
  if (second == NOWHERE) return false;
  column.setArgumentSecond(second);
  return true;
}

function argumentAddress(offset: u32): u64 {
  const boundary = column.argumentBoundary();
  if (offset < boundary) return column.argumentFirst() + (offset as u64);
  return column.argumentSecond() + ((offset - boundary) as u64);
}

/** A word of the argument; `offset` is a multiple of 4. Each word is read once by its handler. */
export function argument32(offset: u32): u32 {
  return load32(argumentAddress(offset));
}

export function argument64(offset: u32): u64 {
  return (argument32(offset) as u64) | ((argument32(offset + 4) as u64) << 32);
}

export function setArgument32(offset: u32, value: u32): void {
  store32(argumentAddress(offset), value);
}

export function setArgument64(offset: u32, value: u64): void {
  setArgument32(offset, value as u32);
  setArgument32(offset + 4, (value >> 32) as u32);
}

/** Is the vCPU in 64-bit mode (and not in a compatibility segment)? */
export function isLongMode(vcpu: u32): bool {
  return (
    (column.vmcbEfer(vcpu) & EFER_LONG_ACTIVE) != 0 && (column.vmcbCsAttributes(vcpu) & 0x200) != 0
  );
}
