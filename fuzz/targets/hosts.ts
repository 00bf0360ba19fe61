// Machines that a boot finds: the loader's report and the CPU's own. Which one an input meets
// follows from its bytes, so that the same input always meets the same.

import { type CpuidSource, everything } from "../../tcb/machine/sim/cpuid.ts";
import type { SimulatedMachine } from "../../tcb/machine/sim/machine.ts";
import { RAM_BASE, RAM_BYTES } from "../instrument/places.ts";

export interface Host {
  readonly cpuid: CpuidSource;
  readonly tscKilohertz: number;
  /** Memory as the loader reports it: address and bytes of each range. */
  readonly ranges: readonly (readonly [address: bigint, bytes: bigint])[];
}

const XSAVE_LEAF = 13;
const AVX = 4;
/** A CPU without AVX: its image of extended state is the smallest. */
const withoutAvx: CpuidSource = (leaf, subleaf) => {
  const [eax = 0, ...rest] = everything(leaf, subleaf);
  return leaf === XSAVE_LEAF && subleaf === 0
    ? [eax & ~AVX, ...(rest as [number, number, number])]
    : everything(leaf, subleaf);
};

const whole = [[BigInt(RAM_BASE), BigInt(RAM_BYTES)]] as const;
const HALF = BigInt(RAM_BYTES) / 2n;
const pieces = [
  [BigInt(RAM_BASE), HALF - 4096n],
  [BigInt(RAM_BASE) + HALF, HALF],
] as const;
/** Behind the last superframe that the core can count. */
const far = [...whole, [1n << 45n, 1n << 30n]] as const;

const usual: Host = { cpuid: everything, tscKilohertz: 1_000_000, ranges: whole };
const hosts: readonly Host[] = [
  usual,
  { ...usual, cpuid: withoutAvx, tscKilohertz: 0 },
  { ...usual, ranges: pieces, tscKilohertz: 2_500_000 },
  { ...usual, ranges: far, tscKilohertz: 0xffffffff },
];

/** The host that these bytes meet: of four, mostly the first. */
export function hostOf(bytes: Uint8Array): Host {
  let sum = bytes.length;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) | 0;
  return hosts[(sum >>> 4) & 7] ?? usual;
}

/** Writes what the loader would report. */
export function report(machine: SimulatedMachine, { ranges, tscKilohertz }: Host): void {
  const { columns } = machine;
  columns.write("bootTscKilohertz", 0, tscKilohertz);
  columns.write("bootRanges", 0, ranges.length);
  for (const [row, [address, bytes]] of ranges.entries()) {
    columns.write("rangeAddress", row, address);
    columns.write("rangeBytes", row, bytes);
  }
}
