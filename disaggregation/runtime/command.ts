// HYPERVISOR_control (docs/boot-pack.md): one row, built in the page of arguments, that carries the
// answer back.

import { pageAddress } from "./hypercall";
import { PAGE_ARGUMENTS } from "./places";
import { hypercall, pageLoad64, pageStore32, pageStore64 } from "./world";

const CONTROL_OP: u32 = 60;
const ROW: u32 = 3072;
const WORDS: u32 = 7;

/** Begins a command; all its words are zero. */
export function commandBegin(operation: u32, domain: u32): void {
  pageStore32(PAGE_ARGUMENTS, ROW, operation);
  pageStore32(PAGE_ARGUMENTS, ROW + 4, domain);
  for (let index: u32 = 0; index < WORDS; index++) commandWord(index, 0);
}

/** Sets a word: 0 to 6 are a to g. */
export function commandWord(index: u32, value: u64): void {
  pageStore64(PAGE_ARGUMENTS, ROW + 8 + (index << 3), value);
}

/** Carries the command out: 0, or a negative error. */
export function commandRun(): i64 {
  return hypercall(CONTROL_OP, pageAddress(PAGE_ARGUMENTS) + (ROW as u64), 0, 0);
}

/** A word of the row as it is now: the answer of a command that has one. */
export function commandAnswer(index: u32): u64 {
  return pageLoad64(PAGE_ARGUMENTS, ROW + 8 + (index << 3));
}

/** A command with up to three words. */
export function command(operation: u32, domain: u32, a: u64, b: u64, c: u64): i64 {
  commandBegin(operation, domain);
  commandWord(0, a);
  commandWord(1, b);
  commandWord(2, c);
  return commandRun();
}
