// The boot pack of the small system that programs run in: two guests that talk to each other, one
// that nobody has a right to, and one that builds and destroys (docs/boot-pack.md).

import { policyTable } from "./policy.ts";

const HEADER = 128;
const COMMAND = 64;

/** The guests: domain, label, vCPUs. */
export const residents = [
  { domain: 1, label: 2, vcpus: 2 },
  { domain: 2, label: 3, vcpus: 2 },
  { domain: 3, label: 4, vcpus: 1 },
  { domain: 4, label: 5, vcpus: 1 },
] as const;
/** The guest that no other has a right to. */
export const OBSERVER = 3;
/** The guest that builds and destroys others. */
export const KEEPER = 4;

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
  const table = policyTable();
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
