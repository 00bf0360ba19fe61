// The policy that programs run under, and damaged copies of it for programs that load another.

import { accessVector, classNames, hooks } from "../../tcb/core/hooks.ts";

const LABEL_STRIDE = 128;
const CLASSES = 16;
const POLICY_HEADER = 64;
const SID_BYTES = 64;

const LABELS = 6;
const CELLS_BYTES = LABELS * LABEL_STRIDE * CLASSES * 4;
const SELF_AT = POLICY_HEADER + SID_BYTES;
const CHANNEL_AT = SELF_AT + 128;
const CELLS_AT = CHANNEL_AT + LABELS * 128;
const NAMES_AT = CELLS_AT + CELLS_BYTES;
const POLICY_BYTES = NAMES_AT + LABELS * 64;
const BOOT = 0;
const XEN = 1;
const [SECOND, WATCHED, KEEPER] = [3, 4, 5];

/** What builds, stops and governs other domains: the keeper's alone. */
const governs = new Set([
  ...["createDomain", "populate", "reserve", "copyIn", "setDomainParameter", "setConsole"],
  ...["setContext", "unpause", "pause", "destroy", "getInfo", "setSchedule", "loadPolicy"],
  ...["shutdownRemote", "setChannel", "setGrant", "assignDevice"],
]);
/** What the second guest may not do to the first, so that there are refusals. */
const withheld = new Set(["grantMapWrite", "versionBuildId"]);

type Allowed = (source: number, target: number, hook: string) => boolean;
const allowed: Allowed = (source, target, hook) => {
  if (source === BOOT) return true;
  if (source === WATCHED || target === WATCHED) {
    return !governs.has(hook) && (target === source || (target === XEN && source === WATCHED));
  }
  if (governs.has(hook)) return source === KEEPER;
  if (source === XEN) return false;
  return !(source === SECOND && target !== SECOND && withheld.has(hook));
};

/** The policy as the core loads it (xsm-policy/compiler/table.ts). */
export function policyTable(): Uint8Array {
  const bytes = new Uint8Array(POLICY_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("XENOXSM1"));
  const header = [1, LABELS, CLASSES, 0, POLICY_BYTES];
  for (const [index, value] of header.entries()) view.setUint32(8 + index * 4, value, true);
  for (let sid = 0; sid < 16; sid++) {
    view.setUint32(POLICY_HEADER + sid * 4, [0, BOOT, XEN][sid] ?? 0, true);
  }
  let at = POLICY_HEADER + SID_BYTES;
  for (let label = 0; label < LABELS; label++) bytes[at + label] = label;
  at += 128;
  for (let source = 0; source < LABELS; source++) {
    for (let target = 0; target < LABELS; target++) bytes[at + source * 128 + target] = target;
  }
  at += LABELS * 128;
  for (let source = 0; source < LABELS; source++) {
    for (let target = 0; target < LABELS; target++) {
      for (const hook of hooks.filter(({ name }) => allowed(source, target, name))) {
        const cell = (source * LABEL_STRIDE + target) * CLASSES + classNames.indexOf(hook.class);
        const old = view.getUint32(at + cell * 4, true);
        view.setUint32(at + cell * 4, old | accessVector(hook), true);
      }
    }
  }
  for (let label = 0; label < LABELS; label++) {
    bytes.set(new TextEncoder().encode(`label${label}_t`), at + CELLS_BYTES + label * 64);
  }
  return bytes;
}

/** A byte of a policy that differs from the one in force: where, and what it is. */
type Damage = readonly (readonly [at: number, value: number])[];

const damages: readonly Damage[] = [
  [],
  [[CELLS_AT + (SECOND * LABEL_STRIDE + SECOND) * CLASSES * 4 + 4, 0]],
  [[0, 0]],
  [[4, 0]],
  [[8, 2]],
  [[12, 0]],
  [[12, LABELS - 1]],
  [[12, 129]],
  [[16, 15]],
  [[24, 1]],
  [[POLICY_HEADER + 4, LABELS]],
  [[POLICY_HEADER + 8, LABELS]],
  [[SELF_AT + 5, LABELS]],
  [[CHANNEL_AT + 130, LABELS]],
  [[NAMES_AT + 64, 0x41]],
];

/** Where the copies lie in the keeper's memory. */
export const policies = {
  at: 0x40000,
  stride: 0x10000,
  copies: damages.length,
  bytes: POLICY_BYTES,
} as const;

/** The policy with one of the damages. */
export function damagedPolicy(copy: number): Uint8Array {
  const table = policyTable();
  for (const [at, value] of damages[copy] ?? []) table[at] = value;
  return table;
}
