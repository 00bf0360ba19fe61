// The reference monitor: one load and one AND from the dense policy table. Questions are asked
// through access.ts only, which is written from the typed hook table (hooks.ts).

import * as column from "./columns";
import { DENIALS, LABEL_NAME_BYTES, LABELS } from "./limits";
import { emitLine, putDecimal, putText } from "./text";

/** Xen's initial SID of the hypervisor itself, and of what builds the first domains. */
const INITIAL_XENBOOT: u32 = 1;
const INITIAL_XEN: u32 = 2;

/** Row of the policy table for a question. Labels and class are in range by construction. */
function cell(source: u32, target: u32, group: u32): u32 {
  return (((source << 7) | target) << 4) | group;
}

/**
 * May `source` do what `mask` (access vector of class `group`) says to `target`? XSM-DECIDE.
 * A refusal is counted and recorded; no other state changes.
 */
export function decide(source: u32, target: u32, group: u32, mask: u32): bool {
  const row = cell(source, target, group);
  const missing = mask & ~column.policyCellAllowed(row);
  if (missing == 0) return true;
  recordDenial(row, source, target, group, missing);
  return false;
}

function recordDenial(row: u32, source: u32, target: u32, group: u32, missing: u32): void {
  const count = column.policyCellDenied(row);
  if (count != 0xffffffff) column.setPolicyCellDenied(row, count + 1);
  // A permission that was not refused before goes before one that was.
  const fresh = missing & ~column.policyCellSeen(row);
  const permission = ctz(fresh != 0 ? fresh : missing);
  column.setPolicyCellSeen(row, column.policyCellSeen(row) | ((1 as u32) << permission));
  const next = column.denialRingNext();
  const slot = next & (DENIALS - 1);
  column.setDenialSource(slot, source);
  column.setDenialTarget(slot, target);
  column.setDenialClass(slot, group);
  column.setDenialPermission(slot, permission);
  column.setDenialRingNext(next + 1);
  const current = column.cpuCurrent(0);
  if (current != 0) {
    const domain = column.vcpuDomain(current - 1);
    column.setDomainDenials(domain, column.domainDenials(domain) + 1);
  }
  // A permission's first refusal is printed, and a cell's 1st, 2nd, 4th, 8th ...: a flood of them
  // is not one of lines.
  if (fresh != 0 || (count & (count + 1)) == 0) printDenial(slot, count + 1);
}

function putLabel(place: u32, label: u32): u32 {
  let at = place;
  for (let index: u32 = 0; index < LABEL_NAME_BYTES; index++) {
    const byte = column.policyNameByte((label << 6) | index);
    if (byte == 0) break;
    column.setScratchByte(at, byte);
    at++;
  }
  return at;
}

/** A recorded denial on the console: labels by name, class and permission by number (the names are
 *  the policy's, not the core's). */
function printDenial(slot: u32, count: u32): void {
  let at = putText(0, "xenolith: avc: denied scontext=");
  at = putLabel(at, column.denialSource(slot));
  at = putLabel(putText(at, " tcontext="), column.denialTarget(slot));
  at = putDecimal(putText(at, " class="), column.denialClass(slot) as u64);
  at = putDecimal(putText(at, " permission="), column.denialPermission(slot) as u64);
  emitLine(putDecimal(putText(at, " count="), count as u64));
}

/** Label of the hypervisor as a target. */
export function labelXen(): u32 {
  return column.policyInitialLabel(INITIAL_XEN) & (LABELS - 1);
}

/** Label under which the boot pack's commands are carried out. */
export function labelBoot(): u32 {
  return column.policyInitialLabel(INITIAL_XENBOOT) & (LABELS - 1);
}

/** Label of `domain` as the target of `caller`: its own for others, its self label for itself. */
export function labelTarget(caller: u32, domain: u32): u32 {
  return caller == domain ? column.domainSelfLabel(domain) : column.domainLabel(domain);
}

/** Label of an event channel that a domain labelled `source` opens towards `target`. */
export function labelChannel(source: u32, target: u32): u32 {
  return column.policyChannelLabel((source << 7) | target);
}

const MAGIC: u64 = 0x314d53584f4e4558; // "XENOXSM1"
const VERSION: u32 = 1;
const HEADER_BYTES: u32 = 64;

export { HEADER_BYTES, INITIAL_XEN, INITIAL_XENBOOT, MAGIC, VERSION };
