// A service's own memory beyond the linear one: what came with it, and what is spare. Linear memory
// does not reach it; the hypervisor copies, through one page of the window.

import { copyAdd, copyBegin, copyRun, copyStatus, OWN, pageFrame } from "./hypercall";
import { PAGE_OWN } from "./places";
import { pageCopyIn, pageCopyOut } from "./world";

/** The page through which bytes pass; its guest-physical address may be a copy's source. */
export const BOUNCE: u32 = PAGE_OWN;
const PAGE_BYTES: u32 = 4096;

/** A copy between the bounce page and own memory, inside one page of it. */
function move(address: u64, bytes: u32, out: bool): bool {
  const frame = (address >> 12) as u32;
  const offset = (address as u32) & (PAGE_BYTES - 1);
  const bounce = pageFrame(BOUNCE);
  copyBegin();
  if (out) copyAdd(OWN, false, bounce, 0, OWN, false, frame, offset, bytes);
  else copyAdd(OWN, false, frame, offset, OWN, false, bounce, 0, bytes);
  return copyRun() && copyStatus(0) == 0;
}

function partOf(address: u64, left: u32): u32 {
  return min<u32>(left, PAGE_BYTES - ((address as u32) & (PAGE_BYTES - 1)));
}

/** Reads own memory into linear memory; false: the hypervisor refuses. */
export function readOwn(address: u64, linear: u32, bytes: u32): bool {
  let done: u32 = 0;
  while (done < bytes) {
    const part = partOf(address + (done as u64), bytes - done);
    if (!move(address + (done as u64), part, false)) return false;
    pageCopyIn(BOUNCE, 0, linear + done, part);
    done += part;
  }
  return true;
}

/** Writes linear memory into own memory; false: the hypervisor refuses. */
export function writeOwn(address: u64, linear: u32, bytes: u32): bool {
  let done: u32 = 0;
  while (done < bytes) {
    const part = partOf(address + (done as u64), bytes - done);
    pageCopyOut(BOUNCE, 0, linear + done, part);
    if (!move(address + (done as u64), part, true)) return false;
    done += part;
  }
  return true;
}
