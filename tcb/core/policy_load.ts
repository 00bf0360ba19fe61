// Loading the policy (XENOXSM1, xsm-policy/compiler/table.ts) from machine memory. Everything is
// checked before the first column is written: a policy is loaded whole or not at all.

import { EINVAL } from "./abi";
import * as column from "./columns";
import { CLASSES, DOMAINS, LABEL_NAME_BYTES, LABELS } from "./limits";
import { copyIn, load8, load32, load64 } from "./machine";
import { DOMAIN_FREE } from "./states";
import { HEADER_BYTES, INITIAL_XEN, INITIAL_XENBOOT, MAGIC } from "./xsm";

const VERSION: u32 = 1;
const ROW_BYTES: u64 = 8192; // 128 targets * 16 classes * 4 bytes

/** Bytes of a policy of `labels` labels: header, initial SIDs, self, channel, cells, names. */
function policyBytes(labels: u64): u64 {
  return HEADER_BYTES + 64 + 128 + labels * 128 + labels * ROW_BYTES + labels * 64;
}

/** Does every label that the policy names exist? */
function labelsExist(address: u64, labels: u32): bool {
  const initial = address + HEADER_BYTES;
  if (load32(initial + (INITIAL_XENBOOT << 2)) >= labels) return false;
  if (load32(initial + (INITIAL_XEN << 2)) >= labels) return false;
  const tables = initial + 64;
  const count: u32 = 128 + min<u32>(labels, LABELS) * 128;
  for (let index: u32 = 0; index < min<u32>(count, 128 + LABELS * 128); index++) {
    if (load8(tables + (index as u64)) >= labels) return false;
  }
  return true;
}

/** Is there a well-formed policy at `address`? XSM-LOAD-*. */
export function policyValid(address: u64, bytes: u64): bool {
  if (bytes < HEADER_BYTES || load64(address) != MAGIC) return false;
  const labels = load32(address + 12);
  if (load32(address + 8) != VERSION || load32(address + 16) != CLASSES) return false;
  if (labels == 0 || labels > LABELS) return false;
  if ((load32(address + 24) as u64) != bytes || bytes != policyBytes(labels as u64)) return false;
  return labelsExist(address, labels);
}

/** Labels of a policy. A guest may write between two looks, so that each look keeps to the limit. */
function labelsOf(address: u64): u32 {
  return min<u32>(load32(address + 12), LABELS);
}

/** Copies a valid policy into the columns. */
export function policyLoad(address: u64): void {
  const labels = labelsOf(address);
  let at = address + HEADER_BYTES;
  for (let sid: u32 = 0; sid < 16; sid++) {
    column.setPolicyInitialLabel(sid, load32(at + ((sid << 2) as u64)));
  }
  at += 64;
  for (let label: u32 = 0; label < LABELS; label++) {
    // Masked, because a guest's other CPU may have written since the check.
    column.setPolicySelfLabel(label, load8(at + (label as u64)) & (LABELS - 1));
  }
  at += 128;
  for (let row: u32 = 0; row < min<u32>(labels, LABELS) * 128; row++) {
    column.setPolicyChannelLabel(row, load8(at + (row as u64)) & (LABELS - 1));
  }
  at += (labels as u64) * 128;
  for (let label: u32 = 0; label < min<u32>(labels, LABELS); label++) {
    copyIn(column.policyCellAllowedBase + (label << 13), at, 4096);
    copyIn(column.policyCellAllowedBase + (label << 13) + 4096, at + 4096, 4096);
    at += ROW_BYTES;
  }
  copyIn(column.policyNameByteBase, at, labels * LABEL_NAME_BYTES);
  column.setPolicyLabels(labels);
  column.setPolicySequence(column.policySequence() + 1);
  column.setPolicyLoaded(1);
}

/** Is the name at `address` that of a label in force? */
function sameName(address: u64, label: u32): bool {
  for (let index: u32 = 0; index < LABEL_NAME_BYTES; index++) {
    const byte = column.policyNameByte((label << 6) | index);
    if (load8(address + (index as u64)) != byte) return false;
  }
  return true;
}

/** Does a valid policy give the labels that are in force the same numbers and names? */
function keepsLabels(address: u64): bool {
  const labels = labelsOf(address) as u64;
  const kept = column.policyLabels();
  if (labels < (kept as u64)) return false;
  let name = address + policyBytes(labels) - labels * LABEL_NAME_BYTES;
  for (let label: u32 = 0; label < min<u32>(kept, LABELS); label++) {
    if (!sameName(name, label)) return false;
    name += LABEL_NAME_BYTES;
  }
  return true;
}

/** Puts another policy in the place of the one in force, whole or not at all. Domains and channels
 *  keep their labels, so that the new policy begins with those of the old one. XSM-RELOAD-*. */
export function policyReload(address: u64, bytes: u64): i64 {
  if (!policyValid(address, bytes) || !keepsLabels(address)) return EINVAL;
  policyLoad(address);
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    if (column.domainState(domain) == DOMAIN_FREE) continue;
    column.setDomainSelfLabel(domain, column.policySelfLabel(column.domainLabel(domain)));
  }
  return 0;
}
