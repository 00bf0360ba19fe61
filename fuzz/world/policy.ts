// The policy that programs run under, and damaged copies of it for programs that load another.

import { accessVector, classNames, hooks } from "../../tcb/core/hooks.ts";

const LABEL_STRIDE = 128;
const CLASSES = 16;
const POLICY_HEADER = 64;
const SID_BYTES = 64;

const LABELS = 7;
const CELLS_BYTES = LABELS * LABEL_STRIDE * CLASSES * 4;
const SELF_AT = POLICY_HEADER + SID_BYTES;
const CHANNEL_AT = SELF_AT + 128;
const CELLS_AT = CHANNEL_AT + LABELS * 128;
const NAMES_AT = CELLS_AT + CELLS_BYTES;
const POLICY_BYTES = NAMES_AT + LABELS * 64;
const BOOT = 0;
const XEN = 1;
/** The last is what the first guest is to itself. */
const [FIRST, SECOND, WATCHED, KEEPER, FIRST_SELF] = [2, 3, 4, 5, 6];

/** What builds, stops and governs other domains: the keeper's alone. */
const governs = new Set([
  ...["createDomain", "populate", "reserve", "copyIn", "setDomainParameter", "setConsole"],
  ...["setContext", "unpause", "pause", "destroy", "getInfo", "setSchedule", "loadPolicy"],
  ...["shutdownRemote", "setChannel", "setGrant", "assignDevice"],
]);
/** What the second guest may not do to the first, so that there are refusals. */
const withheld = new Set(["grantMapWrite", "versionBuildId"]);

type Allowed = (source: number, target: number, hook: string) => boolean;
/** What the watched domain may not do to itself or ask of Xen: refusals that disturb nobody else. */
const denied = new Set([
  ...["versionExtra", "versionCompileInfo", "versionCapabilities", "versionChangeset"],
  ...["versionPageSize", "versionHandle", "versionCommandLine", "setParameter", "getParameter"],
  ...["hvmControl", "adjustMemory", "consoleWrite", "schedule", "shutdownSelf", "eventReset"],
]);
const allowed: Allowed = (source, target, hook) => {
  if (source === BOOT) return true;
  if (target === FIRST_SELF) return source === FIRST && !governs.has(hook);
  if (source === WATCHED && denied.has(hook)) return false;
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
  for (let label = 0; label < LABELS; label++) {
    bytes[at + label] = label === FIRST ? FIRST_SELF : label;
  }
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
  // The two that talk to each other lose every right.
  [FIRST, SECOND].flatMap((label) =>
    Array.from({ length: LABELS * CLASSES * 4 }, (_, byte): [number, number] => {
      return [CELLS_AT + label * LABEL_STRIDE * CLASSES * 4 + byte, 0];
    }),
  ),
];
/** The number of the copy by which guests lose their rights. */
const STRICT = damages.length - 1;

/** Where the copies lie in the keeper's memory. */
export const policies = {
  at: 0x40000,
  stride: 0x10000,
  copies: damages.length,
  /** Where the one lies by which the guests lose every right. */
  strict: 0x40000 + STRICT * 0x10000,
  bytes: POLICY_BYTES,
} as const;

/** The policy with one of the damages. */
export function damagedPolicy(copy: number): Uint8Array {
  const table = policyTable();
  for (const [at, value] of damages[copy] ?? []) table[at] = value;
  return table;
}
