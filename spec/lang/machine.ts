// The primitives of the machine that an operation may use (tcb/core/machine.ts). Each use is one
// event; events happen in the order in which the text names them, and every word that a guest can
// write is read as if it had changed since the last event.

import type { Bits, Operand, Word } from "./word.ts";

interface Primitive {
  readonly parameters: readonly Bits[];
  readonly result?: Bits;
}

export const primitives = {
  load8: { parameters: [64], result: 32 },
  load16: { parameters: [64], result: 32 },
  load32: { parameters: [64], result: 32 },
  load64: { parameters: [64], result: 64 },
  store8: { parameters: [64, 32] },
  store32: { parameters: [64, 32] },
  store64: { parameters: [64, 64] },
  or64: { parameters: [64, 64], result: 64 },
  and64: { parameters: [64, 64], result: 64 },
  exchange8: { parameters: [64, 32], result: 32 },
  compareExchange16: { parameters: [64, 32, 32], result: 32 },
  copy: { parameters: [64, 64, 32] },
  zero: { parameters: [64, 32] },
  timestamp: { parameters: [], result: 64 },
  setTimer: { parameters: [64] },
  cpuid: { parameters: [32, 32, 32], result: 32 },
  switchState: { parameters: [32, 32] },
  predictorBarrier: { parameters: [] },
  readByte: { parameters: [], result: 32 },
  halt: { parameters: [32] },
} as const satisfies Record<string, Primitive>;

export type PrimitiveName = keyof typeof primitives;

/** How many bits of a result can be set: the machine gives no more. */
export const resultBits: Readonly<Partial<Record<PrimitiveName, number>>> = {
  load8: 8,
  load16: 16,
  exchange8: 8,
  compareExchange16: 16,
};

/** Bits of a primitive's result; none if it has no result. */
export function resultWidth(name: PrimitiveName): Bits | undefined {
  const primitive: Primitive = primitives[name];
  return primitive.result;
}

type Operands<Widths extends readonly Bits[]> = Widths extends readonly [
  Bits,
  ...infer Rest extends readonly Bits[],
]
  ? [Operand, ...Operands<Rest>]
  : [];
type Result<Name extends PrimitiveName> = (typeof primitives)[Name] extends { result: Bits }
  ? Word
  : undefined;

/** The primitives as functions of words. */
export type Machine = {
  readonly [Name in PrimitiveName]: (
    ...parameters: Operands<(typeof primitives)[Name]["parameters"]>
  ) => Result<Name>;
};
