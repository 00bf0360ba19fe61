// Smaller programs that may still do what a program does.

import { type Argument, encode, type Program, type Step } from "./program.ts";

const ZERO: Argument = { back: -1, low: 0, high: 0 };

/** Without pieces of it: halves, quarters, down to single steps, from the end on. */
function* withoutPieces(program: Program): Generator<Program> {
  for (let size = program.length >> 1; size >= 1; size >>= 1) {
    for (let end = program.length; end > 0; end -= size) {
      const from = Math.max(end - size, 0);
      yield [...program.slice(0, from), ...program.slice(end)];
    }
  }
}

function isZero({ back, low, high }: Argument): boolean {
  return back < 0 && low === 0 && high === 0;
}

/** Plainer forms of a step. */
function* plainer(step: Step): Generator<Step> {
  if (step.listed) yield { ...step, listed: false };
  if (step.mode !== 0) yield { ...step, mode: 0 };
  if (step.patience !== 0) yield { ...step, patience: 0 };
  for (const [index, value] of step.values.entries()) {
    if (!isZero(value)) yield { ...step, values: step.values.with(index, ZERO) };
    if (value.high !== 0) {
      yield { ...step, values: step.values.with(index, { ...value, high: 0 }) };
    }
    if (value.back > 0) {
      yield { ...step, values: step.values.with(index, { ...value, back: 0 }) };
    }
  }
}

/** Programs that are smaller than this one, or as long and plainer. */
export function* smallerPrograms(program: Program): Generator<Program> {
  yield* withoutPieces(program);
  for (const [index, step] of program.entries()) {
    for (const other of plainer(step)) {
      yield [...program.slice(0, index), other, ...program.slice(index + 1)];
    }
  }
}

/** The bytes of each smaller program. */
export function* smallerBytes(program: Program): Generator<Uint8Array> {
  for (const smaller of smallerPrograms(program)) yield encode(smaller);
}
