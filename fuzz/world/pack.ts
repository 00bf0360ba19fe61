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
/** Domains that stay empty: with them the first guest's vCPUs have the last row of a timer group
 *  and the one before it, the second's the first rows of the next. */
export const fillers = [
  { domain: 16, label: 2, vcpus: 7 },
  { domain: 17, label: 2, vcpus: 7 },
] as const;
/** The guest that no other has a right to. */
export const OBSERVER = 3;
/** The guest that may use XSAVE and AVX. */
const VECTORS = 1;
/** The guest that builds and destroys others. */
export const KEEPER = 4;

interface Resident {
  readonly domain: number;
  readonly label: number;
  readonly vcpus: number;
}

type Command = readonly [operation: number, domain: number, ...values: (number | bigint)[]];
const FRAMES_LIMIT = 1024;
/** Behind the first superframe: the console ring, and where programs map things. */
export const CONSOLE_GFN = 0x201;

/** What residents hold that run by themselves, on a machine. */
export interface Inside {
  /** Where their vCPUs begin. */
  readonly entry: number;
  /** What a vCPU finds in EBX. */
  readonly told: (domain: number, id: number) => number;
  readonly contents: readonly {
    readonly domain: number;
    readonly address: number;
    readonly bytes: Uint8Array;
  }[];
  /** Ports that they reach without an exit: first and last. */
  readonly ports: readonly (readonly [first: number, last: number])[];
}

/** Residents whose vCPUs never run: programs are told to the core as if they did. */
const EMPTY: Inside = { entry: 0x1000, told: () => 0, contents: [], ports: [] };

function commands({ entry, told, contents, ports }: Inside, contentAt: number): Command[] {
  let at = contentAt;
  const copies = contents.map(({ domain, address, bytes }): Command => {
    const from = at;
    at += bytes.length;
    return [5, domain, address, from, bytes.length];
  });
  const create = ({ domain, label, vcpus }: Resident): Command => {
    const name = new DataView(new TextEncoder().encode(`guest${domain}  `).buffer);
    return [1, domain, label, vcpus, FRAMES_LIMIT, 256, name.getBigUint64(0, true)];
  };
  const built = residents.flatMap(({ domain, label, vcpus }): Command[] => {
    const contexts = Array.from({ length: vcpus }, (_, id): Command => {
      return [8, domain, id, entry, told(domain, id)];
    });
    return [
      create({ domain, label, vcpus }),
      [2, domain, 0],
      ...copies.filter(([, of]) => of === domain),
      [3, domain],
      [7, domain, CONSOLE_GFN],
      [12, domain, 0, 0, 0x200000, 1],
      [12, domain, 1, 0x200000, 0x10000, 2],
      ...(domain === VECTORS ? [[16, domain] as const] : []),
      ...ports.map(([first, last]): Command => [20, domain, first, last]),
      ...contexts,
      [9, domain],
    ];
  });
  return [...fillers.map(create), ...built];
}

/** The bytes of the boot pack. */
export function bootPack(inside: Inside = EMPTY): Uint8Array {
  const table = policyTable();
  const policyAt = HEADER + commands(inside, 0).length * COMMAND;
  const contentAt = policyAt + table.length;
  const rows = commands(inside, contentAt);
  const content = inside.contents.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const pack = new Uint8Array(contentAt + content);
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
  let at = contentAt;
  for (const { bytes } of inside.contents) {
    pack.set(bytes, at);
    at += bytes.length;
  }
  return pack;
}
