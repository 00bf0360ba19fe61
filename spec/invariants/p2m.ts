// Guest-physical maps: what they show is the domain's own, or in use by a grant.

import { DIRECTORY_ENTRIES, FRAMES, SUPERFRAMES } from "../../tcb/core/limits.ts";
import { PAGE_LARGE, PAGE_PRESENT, PAGE_WRITABLE } from "../abi.ts";
import { superframeOf } from "../frame.ts";
import { all, type Invariant } from "../lang/invariant.ts";
import type { Transaction } from "../lang/transaction.ts";
import type { Bool, Word } from "../lang/word.ts";
import { ENTRY_BITS, frameOf } from "../p2m.ts";
import { ENTRY_FOREIGN, ENTRY_SLOT_SHIFT, FRAME_FREE } from "../states.ts";

const orZero = (condition: Bool, word: Word): Word => condition.choose(word, 0);

/** The slot that a directory entry names. */
const slotOf = (entry: Word): Word => entry.shr(ENTRY_SLOT_SHIFT).and(63).low();

/** The directory entry that names a table of the domain. */
function tableEntry(s: Transaction, domain: Word, slot: Word): Word {
  const table = s.addressOf("leaf", "entry", domain, slot, 0).or(ENTRY_BITS);
  return table.or(slot.wide().shl(ENTRY_SLOT_SHIFT));
}

/** The entry is a leaf of 2 MiB for a whole superframe of the domain. */
function isOwnLeaf(s: Transaction, domain: Word, entry: Word): Bool {
  const superframe = entry.shr(21).and(SUPERFRAMES - 1);
  const row = s.row("super", superframe.low());
  return all(
    entry.eq(superframe.shl(21).or(ENTRY_BITS + PAGE_LARGE)),
    row.owner.eq(domain.add(1)),
    row.whole.eq(1),
    row.references.eq(1),
  );
}

export const p2mInvariants: readonly Invariant[] = [
  {
    id: "INV-P2M-1",
    says: "A leaf of 2 MiB is present, writable, and begins at a multiple of 2 MiB.",
    table: "directory",
    holds: (s, domain, index) => {
      const entry = s.row("directory", domain, index).entry;
      const usable = entry.has(PAGE_PRESENT + PAGE_WRITABLE);
      return entry.has(PAGE_LARGE).implies(all(usable, entry.and(0x1ff000).eq(0)));
    },
  },
  {
    id: "INV-P2M-2",
    says: "A directory entry is empty, a leaf for a whole superframe of the domain, or its table.",
    table: "directory",
    holds: (s, domain, index) => {
      const entry = s.row("directory", domain, index).entry;
      const slot = slotOf(entry);
      const owner = s.row("tableOwner", domain, slot).directory;
      const names = all(entry.eq(tableEntry(s, domain, slot)), owner.eq(index.add(1)));
      return entry
        .eq(0)
        .or(isOwnLeaf(s, domain, entry))
        .or(names);
    },
  },
  {
    id: "INV-P2M-3",
    says: "A last-level table is in use exactly if a directory entry of its domain names it.",
    table: "tableOwner",
    holds: (s, domain, slot) => {
      const { directory } = s.row("tableOwner", domain, slot);
      const used = directory.ne(0);
      const inRange = directory.le(DIRECTORY_ENTRIES);
      const index = orZero(used.and(inRange), directory.sub(1));
      const named = s.row("directory", domain, index).entry.eq(tableEntry(s, domain, slot));
      const marked = s.row("domain", domain).tables.bit(slot.wide());
      return all(marked.same(used), inRange, used.implies(named));
    },
  },
  {
    id: "INV-P2M-4",
    says: "A table that is not in use is empty.",
    table: "leaf",
    holds: (s, domain, slot, at) => {
      const unused = s.row("tableOwner", domain, slot).directory.eq(0);
      return unused.implies(s.row("leaf", domain, slot, at).entry.eq(0));
    },
  },
  {
    id: "INV-P2M-5",
    says: "A leaf is empty, or shows a machine frame, in the form that entries have.",
    table: "leaf",
    holds: (s, domain, slot, at) => {
      const { entry } = s.row("leaf", domain, slot, at);
      const frame = frameOf(entry);
      const fixed = entry.without(PAGE_WRITABLE).without(ENTRY_FOREIGN);
      const form = fixed.eq(
        frame
          .wide()
          .shl(12)
          .or(ENTRY_BITS - PAGE_WRITABLE),
      );
      return entry.eq(0).or(all(form, frame.lt(FRAMES)));
    },
  },
  {
    id: "INV-P2M-6",
    says: "What a leaf shows is not free; without a grant's mark it is the domain's own.",
    table: "leaf",
    holds: (s, domain, slot, at) => {
      const { entry } = s.row("leaf", domain, slot, at);
      const frame = frameOf(entry);
      const known = orZero(frame.lt(FRAMES), frame);
      const around = s.row("super", superframeOf(known));
      const used = around.whole.eq(1).or(s.row("frame", known).kind.ne(FRAME_FREE));
      const own = all(around.owner.eq(domain.add(1)), around.whole.eq(0));
      const foreign = entry.has(ENTRY_FOREIGN);
      return entry.eq(0).or(all(around.owner.ne(0), used, foreign.or(own)));
    },
  },
  {
    id: "INV-P2M-7",
    says: "A frame that a leaf shows counts it.",
    table: "leaf",
    counted: true,
    holds: (s, domain, slot, at) => {
      const { entry } = s.row("leaf", domain, slot, at);
      const frame = frameOf(entry);
      const known = orZero(frame.lt(FRAMES), frame);
      return entry.eq(0).or(s.row("frame", known).references.ne(0));
    },
  },
  {
    id: "INV-P2M-8",
    says: "No two directory entries map one superframe.",
    table: "directory",
    other: "directory",
    holds: (s, domain, index, domain2, index2) => {
      const one = s.row("directory", domain, index).entry;
      const two = s.row("directory", domain2, index2).entry;
      const differ = domain.ne(domain2).or(index.ne(index2));
      const both = all(one.has(PAGE_LARGE), two.has(PAGE_LARGE));
      return all(differ, both).implies(one.ne(two));
    },
  },
  {
    id: "INV-P2M-9",
    says: "A frame that two leaves show counts both.",
    table: "leaf",
    other: "leaf",
    counted: true,
    holds: (s, domain, slot, at, domain2, slot2, at2) => {
      const one = s.row("leaf", domain, slot, at).entry;
      const two = s.row("leaf", domain2, slot2, at2).entry;
      const differ = all(domain.eq(domain2), slot.eq(slot2), at.eq(at2)).not();
      const frame = frameOf(one);
      const same = all(differ, one.ne(0), two.ne(0), frame.eq(frameOf(two)), frame.lt(FRAMES));
      return same.implies(s.row("frame", orZero(frame.lt(FRAMES), frame)).references.gt(1));
    },
  },
];
