// A guest's memory by its own linear addresses, as the arguments of hypercalls give them. The page
// tables of the guest are its own memory: each entry is read once, and may change between two
// reads.

import {
  CR0_PG,
  CS_LONG,
  EFER_LMA,
  NOWHERE,
  PAGE_ADDRESS,
  PAGE_ADDRESS_1G,
  PAGE_ADDRESS_2M,
  PAGE_LARGE,
} from "./abi.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Operand, Word } from "./lang/word.ts";
import { isGuestFrame, translate, wanted } from "./p2m.ts";

/** Is the vCPU in 64-bit mode? */
export function isLongMode(s: Transaction, vcpu: Word): Bool {
  const vmcb = s.row("vmcb", vcpu);
  return vmcb.efer.has(EFER_LMA).and(vmcb.csAttributes.has(CS_LONG));
}

/** The entry for a linear address in the page table that `above` names; 0 where there is none. */
function level(s: Transaction, domain: Word, above: Word, index: Word): Word {
  const address = above.and(PAGE_ADDRESS).or(index.and(511).shl(3));
  const place = translate(s, domain, address, s.truth(false));
  return s.branch(
    place.eq(NOWHERE),
    () => s.word64(0),
    () => s.machine.load64(place),
  );
}

/** Guest-physical address of a linear address, or NOWHERE. */
export function walk(s: Transaction, vcpu: Word, linear: Word, write: Bool): Word {
  const vmcb = s.row("vmcb", vcpu);
  const domain = s.row("vcpu", vcpu).domain;
  const paged = () =>
    s.attempt(() => {
      s.clause("GUEST-WALK-2", "With paging, only long mode has translations.");
      s.require(vmcb.efer.has(EFER_LMA), NOWHERE);
      s.clause("GUEST-WALK-4", "Bits 63 to 47 of a linear address agree.");
      s.require(linear.add(0x800000000000).lt(0x1000000000000), NOWHERE);
      s.clause(
        "GUEST-WALK-3",
        "Each of four levels must be present, and for a write writable; its entry is read once.",
      );
      const top = level(s, domain, vmcb.cr3, linear.shr(39));
      s.require(top.has(wanted(s, write)), NOWHERE);
      const pointer = level(s, domain, top, linear.shr(30));
      s.require(pointer.has(wanted(s, write)), NOWHERE);
      const physical = s.branch(
        pointer.has(PAGE_LARGE),
        () => pointer.and(PAGE_ADDRESS_1G).or(linear.and(0x3fffffff)),
        () => walkDirectory(s, domain, pointer, linear, write),
      );
      s.clause("GUEST-WALK-5", "Beyond the guest-physical space there is nothing to translate to.");
      s.require(isGuestFrame(physical.shr(12)), NOWHERE);
      return physical;
    });
  s.clause("GUEST-WALK-1", "Without paging, a linear address is a guest-physical one of 32 bits.");
  return s.branch(vmcb.cr0.has(CR0_PG).not(), () => linear.and(0xffffffff), paged);
}

/** The two last levels of the walk. */
function walkDirectory(
  s: Transaction,
  domain: Word,
  pointer: Word,
  linear: Word,
  write: Bool,
): Word {
  const directory = level(s, domain, pointer, linear.shr(21));
  s.require(directory.has(wanted(s, write)), NOWHERE);
  const last = () => {
    const leaf = level(s, domain, directory, linear.shr(12));
    s.require(leaf.has(wanted(s, write)), NOWHERE);
    return leaf.and(PAGE_ADDRESS).or(linear.and(0xfff));
  };
  return s.branch(
    directory.has(PAGE_LARGE),
    () => directory.and(PAGE_ADDRESS_2M).or(linear.and(0x1fffff)),
    last,
  );
}

/** Machine address of the byte at a linear address, or NOWHERE. */
export function locate(s: Transaction, vcpu: Word, linear: Word, write: Bool): Word {
  const [place] = s.block("guest/locate", [vcpu, linear, write], () => {
    const physical = walk(s, vcpu, linear, write);
    const found = s.branch(
      physical.eq(NOWHERE),
      () => s.word64(NOWHERE),
      () => translate(s, s.row("vcpu", vcpu).domain, physical, write),
    );
    return [found];
  });
  return place!;
}

/** Where the argument structure of a hypercall lies in machine memory. */
export interface Argument {
  /** Address of the first byte, and of the first byte on the second page. */
  readonly first: Word;
  readonly second: Word;
  /** Bytes up to the end of the first page. */
  readonly boundary: Word;
}

/** Finds `bytes` bytes at a linear address, or goes on no further. */
export function openArgument(
  s: Transaction,
  vcpu: Word,
  linear: Word,
  bytes: Word,
  write: Bool,
  refusal: Operand,
): Argument {
  s.clause(
    "GUEST-ARGUMENT-1",
    "An argument structure starts at a multiple of 4, in guest memory that the calling vCPU can " +
      "reach, and lies in one page or two. Its pages are found before its words are read.",
  );
  const boundary = boundaryOf(s, linear);
  const [first, second] = s.block("guest/openArgument", [vcpu, linear, bytes, write], () =>
    findArgument(s, vcpu, linear, bytes, write),
  );
  s.require(first!.ne(NOWHERE).and(second!.ne(NOWHERE)), refusal);
  return { first: first!, second: second!, boundary };
}

/** Bytes from a linear address to the end of its page. */
function boundaryOf(s: Transaction, linear: Word): Word {
  return s.word32(0x1000).sub(linear.low().and(0xfff));
}

/** Where the first byte lies, and the first byte of the second page: NOWHERE if there is no such
 *  memory; the second is 0 if it is not needed. */
export function findArgument(
  s: Transaction,
  vcpu: Word,
  linear: Word,
  bytes: Word,
  write: Bool,
): Word[] {
  const boundary = boundaryOf(s, linear);
  const first = s.branch(
    linear.and(3).eq(0),
    () => locate(s, vcpu, linear, write),
    () => s.word64(NOWHERE),
  );
  const second = s.branch(
    first.eq(NOWHERE).or(bytes.le(boundary)),
    () => s.word64(0),
    () => locate(s, vcpu, linear.add(boundary.wide()), write),
  );
  return [first, second];
}

/** Machine address of the word at `offset` (a multiple of 4), or `more` bytes behind it. */
function addressOf(s: Transaction, argument: Argument, offset: Operand, more: number): Word {
  const { first, second, boundary } = argument;
  const place = s.word32(0).sized(offset).add(more);
  const beyond = second.add(place.sub(boundary).wide());
  return boundary.gt(place).choose(first.add(place.wide()), beyond);
}

/** Reads a word of the argument. Each is read once, in the order of the text. */
export function argument32(s: Transaction, argument: Argument, offset: Operand, more = 0): Word {
  return s.machine.load32(addressOf(s, argument, offset, more));
}

export function argument64(s: Transaction, argument: Argument, offset: Operand): Word {
  const low = argument32(s, argument, offset);
  const high = argument32(s, argument, offset, 4);
  return low.wide().or(high.wide().shl(32));
}

/** Writes a word of the argument. */
export function reply32(
  s: Transaction,
  argument: Argument,
  offset: Operand,
  value: Word,
  more = 0,
): void {
  s.machine.store32(addressOf(s, argument, offset, more), value);
}

export function reply64(s: Transaction, argument: Argument, offset: Operand, value: Word): void {
  reply32(s, argument, offset, value.low());
  reply32(s, argument, offset, value.shr(32).low(), 4);
}
