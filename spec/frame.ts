// Machine memory. It is owned in superframes of 2 MiB. A superframe is in the pool, or a domain's:
// then it is whole (one extent, mapped by one leaf of 2 MiB), or split into 512 frames, of which
// each is memory, special, or free in its owner's reservation. Reservations share nothing, so no
// domain learns from its own what another has.

import { FRAMES_PER_SUPERFRAME, SCRUB_PARTS, SUPERFRAMES } from "../tcb/core/limits.ts";
import type { Found, Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { FRAME_FREE, FRAME_MEMORY } from "./states.ts";

const FRAME_BYTES = 0x1000;
const SUPERFRAME_BYTES = 0x200000;
/** Frames that one word of a superframe's bitmap is about, and words of it. */
const PARTS = 8;
/** A frame's counter stops short of its greatest value: a split adds one more. */
const REFERENCES_MOST = 0xfffe;
const REFERENCE_BITS = 0xffff;

/** Machine address of a frame. */
export const addressOfFrame = (frame: Word): Word => frame.wide().shl(12);

/** The superframe that a frame lies in. */
export const superframeOf = (frame: Word): Word => frame.shr(9);

/** Mappings and pins of a frame: its own, and the leaves of its superframe. */
export function frameUses(s: Transaction, frame: Word): Word {
  return s.row("frame", frame).references.add(s.row("super", superframeOf(frame)).references);
}

/** Can the frame's counter take one more? */
export function isCountable(s: Transaction, frame: Word): Bool {
  return s.row("frame", frame).references.lt(REFERENCES_MOST);
}

/** A frame counts one more mapping or pin. */
export function addReference(s: Transaction, frame: Word): void {
  s.clause("FRAME-COUNT-1", "A mapping or pin of a frame counts for it, and for its superframe.");
  const row = s.row("frame", frame);
  const around = s.row("super", superframeOf(frame));
  row.set({ references: row.references.add(1) });
  around.set({ uses: around.uses.add(1) });
}

/** A frame counts one mapping or pin less. */
export function dropReference(s: Transaction, frame: Word): void {
  s.clause("FRAME-COUNT-2", "What ends a mapping or pin takes it off both counts.");
  const row = s.row("frame", frame);
  const around = s.row("super", superframeOf(frame));
  // Counts are exact, so none is taken off zero.
  row.set({ references: row.references.sub(1).and(REFERENCE_BITS) });
  around.set({ uses: around.uses.sub(1) });
}

// ---- superframes --------------------------------------------------------------------------------

/** The lowest superframe of the pool. */
export function poolFirst(s: Transaction): Found {
  const word = s.least(SUPERFRAMES / 64, (at) => s.row("pool", at).word.ne(0));
  const within = word.exists.choose(word.index, 0);
  const offset = s.row("pool", within).word.lowestBit().low();
  return { exists: word.exists, index: within.shl(6).or(offset.and(63)) };
}

/** The pool's word and bit for a superframe. */
function inPool(s: Transaction, superframe: Word) {
  const bit = s.word64(1).shl(superframe.and(63).wide());
  return { row: s.row("pool", superframe.shr(6)), bit };
}

function leavePool(s: Transaction, superframe: Word, domain: Word, whole: number): void {
  s.clause("FRAME-POOL-1", "A superframe that a domain gets leaves the pool, and is its own.");
  const { row, bit } = inPool(s, superframe);
  row.set({ word: row.word.without(bit) });
  s.row("super", superframe).set({ owner: domain.add(1), whole, scrubbed: 0 });
}

/** Is a superframe of the pool all zero? */
export const isScrubbed = (s: Transaction, superframe: Word): Bool =>
  s.row("super", superframe).scrubbed.lt(SCRUB_PARTS).not();

/** Zeros the next part of a superframe of the pool, which is not all zero yet. */
export function scrub(s: Transaction, superframe: Word): void {
  s.clause("FRAME-SCRUB-1", "Memory that a domain gets is zeroed before, a part a step.");
  const bytes = SUPERFRAME_BYTES / SCRUB_PARTS;
  const row = s.row("super", superframe);
  s.machine.zero(superframe.wide().shl(21).add(row.scrubbed.mul(bytes).wide()), bytes);
  row.set({ scrubbed: row.scrubbed.add(1) });
}

/** Gives a superframe of the pool to a domain, whole. */
export function takeWhole(s: Transaction, superframe: Word, domain: Word): void {
  leavePool(s, superframe, domain, 1);
}

/** Gives a superframe of the pool to a domain, as 512 free frames. */
export function takeSplit(s: Transaction, superframe: Word, domain: Word): void {
  leavePool(s, superframe, domain, 0);
  s.clause("FRAME-RESERVE-1", "All frames of a superframe that is reserved are free.");
  s.setRows("superFree", [superframe, 0], PARTS, () => ({ word: -1 }));
  s.row("super", superframe).set({ freeSummary: 2 ** PARTS - 1 });
}

/** Does anything map or pin a part of the superframe? */
export function isSuperframeUsed(s: Transaction, superframe: Word): Bool {
  const row = s.row("super", superframe);
  return row.references.ne(0).or(row.uses.ne(0));
}

/** Takes a superframe that nothing uses from its owner back to the pool. */
export function releaseSuperframe(s: Transaction, superframe: Word): void {
  s.clause(
    "FRAME-POOL-2",
    "A superframe in the pool is nobody's, and nothing is known of its frames.",
  );
  s.row("super", superframe).set({ owner: 0, whole: 0, freeSummary: 0 });
  s.setRows("superFree", [superframe, 0], PARTS, () => ({ word: 0 }));
  s.setRows("frame", [superframe.shl(9)], FRAMES_PER_SUPERFRAME, () => ({ kind: FRAME_FREE }));
  const { row, bit } = inPool(s, superframe);
  row.set({ word: row.word.or(bit) });
}

// ---- the frames of a reservation ----------------------------------------------------------------

/** The lowest free frame of a domain's reservation. */
export function firstFree(s: Transaction, domain: Word): Found {
  s.clause("FRAME-FREE-1", "A domain gets the lowest of its own free frames.");
  const owner = domain.add(1);
  const found = s.least(SUPERFRAMES, (at) => {
    const row = s.row("super", at);
    return row.owner.eq(owner).and(row.freeSummary.ne(0));
  });
  const superframe = found.exists.choose(found.index, 0);
  const part = s
    .row("super", superframe)
    .freeSummary.lowestBit()
    .and(PARTS - 1);
  const offset = s.row("superFree", superframe, part).word.lowestBit().low().and(63);
  return { exists: found.exists, index: superframe.shl(9).or(part.shl(6)).or(offset) };
}

/** A frame's word and bit among the free frames of its superframe. */
function amongFree(s: Transaction, frame: Word) {
  const part = frame.shr(6).and(PARTS - 1);
  return {
    around: s.row("super", superframeOf(frame)),
    row: s.row("superFree", superframeOf(frame), part),
    bit: s.word64(1).shl(frame.and(63).wide()),
    summary: s.word32(1).shl(part),
  };
}

/** Takes a free frame of a domain's reservation into use. */
export function takeFrame(s: Transaction, frame: Word, domain: Word, kind: number): void {
  s.clause("FRAME-TAKE-1", "A frame in use is not free; its domain has one frame more, all zero.");
  const { around, row, bit, summary } = amongFree(s, frame);
  const left = row.word.without(bit);
  row.set({ word: left });
  s.when(left.eq(0), () => around.set({ freeSummary: around.freeSummary.without(summary) }));
  s.row("frame", frame).set({ kind });
  const owner = s.row("domain", domain);
  owner.set({ frames: owner.frames.add(1) });
  s.machine.zero(addressOfFrame(frame), FRAME_BYTES);
}

/** A frame of memory that nothing uses becomes free in its owner's reservation. */
export function freeFrame(s: Transaction, frame: Word, domain: Word): void {
  s.clause("FRAME-FREE-2", "A frame that is given up is free, and its domain has one less.");
  const { around, row, bit, summary } = amongFree(s, frame);
  row.set({ word: row.word.or(bit) });
  around.set({ freeSummary: around.freeSummary.or(summary) });
  s.row("frame", frame).set({ kind: FRAME_FREE });
  const owner = s.row("domain", domain);
  owner.set({ frames: owner.frames.sub(1) });
}

/** Every frame of a superframe is memory that is mapped once more. */
export function countEach(s: Transaction, superframe: Word): void {
  s.clause(
    "FRAME-SPLIT-1",
    "A superframe that is split is 512 frames of memory, each mapped once.",
  );
  const first = superframe.shl(9);
  s.setRows("frame", [first], FRAMES_PER_SUPERFRAME, (at) => ({
    kind: FRAME_MEMORY,
    references: s.row("frame", first.or(at)).references.add(1),
  }));
  const row = s.row("super", superframe);
  row.set({
    uses: row.uses.add(FRAMES_PER_SUPERFRAME),
    references: row.references.sub(1),
    whole: 0,
  });
}
