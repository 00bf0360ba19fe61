// What happens outside the tables, as a numbered sequence of events. An event's result is a
// function of its number alone: guest memory may change at any moment, so two reads of one place
// have nothing to do with each other, and a read too many or too few shifts all that follow.

import {
  type PrimitiveName,
  primitives,
  resultBits,
  resultWidth,
} from "../../spec/lang/machine.ts";
import {
  add,
  and,
  apply,
  concat,
  constant,
  equal,
  FALSE,
  linearForm,
  normalisedIndex,
  sub,
  type Term,
  truncate,
  ule,
  variable,
  zeroExtend,
} from "../term/index.ts";
import {
  type Column,
  elementWidth,
  type HostFunction,
  indexWidth,
  type State,
} from "../wasm/index.ts";

const RESULT_BITS = 64;

/** Notes an event; gives its number. */
export function note(state: State, name: string, parameters: readonly Term[]): Term {
  const number = state.nextSequence();
  state.output(name, [number, ...parameters]);
  return number;
}

/** Carries out a primitive of the machine; its result, if it has one, has 32 or 64 bits. */
export function perform(
  state: State,
  name: PrimitiveName,
  parameters: readonly Term[],
): Term | undefined {
  const number = note(state, name, parameters);
  const width = resultWidth(name);
  if (width === undefined) return undefined;
  const result = apply("machine.result", [number], RESULT_BITS);
  return zeroExtend(truncate(result, resultBits[name] ?? width), width);
}

/** Where the hypervisor's memory begins: a superframe that is always the same, in the lower half of
 *  the 52 bits that physical addresses have. */
export function linearBase(): Term {
  const superframe = concat(constant(13, 0), variable("machine.linearBase", 30));
  return concat(superframe, constant(21, 0));
}

/** The models of the machine's primitives for the executor. */
export function machineHosts(columns: readonly Column[]): HostFunction[] {
  const names = Object.keys(primitives) as PrimitiveName[];
  const events = names.map((name) => ({
    name: `machine.${name}`,
    parameters: primitives[name].parameters.map((bits) => `u${bits}`),
    effect: (state: State, args: readonly Term[]) => perform(state, name, args),
  }));
  const base = { name: "machine.linearBase", parameters: [], effect: () => linearBase() };
  return [...events, base, writeHost(columns), copyInHost(columns)];
}

/** Lines on the console are for people: what they say is not specified. They come from the scratch
 *  frame and from nowhere else. */
function writeHost(columns: readonly Column[]): HostFunction {
  const scratch = columns.find((column) => column.name === "scratchByte")!;
  const effect = (state: State, [linear, bytes]: readonly Term[]) => {
    const isFrame = equal(linear!, constant(32, scratch.base));
    const fits = ule(bytes!, constant(32, scratch.rows));
    state.require(and(isFrame, fits), "host", "machine.write takes bytes of the scratch frame");
    return undefined;
  };
  return { name: "machine.write", parameters: ["linear", "bytes"], effect };
}

/**
 * Bytes of the machine's memory come to lie in a column of bytes. Each is a function of the event's
 * number and of its place, and of nothing else: whoever shares the memory may have written any.
 */
export function copyIn(state: State, column: Column, row: Term, source: Term, bytes: Term): void {
  const linear = add(row, constant(32, column.base));
  const number = note(state, "copyIn", [linear, source, bytes]);
  const width = indexWidth(column);
  const start = normalisedIndex(row, width);
  state.record.touch(column.name, start, true);
  const element = (offset: Term) =>
    apply("machine.byte", [number, zeroExtend(offset, 32)], elementWidth(column));
  state.writeRange(column.name, { start, count: truncate(bytes, width + 1), element });
}

/** machine.copyIn, into one of these columns: the one that its address begins in. */
function copyInHost(columns: readonly Column[]): HostFunction {
  const effect = (state: State, [linear, source, bytes]: readonly Term[]) => {
    const from = Number(linearForm(linear!).constant);
    const column = columns.find(({ base, rows }) => from >= base && from < base + rows);
    if (column === undefined || column.stride !== 1) {
      state.require(FALSE, "host", "machine.copyIn fills a column of bytes");
      return undefined;
    }
    const row = sub(linear!, constant(32, column.base));
    const total = constant(32, column.rows);
    const fits = and(ule(bytes!, total), ule(row, sub(total, bytes!)));
    if (!state.require(fits, "bounds", `machine.copyIn in ${column.name}`)) return undefined;
    copyIn(state, column, row, source!, bytes!);
    return undefined;
  };
  return { name: "machine.copyIn", parameters: ["linear", "source", "bytes"], effect };
}
