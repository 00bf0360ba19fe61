// Machine memory: who owns it, what is free, and what the bitmaps say of that.

import { DOMAINS, SUPERFRAME_SUMMARIES } from "../../tcb/core/limits.ts";
import { all, type Invariant } from "../lang/invariant.ts";
import type { Transaction } from "../lang/transaction.ts";
import type { Bool, Word } from "../lang/word.ts";
import { FRAME_FREE, FRAME_SPECIAL } from "../states.ts";

/** The word's bit of a number below 64. */
const bitOf = (word: Word, number: Word): Bool => word.bit(number.and(63).wide());

/** Is the superframe in the pool? */
const inPool = (s: Transaction, superframe: Word): Bool =>
  bitOf(s.row("pool", superframe.shr(6)).word, superframe);

/** Is the frame free in its owner's reservation? */
const isFree = (s: Transaction, frame: Word): Bool =>
  bitOf(s.row("superFree", frame.shr(9), frame.shr(6).and(7)).word, frame);

/** A top word's bits name words of a summary. */
const isWithin = (top: Word): Bool => top.shr(SUPERFRAME_SUMMARIES).eq(0);

export const frameInvariants: readonly Invariant[] = [
  {
    id: "INV-SUPER-1",
    says: "A superframe's owner is a domain or nobody, and it is whole or split.",
    table: "super",
    holds: (s, superframe) => {
      const row = s.row("super", superframe);
      return all(row.owner.le(DOMAINS), row.whole.le(1));
    },
  },
  {
    id: "INV-SUPER-2",
    says: "Only split superframes of a domain have free frames.",
    table: "super",
    holds: (s, superframe) => {
      const row = s.row("super", superframe);
      return row.freeSummary.ne(0).implies(all(row.owner.ne(0), row.whole.eq(0)));
    },
  },
  {
    id: "INV-SUPER-3",
    says: "The summary names the words of free frames that are not zero.",
    table: "superFree",
    holds: (s, superframe, part) => {
      const some = s.row("superFree", superframe, part).word.ne(0);
      return s.row("super", superframe).freeSummary.bit(part).same(some);
    },
  },
  {
    id: "INV-SUPER-4",
    says: "A superframe in the pool is nobody's.",
    table: "super",
    holds: (s, superframe) => inPool(s, superframe).implies(s.row("super", superframe).owner.eq(0)),
  },
  {
    id: "INV-SUPER-5",
    says: "What is nobody's is neither whole, nor mapped, nor pinned.",
    table: "super",
    holds: (s, superframe) => {
      const row = s.row("super", superframe);
      const unused = all(row.whole.eq(0), row.references.eq(0), row.uses.eq(0));
      return row.owner.eq(0).implies(unused);
    },
  },
  {
    id: "INV-SUPER-6",
    says: "A superframe that a leaf of 2 MiB maps is whole, and no other maps it.",
    table: "super",
    holds: (s, superframe) => {
      const row = s.row("super", superframe);
      return row.references.eq(0).or(all(row.references.eq(1), row.whole.eq(1)));
    },
  },
  {
    id: "INV-FRAME-1",
    says: "A frame that is free is used for nothing, and nothing maps or pins it.",
    table: "frame",
    holds: (s, frame) => {
      const row = s.row("frame", frame);
      return isFree(s, frame).implies(all(row.kind.eq(FRAME_FREE), row.references.eq(0)));
    },
  },
  {
    id: "INV-FRAME-2",
    says: "Only frames of a domain's split superframe are used for something.",
    table: "frame",
    holds: (s, frame) => {
      const { kind } = s.row("frame", frame);
      const around = s.row("super", frame.shr(9));
      const used = all(around.owner.ne(0), around.whole.eq(0));
      return kind.le(FRAME_SPECIAL).and(kind.eq(FRAME_FREE).or(used));
    },
  },
  {
    id: "INV-FRAME-3",
    says: "A frame of a split superframe is free if it is used for nothing.",
    table: "frame",
    holds: (s, frame) => {
      const around = s.row("super", frame.shr(9));
      const unused = s.row("frame", frame).kind.eq(FRAME_FREE);
      return all(around.owner.ne(0), around.whole.eq(0), unused).implies(isFree(s, frame));
    },
  },
  {
    id: "INV-FRAME-4",
    says: "The counter of a frame in a whole superframe has room for a split's leaf.",
    table: "frame",
    holds: (s, frame) => {
      const whole = s.row("super", frame.shr(9)).whole.ne(0);
      return whole.implies(s.row("frame", frame).references.lt(0xffff));
    },
  },
  {
    id: "INV-FRAME-5",
    says: "A superframe's count is not less than that of any of its frames.",
    table: "frame",
    counted: true,
    holds: (s, frame) => s.row("super", frame.shr(9)).uses.ge(s.row("frame", frame).references),
  },
  {
    id: "INV-FREE-1",
    says:
      "A domain's superframes with free frames are marked, and no others. (Of a domain and a " +
      "superframe, which are the keys of a directory as well.)",
    table: "directory",
    holds: (s, domain, superframe) => {
      const marked = bitOf(s.row("domainFree", domain, superframe.shr(6)).word, superframe);
      const row = s.row("super", superframe);
      return marked.same(all(row.owner.eq(domain.add(1)), row.freeSummary.ne(0)));
    },
  },
  {
    id: "INV-FREE-2",
    says: "The summary names the words of such superframes that are not zero.",
    table: "domainFree",
    holds: (s, domain, word) => {
      const summary = s.row("domainFreeSummary", domain, word.shr(6)).word;
      return bitOf(summary, word).same(s.row("domainFree", domain, word).word.ne(0));
    },
  },
  {
    id: "INV-FREE-3",
    says: "A domain's top word names the words of its summary that are not zero.",
    table: "domainFreeSummary",
    holds: (s, domain, summary) => {
      const top = s.row("domainFreeTop", domain).word;
      return bitOf(top, summary).same(s.row("domainFreeSummary", domain, summary).word.ne(0));
    },
  },
  {
    id: "INV-FREE-4",
    says: "A domain's top word names no more words than its summary has.",
    table: "domainFreeTop",
    holds: (s, domain) => isWithin(s.row("domainFreeTop", domain).word),
  },
  {
    id: "INV-POOL-1",
    says: "The pool's summary names its words that are not zero.",
    table: "pool",
    holds: (s, word) => {
      const summary = s.row("poolSummary", word.shr(6)).word;
      return bitOf(summary, word).same(s.row("pool", word).word.ne(0));
    },
  },
  {
    id: "INV-POOL-2",
    says: "The pool's top word names the words of its summary that are not zero.",
    table: "poolSummary",
    holds: (s, summary) => {
      const top = s.row("poolTop").word;
      return bitOf(top, summary).same(s.row("poolSummary", summary).word.ne(0));
    },
  },
  {
    id: "INV-POOL-3",
    says: "The pool's top word names no more words than its summary has.",
    table: "poolTop",
    holds: (s) => isWithin(s.row("poolTop").word),
  },
];
