// What a primitive of the machine weighs: 1 for each 8 bytes that it moves, and at least 1.

import { columns } from "../../tcb/core/layout.ts";

export interface Primitive {
  /** Which parameter is the number of bytes, if one is. */
  readonly bytes?: number;
  /** The most bytes that the primitive takes (tcb/core/machine.ts), or always moves. */
  readonly most: number;
}

const SUPERFRAME_BYTES = 0x200000;
const LIMIT_COPY_IN = 8192;
const WORD_BYTES = 8;

const state = columns.find(({ name }) => name === "stateWord")!;
const rowsOfVcpus = columns.find(({ name }) => name === "vcpuState")!.rows;
/** Saved for one vCPU and loaded for another. */
const STATE_BYTES = (2 * state.rows * state.width) / rowsOfVcpus;

const moving: Readonly<Record<string, Primitive>> = {
  copy: { bytes: 2, most: SUPERFRAME_BYTES },
  zero: { bytes: 1, most: SUPERFRAME_BYTES },
  copyIn: { bytes: 2, most: LIMIT_COPY_IN },
  write: { bytes: 1, most: 4096 },
  switchState: { most: STATE_BYTES },
};

/** The primitive of that name; those that move single words weigh 1. */
export const primitiveOf = (name: string): Primitive => moving[name] ?? { most: WORD_BYTES };

/** So many bytes, as instructions. */
export const weightOf = (bytes: bigint): bigint => (bytes + 7n) / 8n;
