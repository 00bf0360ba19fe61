// An entry of a grant table, version 1, and what it grants (xen/include/public/grant_table.h).

import { DOMAINS, GRANTS } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { addressOfFrame } from "./frame.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Operand, Word } from "./lang/word.ts";
import { entryOf, frameOf, isGuestFrame } from "./p2m.ts";
import { DOMAIN_DYING, DOMAIN_RUNNING, ENTRY_FOREIGN } from "./states.ts";

const HALF = 0xffff;

/** The entry of a grant: { u16 flags; u16 domain; u32 gfn }. */
export interface Entry {
  readonly flags: Word;
  readonly domain: Word;
  readonly gfn: Word;
}

export function entryIn(word: Word): Entry {
  const low = word.low();
  return { flags: low.and(HALF), domain: low.shr(16), gfn: word.shr(32) };
}

/** Machine address of an entry of a domain's grant table, or NOWHERE. */
export function entryAddress(s: Transaction, domain: Word, reference: Word): Word {
  return s.branch(
    reference.lt(GRANTS),
    () => {
      const frame = s.row("grantFrame", domain, reference.shr(9)).frame;
      const place = addressOfFrame(frame.sub(1)).or(reference.and(511).shl(3).wide());
      return frame.eq(0).choose(s.word64(abi.NOWHERE), place);
    },
    () => s.word64(abi.NOWHERE),
  );
}

/** No domain. */
export const NOBODY = 0xffffffff;

/** The granting domain that a number names, or NOBODY. */
export function granterOf(s: Transaction, domain: Word, named: Word): Word {
  s.clause(
    "GRANT-GRANTER-1",
    "A domain that has run and is not being destroyed grants; DOMID_SELF is the caller.",
  );
  const remote = named.eq(abi.DOMID_SELF).choose(domain, named);
  return s.branch(
    remote.lt(DOMAINS),
    () => {
      const { state } = s.row("domain", remote);
      const grants = state.ge(DOMAIN_RUNNING).and(state.ne(DOMAIN_DYING));
      return grants.choose(remote, NOBODY);
    },
    () => s.word32(NOBODY),
  );
}

/** Does an entry offer access to a domain? */
export function offers(entry: Entry, domain: Word, write: Bool): Bool {
  const permits = entry.flags.and(abi.GTF_type_mask).eq(abi.GTF_permit_access);
  const writable = entry.flags.and(abi.GTF_readonly).eq(0);
  return permits.and(entry.domain.eq(domain)).and(write.implies(writable));
}

/** The machine frame that an entry grants; refused if there is none. */
export function grantedFrame(
  s: Transaction,
  remote: Word,
  reference: Word,
  gfn: Word,
  refusal: Operand,
): Word {
  const pin = s.row("grant", remote, reference);
  const offered = () => {
    s.clause(
      "GRANT-FRAME-1",
      "What is granted is memory in the granter's own map; mappings by grants are not handed on.",
    );
    s.require(isGuestFrame(gfn), refusal);
    const entry = entryOf(s, remote, gfn.low());
    s.require(entry.has(abi.PAGE_PRESENT), refusal);
    s.require(entry.has(ENTRY_FOREIGN).not(), refusal);
    return frameOf(entry);
  };
  const pinned = () => {
    s.clause("GRANT-FRAME-2", "While a grant is mapped, its frame is the one that was mapped.");
    return pin.frame;
  };
  return s.branch(pin.readers.ne(0), pinned, offered);
}
