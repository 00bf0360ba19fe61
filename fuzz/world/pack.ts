// The boot pack of the small system that programs run in: two guests that talk to each other, one
// that nobody has a right to, and one that builds and destroys (docs/boot-pack.md).

import { accessVector, classNames, hooks } from "../../tcb/core/hooks.ts";

const LABEL_STRIDE = 128;
const CLASSES = 16;
const POLICY_HEADER = 64;
const HEADER = 128;
const COMMAND = 64;
const SID_BYTES = 64;

/** The guests: domain, label, vCPUs. */
export const residents = [
  { domain: 1, label: 2, vcpus: 2 },
  { domain: 2, label: 3, vcpus: 2 },
  { domain: 3, label: 4, vcpus: 1 },
  { domain: 4, label: 5, vcpus: 1 },
] as const;
/** The guest that no other has a right to. */
export const OBSERVER = 3;

const LABELS = 6;
const BOOT = 0;
const XEN = 1;
const [SECOND, WATCHED, KEEPER] = [3, 4, 5];

/** What builds, stops and governs other domains: the keeper's alone. */
const governs = new Set([
  ...["createDomain", "populate", "reserve", "copyIn", "setDomainParameter", "setConsole"],
  ...["setContext", "unpause", "pause", "destroy", "getInfo", "setSchedule", "loadPolicy"],
  "shutdownRemote",
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
function policy(): Uint8Array {
  const cells = LABELS * LABEL_STRIDE * CLASSES * 4;
  const total = POLICY_HEADER + SID_BYTES + 128 + LABELS * 128 + cells + LABELS * 64;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("XENOXSM1"));
  const header = [1, LABELS, CLASSES, 0, total];
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
    bytes.set(new TextEncoder().encode(`label${label}_t`), at + cells + label * 64);
  }
  return bytes;
}

type Command = readonly [operation: number, domain: number, ...values: (number | bigint)[]];
const FRAMES_LIMIT = 1024;
/** Behind the first superframe: the console ring, and where programs map things. */
export const CONSOLE_GFN = 0x201;

function commands(): Command[] {
  return residents.flatMap(({ domain, label, vcpus }): Command[] => {
    const name = new DataView(new TextEncoder().encode(`guest${domain}  `).buffer);
    const contexts = Array.from({ length: vcpus }, (_, id): Command => [8, domain, id, 0x1000, 0]);
    return [
      [1, domain, label, vcpus, FRAMES_LIMIT, 256, name.getBigUint64(0, true)],
      [2, domain, 0],
      [3, domain],
      [7, domain, CONSOLE_GFN],
      [12, domain, 0, 0, 0x200000, 1],
      [12, domain, 1, 0x200000, 0x10000, 2],
      ...contexts,
      [9, domain],
    ];
  });
}

/** The bytes of the boot pack. */
export function bootPack(): Uint8Array {
  const rows = commands();
  const table = policy();
  const policyAt = HEADER + rows.length * COMMAND;
  const pack = new Uint8Array(policyAt + table.length);
  const view = new DataView(pack.buffer);
  pack.set(new TextEncoder().encode("XENOPACK"));
  view.setUint32(8, 1, true);
  view.setUint32(12, rows.length, true);
  const header = [HEADER, policyAt, table.length, pack.length, pack.length, 0];
  for (const [index, value] of header.entries()) {
    view.setBigUint64(16 + index * 8, BigInt(value), true);
  }
  for (const [row, [operation, domain, ...values]] of rows.entries()) {
    const at = HEADER + row * COMMAND;
    view.setUint32(at, operation, true);
    view.setUint32(at + 4, domain, true);
    for (const [index, value] of values.entries()) {
      view.setBigUint64(at + 8 + index * 8, BigInt(value), true);
    }
  }
  pack.set(table, policyAt);
  return pack;
}
