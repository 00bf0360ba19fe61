// Two policy tables made straight from the typed hook table, for boots that name no policy of their
// own: `isolate` (a guest may do to itself what a guest needs, and nothing to another) and `allow`
// (everything is permitted; for tests of what lies behind the policy). XENOXSM1, see
// xsm-policy/compiler/table.ts.

import { createHash } from "node:crypto";
import { accessVector, classNames, type Hook, hooks } from "../tcb/core/hooks.ts";

const LABEL_STRIDE = 128;
const CLASSES = 16;
const HEADER_BYTES = 64;
const NO_LABEL = 0xffffffff;

/** Labels of the made tables, in this order. */
const LABELS = [
  "system_u:system_r:xenboot_t",
  "system_u:system_r:xen_t",
  "system_u:system_r:guest_t",
  "system_u:system_r:alone_t",
];
const BOOT = 0;
const XEN = 1;
const GUEST = 2;
/** A guest that runs with no other: it may do anything to itself. */
const ALONE = 3;
/** Initial SIDs by Xen's numbers. */
const INITIAL_SIDS = [NO_LABEL, BOOT, XEN];

export type TableKind = "isolate" | "allow";

/** What a guest may do under `isolate`: all that stays its own. Two guests share one label here, so
 *  whatever could name another domain is left out. */
const OWN = new Set([
  "version",
  "versionExtra",
  "versionCapabilities",
  "versionPageSize",
  "schedule",
  "timer",
  "area",
  "port",
  "memory",
  "physdev",
  "shutdownSelf",
  "mapPage",
  "adjustMemory",
  "getParameter",
  "setParameter",
  "hvmControl",
  "consoleWrite",
  "eventStatus",
  "grantSetup",
  "grantQuery",
]);
/** What builds the first domains. */
const BUILDS = new Set([
  "createDomain",
  "populate",
  "reserve",
  "copyIn",
  "setDomainParameter",
  "setConsole",
  "setContext",
  "unpause",
  "setSchedule",
]);

function grant(cells: Uint32Array, source: number, target: number, row: Hook): void {
  const cell = (source * LABEL_STRIDE + target) * CLASSES + classNames.indexOf(row.class);
  cells[cell] = (cells[cell]! | accessVector(row)) >>> 0;
}

function cells(kind: TableKind): Uint32Array {
  const made = new Uint32Array(LABELS.length * LABEL_STRIDE * CLASSES);
  for (const row of hooks) {
    if (BUILDS.has(row.name)) {
      for (const target of [XEN, GUEST, ALONE]) grant(made, BOOT, target, row);
    } else {
      for (const target of [XEN, ALONE]) grant(made, ALONE, target, row);
    }
    if (kind === "allow") for (const target of [XEN, GUEST]) grant(made, GUEST, target, row);
    if (kind === "isolate" && OWN.has(row.name)) {
      grant(made, GUEST, row.target === "xen" ? XEN : GUEST, row);
    }
  }
  return made;
}

/** The bytes of a table, and the label index that `seclabel` names. */
export function policyTable(kind: TableKind): { bytes: Uint8Array; labels: Map<string, number> } {
  const count = LABELS.length;
  const total =
    HEADER_BYTES + 64 + 128 + count * 128 + count * LABEL_STRIDE * CLASSES * 4 + count * 64;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("XENOXSM1"));
  for (const [at, value] of [
    [8, 1],
    [12, count],
    [16, CLASSES],
    [24, total],
  ]) {
    view.setUint32(at!, value!, true);
  }
  let at = HEADER_BYTES;
  for (let sid = 0; sid < 16; sid++)
    view.setUint32(at + sid * 4, INITIAL_SIDS[sid] ?? NO_LABEL, true);
  at += 64;
  for (let label = 0; label < count; label++) bytes[at + label] = label;
  at += 128;
  // An event channel carries the label of the domain that it leads to.
  for (let source = 0; source < count; source++) {
    for (let target = 0; target < count; target++) bytes[at + source * 128 + target] = target;
  }
  at += count * 128;
  for (const value of cells(kind)) {
    view.setUint32(at, value, true);
    at += 4;
  }
  for (const [index, name] of LABELS.entries()) {
    bytes.set(new TextEncoder().encode(name), at + index * 64);
  }
  bytes.set(createHash("sha256").update(bytes.subarray(HEADER_BYTES)).digest(), 32);
  return { bytes, labels: new Map(LABELS.map((name, index) => [name, index])) };
}
