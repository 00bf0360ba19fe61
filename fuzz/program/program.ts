// A program: what some vCPUs of the world do, one after another. Its bytes are the corpus format;
// any bytes are a program.

import { type Operation, operations } from "./operations.ts";
import { roles } from "./roles.ts";

/** An argument: a number in two halves, or a result of an earlier step. */
export interface Argument {
  /** 0: the newest result of the argument's role, 1 the one before; -1: a number. */
  readonly back: number;
  readonly low: number;
  readonly high: number;
}

export interface Step {
  readonly operation: Operation;
  /** Which vCPU of the world: an index of `actors`. */
  readonly actor: number;
  /** How the caller runs: an index of `modes`. */
  readonly mode: number;
  /** Steps of a resumed call before others have their turn: an index of `patience`. */
  readonly patience: number;
  /** Through a multicall list of one entry. */
  readonly listed: boolean;
  readonly values: readonly Argument[];
}

export type Program = readonly Step[];

/** Most steps of a program. */
export const STEPS_MAX = 64;

/** The vCPUs that act: domain and number. 5 and 6 exist once somebody creates them. */
export const actors: readonly (readonly [domain: number, id: number])[] = [
  [1, 0],
  [2, 0],
  [1, 1],
  [2, 1],
  [4, 0],
  [3, 0],
  [5, 0],
  [6, 0],
];

/** The modes a caller may be in. */
export const modes = [
  ...(["protected", "long", "compatible", "user", "paged", "dirty"] as const),
  /** Long mode whose page tables lie beyond all memory. */
  "lost",
] as const;
/** By the low bits of a step's third byte: most steps are everyday ones. */
const modeOf = [0, 0, 0, 1, 0, 1, 2, 5, 0, 1, 0, 3, 0, 1, 4, 6] as const;
/** Steps of a resumed call: all, or so many. */
export const patience = [Number.POSITIVE_INFINITY, 1, 2, 7] as const;
const patienceOf = [0, 0, 0, 0, 1, 2, 3, 1] as const;

const LITERAL = 250;
const FIRST_RESULT = 176;
const FIRST_EDGE = 112;
const SCALED = 232;

function number(value: bigint): Argument {
  return { back: -1, low: Number(value & 0xffffffffn) | 0, high: Number(value >> 32n) | 0 };
}

interface Choice {
  readonly usual: readonly Argument[];
  readonly edges: readonly Argument[];
}
const choices = new Map<string, Choice>(
  Object.entries(roles).map(([name, { usual, edges }]) => [
    name,
    { usual: usual.map(number), edges: edges.map(number) },
  ]),
);

/** An argument that is this number. */
export const literal = number;

/** An argument of 64 bits, unsigned. */
export function wholeNumber({ low, high }: Argument): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** Reads bytes; behind their end all is zero. */
class Reader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.at++] ?? 0;
  }

  word(): number {
    return this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24);
  }
}

function argument(reader: Reader, role: string): Argument {
  const selector = reader.byte();
  if (selector >= LITERAL) {
    const low = reader.word();
    return { back: -1, low, high: reader.word() };
  }
  const first = reader.byte();
  const second = reader.byte();
  const { usual, edges } = choices.get(role)!;
  if (selector < FIRST_EDGE) return usual[(first | (second << 8)) % usual.length]!;
  if (selector < FIRST_RESULT) return edges[(first | (second << 8)) % edges.length]!;
  if (selector < SCALED) return { back: first & 7, low: 0, high: 0 };
  const shift = (selector - SCALED) * 4;
  return number(BigInt.asUintN(64, BigInt(first | (second << 8)) << BigInt(shift)));
}

/** The program that these bytes are. */
export function decode(bytes: Uint8Array): Program {
  const reader = new Reader(bytes);
  const steps: Step[] = [];
  while (!reader.done && steps.length < STEPS_MAX) {
    const operation = operations[reader.byte() % operations.length]!;
    const actor = reader.byte() % actors.length;
    const flags = reader.byte();
    const values = operation.parameters.map(({ role }) => argument(reader, role));
    steps.push({
      operation,
      actor,
      mode: modeOf[flags & 15]!,
      patience: patienceOf[(flags >> 4) & 7]!,
      listed: (flags & 0x80) !== 0 && operation.kind === "call",
      values,
    });
  }
  return steps;
}

function encodeArgument(value: Argument): number[] {
  if (value.back >= 0) return [FIRST_RESULT, value.back, 0];
  const bytes = (word: number) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 255);
  return [LITERAL, ...bytes(value.low), ...bytes(value.high)];
}

/** Bytes of a program: `decode` makes the same program of them. */
export function encode(program: Program): Uint8Array {
  const bytes = program.flatMap((step) => [
    operations.indexOf(step.operation),
    step.actor,
    modeOf.indexOf(step.mode as 0) |
      (patienceOf.indexOf(step.patience as 0) << 4) |
      (step.listed ? 0x80 : 0),
    ...step.values.flatMap(encodeArgument),
  ]);
  return Uint8Array.from(bytes);
}
