// Loading the policy (XENOXSM1, xsm-policy/compiler/table.ts) from machine memory. Everything is
// checked before the first column is written: a policy is loaded whole or not at all.

import * as column from "./columns";
import { CLASSES, LABEL_NAME_BYTES, LABELS } from "./limits";
import { copyIn, load8, load32, load64 } from "./machine";
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

/** Copies a valid policy into the columns. */
export function policyLoad(address: u64): void {
  const labels = load32(address + 12);
  let at = address + HEADER_BYTES;
  for (let sid: u32 = 0; sid < 16; sid++) {
    column.setPolicyInitialLabel(sid, load32(at + ((sid << 2) as u64)));
  }
  at += 64;
  for (let label: u32 = 0; label < LABELS; label++) {
    column.setPolicySelfLabel(label, load8(at + (label as u64)));
  }
  at += 128;
  for (let row: u32 = 0; row < min<u32>(labels, LABELS) * 128; row++) {
    column.setPolicyChannelLabel(row, load8(at + (row as u64)));
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
