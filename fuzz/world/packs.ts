// Boot packs to begin with: a good one, and others of which one thing is wrong or unusual.

import { bootPack } from "./pack.ts";

const ROWS_AT = 128;
const POLICY_AT = 24;
const HEADER_END = 127;
/** Bytes of the header that say nothing. */
const UNUSED_AT = 64;
/** Of these, so many are changed: different machines are met by them (fuzz/targets/hosts.ts). */
const VARIANTS = 16;

/** A change of a good pack. */
export interface Damage {
  readonly says: string;
  readonly change?: (pack: DataView) => void;
  /** How much of it is left. */
  readonly bytes?: number;
  /** The machine stops. */
  readonly stops: boolean;
}

export const damages: readonly Damage[] = [
  { says: "a good pack", stops: false },
  { says: "a mark that is wrong", stops: true, change: (pack) => pack.setUint8(0, 0) },
  { says: "another version", stops: true, change: (pack) => pack.setUint32(8, 2, true) },
  { says: "a header that is cut off", stops: true, bytes: HEADER_END },
  { says: "too many commands", stops: true, change: (pack) => pack.setUint32(12, 65537, true) },
  { says: "a table outside", stops: true, change: (pack) => pack.setUint32(20, 1, true) },
  { says: "another length", stops: true, change: (pack) => pack.setUint32(40, 1, true) },
  { says: "a banner outside", stops: false, change: (pack) => pack.setUint32(52, 1, true) },
  { says: "a banner too long", stops: false, change: (pack) => pack.setUint32(56, 4097, true) },
  { says: "a banner", stops: false, change: (pack) => banner(pack, 8n) },
  { says: "the longest banner", stops: false, change: (pack) => banner(pack, 4096n) },
  { says: "a policy outside", stops: true, change: (pack) => pack.setUint32(28, 1, true) },
  { says: "a policy that is none", stops: true, change: damagePolicy },
  {
    says: "a command that fails",
    stops: true,
    change: (pack) => pack.setUint32(ROWS_AT, 99, true),
  },
  { says: "a copy from outside", stops: true, change: copyOutside },
];

function banner(pack: DataView, bytes: bigint): void {
  pack.setBigUint64(48, 0n, true);
  pack.setBigUint64(56, bytes, true);
}

function damagePolicy(pack: DataView): void {
  pack.setUint8(Number(pack.getBigUint64(POLICY_AT, true)) + 3, 0);
}

/** A copy of which the last byte lies behind the pack. */
function copyOutside(pack: DataView): void {
  pack.setUint32(ROWS_AT, 5, true);
  pack.setBigUint64(ROWS_AT + 16, BigInt(pack.byteLength - 7), true);
  pack.setBigUint64(ROWS_AT + 24, 8n, true);
}

/** The pack with that damage. */
export function damaged({ change, bytes }: Damage): Uint8Array {
  const pack = bootPack();
  change?.(new DataView(pack.buffer));
  return pack.subarray(0, bytes ?? pack.length);
}

/** All of them, and the good one with bytes that mean nothing. */
export function bootPacks(): Uint8Array[] {
  const variants = Array.from({ length: VARIANTS }, (_, value) => {
    const pack = bootPack();
    pack[UNUSED_AT] = value + 1;
    return pack;
  });
  return [...damages.map(damaged), ...variants];
}
