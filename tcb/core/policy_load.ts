// Loading a policy (XENOXSM1, xsm-policy/compiler/table.ts), at boot and at run time, in steps. It
// is first copied, part by part, into memory that no guest can write; then checked there, some
// labels a step; then it takes the place of the one in force, in one step, whole or not at all.

import { EINVAL, RESUME } from "./abi";
import * as column from "./columns";
import { CLASSES, DOMAINS, LABEL_NAME_BYTES, LABELS, POLICY_BYTES } from "./limits";
import { copyIn } from "./machine";
import { DOMAIN_FREE } from "./states";
import { HEADER_BYTES, INITIAL_XEN, INITIAL_XENBOOT, MAGIC, VERSION } from "./xsm";

/** Bytes that a step copies, and rows of labels that a step checks. */
const PART_BYTES: u32 = 65536;
const PART_LABELS: u32 = 16;

// Where the parts of a policy lie.
const INITIAL_AT: u32 = HEADER_BYTES;
const SELF_AT: u32 = INITIAL_AT + 64;
const CHANNEL_AT: u32 = SELF_AT + 128;
const CELL_BYTES: u32 = 8192; // of a source label: 128 targets * 16 classes * 4 bytes

function cellsAt(labels: u32): u32 {
  return CHANNEL_AT + labels * 128;
}

function namesAt(labels: u32): u32 {
  return cellsAt(labels) + labels * CELL_BYTES;
}

/** A word of the copy. */
function word(at: u32): u32 {
  return (
    column.stagedByte(at) |
    (column.stagedByte(at + 1) << 8) |
    (column.stagedByte(at + 2) << 16) |
    (column.stagedByte(at + 3) << 24)
  );
}

/** Labels of the policy in the copy, whose header was found good. */
function stagedLabels(): u32 {
  return min<u32>(word(12), LABELS);
}

/** Is the header one of a policy of that size? XSM-HEADER-*. */
function headerGood(bytes: u32): bool {
  const labels = word(12);
  if (word(0) != (MAGIC as u32) || word(4) != ((MAGIC >> 32) as u32)) return false;
  if (word(8) != VERSION || word(16) != CLASSES) return false;
  if (labels == 0 || labels > LABELS || labels < column.policyLabels()) return false;
  if (word(24) != bytes || bytes != namesAt(labels) + labels * LABEL_NAME_BYTES) return false;
  return (
    word(INITIAL_AT + (INITIAL_XENBOOT << 2)) < labels &&
    word(INITIAL_AT + (INITIAL_XEN << 2)) < labels
  );
}

/** Do 128 bytes of the copy name labels of it? */
function rowGood(at: u32, labels: u32): bool {
  for (let index: u32 = 0; index < LABELS; index++) {
    if (column.stagedByte(at + index) >= labels) return false;
  }
  return true;
}

/** Is a label that is in force the same in the copy? Domains and channels keep theirs. */
function nameKept(label: u32, labels: u32): bool {
  if (label >= column.policyLabels()) return true;
  const name = namesAt(labels) + label * LABEL_NAME_BYTES;
  for (let index: u32 = 0; index < LABEL_NAME_BYTES; index++) {
    if (column.stagedByte(name + index) != column.policyNameByte((label << 6) | index))
      return false;
  }
  return true;
}

/** Are the next labels' rows good? XSM-LABELS-*. */
function labelsGood(first: u32, labels: u32): bool {
  for (let index: u32 = 0; index < PART_LABELS; index++) {
    const label = first + index;
    if (label >= labels) return true;
    if (!rowGood(CHANNEL_AT + (label << 7), labels) || !nameKept(label, labels)) return false;
  }
  return true;
}

/** The copy takes the place of the policy in force. XSM-LOAD-*. */
function putInForce(labels: u32): void {
  const cells = cellsAt(labels);
  const names = namesAt(labels);
  for (let sid: u32 = 0; sid < 16; sid++) {
    column.setPolicyInitialLabel(sid, word(INITIAL_AT + (sid << 2)));
  }
  memory.copy(column.policySelfLabelBase, column.stagedByteBase + SELF_AT, LABELS);
  memory.copy(
    column.policyChannelLabelBase,
    column.stagedByteBase + CHANNEL_AT,
    min<u32>(labels, LABELS) << 7,
  );
  memory.copy(
    column.policyCellAllowedBase,
    column.stagedByteBase + cells,
    min<u32>(labels, LABELS) * CELL_BYTES,
  );
  memory.copy(
    column.policyNameByteBase,
    column.stagedByteBase + names,
    min<u32>(labels, LABELS) * LABEL_NAME_BYTES,
  );
  column.setPolicyLabels(labels);
  column.setPolicySequence(column.policySequence() + 1);
  column.setPolicyLoaded(1);
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    if (column.domainState(domain) == DOMAIN_FREE) continue;
    column.setDomainSelfLabel(domain, column.policySelfLabel(column.domainLabel(domain)));
  }
}

/** Ends a load, well or not. */
function finish(result: i64): i64 {
  column.setStageBytes(0);
  return result;
}

/** Checks a complete copy, a part a step, then puts it in force. */
function check(bytes: u32): i64 {
  const labels = stagedLabels();
  const first = column.stageChecked();
  if (first == 0 && !headerGood(bytes)) return finish(EINVAL);
  if (first >= labels) {
    putInForce(labels);
    return finish(0);
  }
  if (first == 0 && !rowGood(SELF_AT, labels)) return finish(EINVAL);
  if (!labelsGood(first, labels)) return finish(EINVAL);
  column.setStageChecked(first + PART_LABELS);
  return RESUME;
}

/** One step of loading the policy of `bytes` bytes at machine address `source`; RESUME while there
 *  is more to do. Another source begins again. XSM-STAGE-*. */
export function policyStep(source: u64, bytes: u64): i64 {
  if (bytes == 0 || bytes > (POLICY_BYTES as u64)) return EINVAL;
  if (column.stageSource() != source || (column.stageBytes() as u64) != bytes) {
    column.setStageSource(source);
    column.setStageBytes(bytes as u32);
    column.setStageCopied(0);
    column.setStageChecked(0);
  }
  const copied = column.stageCopied();
  if (copied >= (bytes as u32)) return check(bytes as u32);
  const part = min<u32>((bytes as u32) - copied, PART_BYTES);
  copyIn(column.stagedByteBase + copied, source + (copied as u64), part);
  column.setStageCopied(copied + part);
  return RESUME;
}
