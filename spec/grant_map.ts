// Mappings of other domains' memory by grants, and the handles that stand for them.

import { HANDLES } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { addressOfFrame, isCountable } from "./frame.ts";
import { entryAddress, entryIn, grantedFrame, granterOf, NOBODY, offers } from "./grant_entry.ts";
import { type Argument, argument32, argument64, reply32, reply64 } from "./guest.ts";
import { ask } from "./lang/question.ts";
import type { Found, Transaction } from "./lang/transaction.ts";
import type { Bool, Word } from "./lang/word.ts";
import { entryOf, grantMapping, hasTable, isGuestFrame, mapFrame, unmapFrame } from "./p2m.ts";
import { DOMAIN_DYING } from "./states.ts";
import * as xsm from "./xsm.ts";

export const GRANT_MAP_READ = ask("grant { map_read }", xsm.GRANT, 0);
const GRANT_MAP_WRITE = ask("grant { map_read map_write }", xsm.GRANT, 0, 1);
const GRANT_UNMAP = ask("grant { unmap }", xsm.GRANT, 2);

const READERS_MOST = 0xffff;
const HANDLE_WORDS = HANDLES / 64;

/** The lowest handle of a domain that is not marked as used. */
function freeHandle(s: Transaction, domain: Word): Found {
  const { word: full } = s.row("handleFull", domain);
  const within = full
    .xor(-1)
    .lowestBit()
    .and(HANDLE_WORDS - 1);
  const used = s.row("handleUsed", domain, within).word;
  const offset = used.xor(-1).lowestBit().low().and(63);
  return { exists: full.ne(2 ** HANDLE_WORDS - 1), index: within.shl(6).or(offset) };
}

/** The marks of a handle: its bit among 64, and the bit of those 64. */
function marksOf(s: Transaction, domain: Word, handle: Word) {
  return {
    row: s.row("handleUsed", domain, handle.shr(6)),
    bit: s.word64(1).shl(handle.and(63).wide()),
    around: s.row("handleFull", domain),
    summary: s.word32(1).shl(handle.shr(6)),
  };
}

/** Marks a handle as used. */
function useHandle(s: Transaction, domain: Word, handle: Word): void {
  const { row, bit, around, summary } = marksOf(s, domain, handle);
  const used = row.word.or(bit);
  row.set({ word: used });
  s.when(used.eq(-1), () => around.set({ word: around.word.or(summary) }));
}

/** Marks a handle as free; it stands for nothing. */
function releaseHandle(s: Transaction, domain: Word, handle: Word): void {
  const { row, bit, around, summary } = marksOf(s, domain, handle);
  row.set({ word: row.word.without(bit) });
  around.set({ word: around.word.without(summary) });
  s.row("handle", domain, handle).set({ domain: 0 });
}

/** { u64 address; u32 flags @8; u32 reference @12; u16 domain @16; i16 status @18; u32 handle @20;
 *  u64 bus address @24 }: the status. */
export function mapOne(s: Transaction, domain: Word, argument: Argument, named: Word): Word {
  const target = argument64(s, argument, 0);
  const flags = argument32(s, argument, 8);
  const reference = argument32(s, argument, 12);
  const write = flags.and(abi.GNTMAP_readonly).eq(0);
  s.clause("GRANT-MAP-1", "A grant is mapped into the guest-physical map, writable or read-only.");
  s.require(flags.without(abi.GNTMAP_readonly).eq(abi.GNTMAP_host_map), abi.GNTST_general_error);
  const remote = granterOf(s, domain, named);
  s.require(remote.ne(NOBODY), abi.GNTST_permission_denied);
  s.clause("GRANT-MAP-2", "The policy lets the caller map the granter's memory in that way.");
  const mine = s.row("domain", domain).label;
  const theirs = xsm.labelTarget(s, domain, remote);
  const allowed = s.branch(
    write,
    () => xsm.permits(s, mine, theirs, GRANT_MAP_WRITE).choose(s.word32(1), 0),
    () => xsm.permits(s, mine, theirs, GRANT_MAP_READ).choose(s.word32(1), 0),
  );
  s.require(allowed.ne(0), abi.GNTST_permission_denied);
  s.clause("GRANT-MAP-3", "The address is an empty guest frame of the caller.");
  const wide = target.shr(12);
  s.require(target.and(0xfff).eq(0).and(isGuestFrame(wide)), abi.GNTST_bad_virt_addr);
  const gfn = wide.low();
  s.require(entryOf(s, domain, gfn).has(abi.PAGE_PRESENT).not(), abi.GNTST_bad_virt_addr);
  s.clause("GRANT-MAP-4", "The caller has a handle and a last-level table left for it.");
  const handle = freeHandle(s, domain);
  s.require(handle.exists, abi.GNTST_no_device_space);
  s.require(hasTable(s, domain, gfn), abi.GNTST_no_device_space);
  const frame = pin(s, domain, { remote, reference, write });
  s.clause("GRANT-MAP-5", "The handle stands for the mapping; it is the lowest that was free.");
  useHandle(s, domain, handle.index);
  s.row("handle", domain, handle.index).set({
    domain: remote.add(1),
    writable: write.choose(s.word32(1), 0),
    reference,
    gfn,
  });
  mapFrame(s, domain, gfn, grantMapping(frame, write));
  reply32(s, argument, 20, handle.index);
  reply64(s, argument, 24, s.word64(0));
  return s.word64(abi.GNTST_okay);
}

/** A grant, and how it is wanted. */
interface Wanted {
  readonly remote: Word;
  readonly reference: Word;
  readonly write: Bool;
}

/** Reads a grant's entry and pins it; gives the frame. */
function pin(s: Transaction, domain: Word, { remote, reference, write }: Wanted): Word {
  const refusal = abi.GNTST_permission_denied;
  s.clause("GRANT-PIN-1", "The granter's table has the entry, and the entry offers the access.");
  const address = entryAddress(s, remote, reference);
  s.require(address.ne(abi.NOWHERE), refusal);
  const entry = entryIn(s.machine.load64(address));
  s.require(offers(entry, domain, write), refusal);
  const frame = grantedFrame(s, remote, reference, entry.gfn, refusal);
  const row = s.row("grant", remote, reference);
  s.clause(
    "GRANT-PIN-2",
    "Neither the grant's mappings nor the frame's are too many to be counted.",
  );
  const countable = row.readers.ne(READERS_MOST).and(isCountable(s, frame));
  s.require(countable, abi.GNTST_no_device_space);
  s.clause(
    "GRANT-PIN-3",
    "The entry's flags say that it is in use; if the granter changed them meanwhile, try again.",
  );
  const used = entry.flags.or(abi.GTF_reading).or(write.choose(s.word32(abi.GTF_writing), 0));
  const found = s.machine.compareExchange16(address, entry.flags, used);
  s.require(found.eq(entry.flags), abi.GNTST_eagain);
  s.clause("GRANT-PIN-4", "The grant counts its mappings, and those that can write.");
  row.set({ frame, readers: row.readers.add(1) });
  s.when(write, () => row.set({ writers: row.writers.add(1) }));
  return frame;
}

/** Ends one mapping's pin of a grant. */
function unpin(s: Transaction, remote: Word, reference: Word, write: Bool): void {
  s.clause("GRANT-UNPIN-1", "A mapping that ends is taken off the grant's counts.");
  const row = s.row("grant", remote, reference);
  const readers = row.readers.sub(1);
  const writers = write.choose(row.writers.sub(1), row.writers);
  row.set({ readers, writers });
  const last = readers.eq(0);
  const reading = last.choose(s.word64(abi.GTF_reading), 0);
  const writing = write.and(writers.eq(0)).choose(s.word64(abi.GTF_writing), 0);
  s.when(last, () => {
    s.clause("GRANT-UNPIN-2", "With its last mapping a grant forgets its frame.");
    row.set({ frame: 0 });
  });
  const cleared = reading.or(writing);
  const lives = s.row("domain", remote).state.ne(DOMAIN_DYING);
  s.when(cleared.ne(0).and(lives), () => {
    s.clause(
      "GRANT-UNPIN-3",
      "The entry no longer says that it is read, or written, once it is not; the table of a granter " +
        "that is being destroyed may be gone and is left alone.",
    );
    s.machine.and64(entryAddress(s, remote, reference), cleared.xor(-1));
  });
}

/** Takes back the mapping that a handle in use stands for. */
export function releaseMapping(s: Transaction, domain: Word, handle: Word): void {
  const row = s.row("handle", domain, handle);
  const remote = row.domain.sub(1);
  unmapFrame(s, domain, row.gfn);
  unpin(s, remote, row.reference, row.writable.ne(0));
  s.clause("GRANT-RELEASE-1", "The handle stands for nothing any more.");
  releaseHandle(s, domain, handle);
}

/** { u64 address; u64 bus address @8; u32 handle @16; i16 status @20 }: the status. */
export function unmapOne(s: Transaction, domain: Word, argument: Argument): Word {
  const target = argument64(s, argument, 0);
  const handle = argument32(s, argument, 16);
  s.clause(
    "GRANT-UNMAP-1",
    "The handle is one of the caller's, in use, and the address is its own.",
  );
  s.require(handle.lt(HANDLES), abi.GNTST_bad_handle);
  const row = s.row("handle", domain, handle);
  s.require(row.domain.ne(0), abi.GNTST_bad_handle);
  s.require(target.eq(addressOfFrame(row.gfn)), abi.GNTST_bad_virt_addr);
  s.clause("GRANT-UNMAP-2", "The policy lets the caller unmap the granter's memory.");
  const mine = s.row("domain", domain).label;
  const theirs = xsm.labelTarget(s, domain, row.domain.sub(1));
  s.require(xsm.permits(s, mine, theirs, GRANT_UNMAP), abi.GNTST_permission_denied);
  releaseMapping(s, domain, handle);
  return s.word64(abi.GNTST_okay);
}
