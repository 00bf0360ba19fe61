// A policy table under which everything is permitted, made straight from the typed hook table: for
// tests and measurements of what lies behind the policy. Appliances never get it.

import { accessVector, classNames, hooks } from "../tcb/core/hooks.ts";
import {
  encodeTable,
  INITIAL_SID_COUNT,
  LABEL_LIMIT_COUNT,
  NO_LABEL,
  TABLE_CLASS_COUNT,
} from "../xsm-policy/compiler/table.ts";

/** Labels of the table, in this order. */
const LABELS = [
  "system_u:system_r:xenboot_t",
  "system_u:system_r:xen_t",
  "system_u:system_r:guest_t",
];
const BOOT = 0;
const XEN = 1;

/** The label of guests under the table. */
export const ALLOWED_GUEST = 2;

/** The table's bytes. */
export function allowTable(): Uint8Array {
  const count = LABELS.length;
  const allowed = new Uint32Array(count * LABEL_LIMIT_COUNT * TABLE_CLASS_COUNT);
  for (const row of hooks) {
    for (let source = 0; source < count; source++) {
      for (let target = 0; target < count; target++) {
        const label = (source * LABEL_LIMIT_COUNT + target) * TABLE_CLASS_COUNT;
        allowed[label + classNames.indexOf(row.class)]! |= accessVector(row);
      }
    }
  }
  // An event channel carries the label of the domain that it leads to.
  const channel = new Uint8Array(count * LABEL_LIMIT_COUNT);
  for (let source = 0; source < count; source++) {
    for (let target = 0; target < count; target++)
      channel[source * LABEL_LIMIT_COUNT + target] = target;
  }
  const self = new Uint8Array(LABEL_LIMIT_COUNT);
  for (let label = 0; label < count; label++) self[label] = label;
  const initialSids = new Array<number>(INITIAL_SID_COUNT).fill(NO_LABEL);
  initialSids[1] = BOOT;
  initialSids[2] = XEN;
  return encodeTable({ names: LABELS, initialSids, self, channel, allowed });
}
