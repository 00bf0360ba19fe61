// Where the fuzzing copy of a core keeps what: the core's own linear memory first, unchanged, then
// the guests' memory and the instruments' notes. All state of a run lies in this one memory, so
// that one undo log brings back everything.

import { linearBytes } from "../../tcb/core/layout.ts";

const PAGE_BYTES = 65536;

/** Machine memory of the world: what the machine layer would report as one range. Half of it lies
 *  behind 8 GiB, where the second words of the core's summaries of free memory begin. */
export const RAM_BYTES = 28 << 20;
export const RAM_BASE = 2 ** 33 - RAM_BYTES / 2;

/** Most counters of an instrumented core, events of a step, and entries of the undo log. */
export const COUNTERS_MAX = 16384;
export const EVENTS_MAX = 65536;
export const LOG_ENTRIES_MAX = 1 << 20;

/** Instructions after which a step is stopped. */
export const ENDLESS = 20_000_000;

export const EVENT_BYTES = 40;
export const LOG_ENTRY_BYTES = 16;

const ram = linearBytes;
const variables = ram + RAM_BYTES;
const weights = variables + PAGE_BYTES;
const counters = weights + COUNTERS_MAX * 2;
const touched = counters + COUNTERS_MAX * 4;
const compared = touched + COUNTERS_MAX * 4;
const comparisons = compared + COUNTERS_MAX;
const events = comparisons + COUNTERS_MAX * 4;
const log = events + EVENTS_MAX * EVENT_BYTES;
const end = log + (LOG_ENTRIES_MAX + 1) * LOG_ENTRY_BYTES;

/** Byte offsets in the memory of the copy. */
export const place = {
  ram,
  variables,
  /** u16 for each counter: how many instructions it stands for. */
  weights,
  /** u32 for each counter: how often it was hit since the last `forget`. */
  counters,
  /** u32s: the counters that are not zero, in the order of their first hit. */
  touched,
  /** u8 for each comparison: how far apart its operands were, a bit for each of eight distances. */
  compared,
  /** u32s: the comparisons that were made. */
  comparisons,
  /** What the core asked of the machine in this step: { u32 id; u64 parameter[3]; u64 result }. */
  events,
  /** What a store replaced: { u32 address; u64 old bytes at it }. */
  log,
} as const;
export const memoryPages = Math.ceil(end / PAGE_BYTES);

const word = (index: number): number => variables + index * 8;

/** Byte offsets of the variables that both sides use. */
export const variable = {
  /** u32: where the next entry goes. */
  logEnd: word(0),
  eventEnd: word(1),
  touchedEnd: word(2),
  /** u32: why the machine refused, a value of `refusal`; u64: for which address. */
  refused: word(3),
  refusedAddress: word(4),
  /** u32: instructions executed since it was set to 0. */
  steps: word(5),
  /** u64: the time-stamp counter, and when the host's timer interrupts (all ones: never). */
  ticks: word(6),
  timer: word(7),
  /** u32: when eventEnd gets here, another CPU stores raceValue (u32) at raceAddress. */
  raceAt: word(8),
  raceAddress: word(9),
  raceValue: word(10),
  /** u32: the code of machine.halt, plus one. */
  halted: word(11),
  /** u32: end of the comparisons that were made. */
  comparedEnd: word(12),
} as const;

/** Why the machine stopped a core. */
export const refusal = {
  none: 0,
  memory: 1,
  logFull: 2,
  eventsFull: 3,
  vcpu: 4,
  endless: 5,
} as const;
export const refusalText = [
  "",
  "the core reached for what is not guest memory",
  "a step stored more than the log can hold",
  "a step asked the machine for more than can be noted",
  "the core named a vCPU that does not exist",
  "the step does not come to an end",
] as const;
