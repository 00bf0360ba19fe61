// Memory and domains: the functions that many operations share.

import { firstFree } from "../../spec/frame.ts";
import { frameInvariants } from "../../spec/invariants/frame.ts";
import type { Word } from "../../spec/lang/word.ts";
import { DIRECTORY_ENTRIES, DOMAINS, SUPERFRAME_SUMMARIES } from "../../tcb/core/limits.ts";
import { truncate, variable } from "../term/index.ts";
import type { Case } from "./case.ts";
import type { Seed } from "./instances.ts";
import type { Lemma } from "./lemma.ts";
import { lemmaCase } from "./refine.ts";
import type { SymbolicTransaction } from "./symbolic.ts";
import { conditionOf, termOf } from "./values.ts";

const domainArgument = variable("argument.domain", 32);

/** The superframe that a domain's bitmaps of free frames lead to, as the code follows them. */
function markedFirst(s: SymbolicTransaction, domain: Word): Word {
  const first = (word: Word, count: number) =>
    word
      .lowestBit()
      .low()
      .and(count - 1);
  const summary = first(s.row("domainFreeTop", domain).word, SUPERFRAME_SUMMARIES);
  const within = first(s.row("domainFreeSummary", domain, summary).word, 64);
  const word = summary.shl(6).or(within);
  return word.shl(6).or(first(s.row("domainFree", domain, word).word, 64));
}

/** Bits of the keys of a domain and a superframe, side by side. */
const SUPERFRAME_BITS = Math.log2(DIRECTORY_ENTRIES);
const PAIR_BITS = Math.log2(DOMAINS) + SUPERFRAME_BITS;
const NONE = 0xffffffff;

/** A domain and a superframe, as a row of a table that has such keys. */
const pairOf = (domain: Word, superframe: Word): Seed => {
  const index = domain.shl(SUPERFRAME_BITS).or(superframe);
  return { table: "directory", index: truncate(termOf(index), PAIR_BITS) };
};

/** frame/firstFree(domain): NONE if the reservation has no free frame. */
export const firstFreeFrame: Lemma = {
  function: "frame/firstFree",
  args: [domainArgument],
  given: (_, [domain]) => [conditionOf(domain!.lt(DOMAINS))],
  steps: (s, [domain]) => {
    const frame = firstFree(s, domain!);
    return frame.exists.choose(frame.index, NONE);
  },
  about: (s, [domain]) => {
    const marked = markedFirst(s, domain!);
    const { index } = firstFree(s, domain!);
    return [pairOf(domain!, marked), pairOf(domain!, index.shr(9))];
  },
  invariants: frameInvariants.filter(
    ({ id }) => id.startsWith("INV-FREE-") || id === "INV-SUPER-3",
  ),
};

export const memoryLemmas: readonly Lemma[] = [firstFreeFrame];

export const frameCases: readonly Case[] = memoryLemmas.map((lemma) => lemmaCase(lemma));
