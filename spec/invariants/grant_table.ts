// Grants that are mapped, and the handles that stand for the mappings.

import { DOMAINS, FRAMES, GRANTS } from "../../tcb/core/limits.ts";
import { PAGE_LARGE, PAGE_PRESENT } from "../abi.ts";
import { all, type Invariant } from "../lang/invariant.ts";
import type { Transaction } from "../lang/transaction.ts";
import type { Bool, Word } from "../lang/word.ts";
import { frameOf, isGuestFrame } from "../p2m.ts";
import {
  DOMAIN_DYING,
  DOMAIN_FREE,
  ENTRY_FOREIGN,
  ENTRY_SLOT_SHIFT,
  FRAME_FREE,
  FRAME_SPECIAL,
} from "../states.ts";

const orZero = (condition: Bool, word: Word): Word => condition.choose(word, 0);

/** A number plus one of a special frame that a domain owns. */
export function isSpecialFrame(s: Transaction, domain: Word, stored: Word): Bool {
  const inRange = stored.ne(0).and(stored.le(FRAMES));
  const frame = orZero(inRange, stored.sub(1));
  const around = s.row("super", frame.shr(9));
  const special = s.row("frame", frame).kind.eq(FRAME_SPECIAL);
  return all(inRange, special, around.owner.eq(domain.add(1)), around.whole.eq(0));
}

/** The last-level entry of a guest frame; 0 if it has none. */
function leafOf(s: Transaction, domain: Word, gfn: Word): Word {
  const { entry } = s.row("directory", domain, gfn.shr(9));
  const slot = entry.shr(ENTRY_SLOT_SHIFT).and(63).low();
  const names = entry.has(PAGE_PRESENT).and(entry.has(PAGE_LARGE).not());
  return names.choose(s.row("leaf", domain, slot, gfn.and(511)).entry, 0);
}

export const grantTableInvariants: readonly Invariant[] = [
  {
    id: "INV-GRANT-1",
    says: "The frames of a living domain's grant table are special frames of its own.",
    table: "grantFrame",
    holds: (s, domain, index) => {
      const { frame } = s.row("grantFrame", domain, index);
      const lives = s.row("domain", domain).state.isAmong(DOMAIN_FREE, DOMAIN_DYING).not();
      return all(frame.ne(0), lives).implies(isSpecialFrame(s, domain, frame));
    },
  },
  {
    id: "INV-GRANT-7",
    says: "A domain that is none has no frames of a grant table.",
    table: "grantFrame",
    holds: (s, domain, index) => {
      const { frame } = s.row("grantFrame", domain, index);
      return s.row("domain", domain).state.eq(DOMAIN_FREE).implies(frame.eq(0));
    },
  },
  {
    id: "INV-GRANT-2",
    says: "A grant that nobody maps has no frame and no writers.",
    table: "grant",
    holds: (s, domain, reference) => {
      const row = s.row("grant", domain, reference);
      const empty = all(row.frame.eq(0), row.writers.eq(0));
      return row.readers.eq(0).implies(empty);
    },
  },
  {
    id: "INV-HANDLE-1",
    says: "A handle in use names a domain, a reference and a guest frame that can be.",
    table: "handle",
    holds: (s, domain, handle) => {
      const row = s.row("handle", domain, handle);
      const inRange = all(
        row.domain.le(DOMAINS),
        row.writable.le(1),
        row.reference.lt(GRANTS),
        isGuestFrame(row.gfn.wide()),
      );
      return row.domain.ne(0).implies(inRange);
    },
  },
  {
    id: "INV-HANDLE-2",
    says: "A handle is marked as used exactly if it stands for a mapping.",
    table: "handle",
    holds: (s, domain, handle) => {
      const used = s.row("handleUsed", domain, handle.shr(6)).word.bit(handle.and(63).wide());
      return used.same(s.row("handle", domain, handle).domain.ne(0));
    },
  },
  {
    id: "INV-HANDLE-3",
    says: "64 handles are marked as full exactly if all of them are in use.",
    table: "handleUsed",
    holds: (s, domain, word) => {
      const full = s.row("handleFull", domain).word.bit(word);
      return full.same(s.row("handleUsed", domain, word).word.eq(-1));
    },
  },
  {
    id: "INV-HANDLE-4",
    says: "What a handle stands for is in its domain's map, with a grant's mark.",
    table: "handle",
    holds: (s, domain, handle) => {
      const row = s.row("handle", domain, handle);
      const used = row.domain.ne(0).and(isGuestFrame(row.gfn.wide()));
      const entry = leafOf(s, domain, orZero(used, row.gfn));
      const marked = entry.has(PAGE_PRESENT + ENTRY_FOREIGN);
      return used.implies(marked);
    },
  },
  {
    id: "INV-HANDLE-5",
    says: "No two handles of a domain stand for one guest frame.",
    table: "handle",
    other: "handle",
    holds: (s, domain, handle, domain2, handle2) => {
      const one = s.row("handle", domain, handle);
      const two = s.row("handle", domain2, handle2);
      const both = all(one.domain.ne(0), two.domain.ne(0), domain.eq(domain2), handle.ne(handle2));
      return both.implies(one.gfn.ne(two.gfn));
    },
  },
  {
    id: "INV-HANDLE-6",
    says: "A grant counts the handles that stand for it, and those that can write.",
    table: "handle",
    counted: true,
    holds: (s, domain, handle) => {
      const row = s.row("handle", domain, handle);
      const used = all(row.domain.ne(0), row.domain.le(DOMAINS), row.reference.lt(GRANTS));
      const remote = orZero(used, row.domain.sub(1));
      const grant = s.row("grant", remote, orZero(used, row.reference));
      const writes = row.writable.ne(0).implies(grant.writers.ne(0));
      const reads = row.writable.eq(0).implies(grant.writers.lt(grant.readers));
      return used.implies(all(grant.readers.ne(0), writes, reads));
    },
  },
  {
    id: "INV-GRANT-3",
    says: "The frame of a grant that is mapped is the granter's, and not free.",
    table: "grant",
    holds: (s, domain, reference) => {
      const { frame, readers } = s.row("grant", domain, reference);
      const known = orZero(frame.lt(FRAMES), frame);
      const around = s.row("super", known.shr(9));
      const used = around.whole.eq(1).or(s.row("frame", known).kind.ne(FRAME_FREE));
      const own = around.owner.eq(domain.add(1));
      return readers.ne(0).implies(all(frame.lt(FRAMES), own, used));
    },
  },
  {
    id: "INV-GRANT-4",
    says: "A grant that can be written is mapped: its writers are among its readers.",
    table: "grant",
    counted: true,
    holds: (s, domain, reference) => {
      const row = s.row("grant", domain, reference);
      return row.writers.le(row.readers);
    },
  },
  {
    id: "INV-GRANT-5",
    says: "A frame counts the mappings by which a grant shows it.",
    table: "grant",
    counted: true,
    holds: (s, domain, reference) => {
      const { frame, readers } = s.row("grant", domain, reference);
      const known = orZero(frame.lt(FRAMES), frame);
      return readers.le(s.row("frame", known).references);
    },
  },
  {
    id: "INV-GRANT-6",
    says: "A frame counts its granter's own leaf besides the mappings by a grant.",
    table: "leaf",
    other: "grant",
    counted: true,
    holds: (s, domain, slot, at, granter, reference) => {
      const { entry } = s.row("leaf", domain, slot, at);
      const { frame, readers } = s.row("grant", granter, reference);
      const known = orZero(frame.lt(FRAMES), frame);
      const own = all(entry.ne(0), entry.has(ENTRY_FOREIGN).not(), frameOf(entry).eq(frame));
      const both = all(own, readers.ne(0), frame.lt(FRAMES));
      return both.implies(s.row("frame", known).references.gt(readers));
    },
  },
];
