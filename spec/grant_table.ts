// Grant tables, version 1: HYPERVISOR_grant_table_op (xen/include/public/grant_table.h). A domain
// offers a frame of its own by an entry in memory that it shares with the hypervisor; another maps
// the frame, or copies. The entry is read once for a decision, and pinned by a compare-exchange of
// its flags. While it is pinned the frame counts that was seen then, whatever the entry says later.
// A refusal never tells whether a domain, a table or an entry exists: they are one status.

import { DOMAINS, GRANT_FRAMES, GRANTS, HANDLES } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { addressOfFrame, isCountable } from "./frame.ts";
import { type Argument, argument32, argument64, openArgument, reply32, reply64 } from "./guest.ts";
import { ask } from "./lang/question.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Bool, Operand, Word } from "./lang/word.ts";
import {
  entryOf,
  frameOf,
  grantMapping,
  hasTable,
  isGuestFrame,
  mapFrame,
  translate,
  unmapFrame,
} from "./p2m.ts";
import { resumeWith } from "./resume.ts";
import { DOMAIN_DYING, DOMAIN_RUNNING, ENTRY_FOREIGN } from "./states.ts";
import * as xsm from "./xsm.ts";

/** xen/xsm/flask/policy/access_vectors, class grant. */
const GRANT_MAP_READ = ask("grant { map_read }", xsm.GRANT, 0);
const GRANT_MAP_WRITE = ask("grant { map_read map_write }", xsm.GRANT, 0, 1);
const GRANT_UNMAP = ask("grant { unmap }", xsm.GRANT, 2);
const GRANT_SETUP = ask("grant { setup }", xsm.GRANT, 4);
const GRANT_COPY = ask("grant { copy }", xsm.GRANT, 5);
const GRANT_QUERY = ask("grant { query }", xsm.GRANT, 6);

const FRAME_BYTES = 4096;
const READERS_MOST = 0xffff;
const HALF = 0xffff;

/** The entry of a grant: { u16 flags; u16 domain; u32 gfn }. */
interface Entry {
  readonly flags: Word;
  readonly domain: Word;
  readonly gfn: Word;
}

function entryIn(word: Word): Entry {
  const low = word.low();
  return { flags: low.and(HALF), domain: low.shr(16), gfn: word.shr(32) };
}

/** Machine address of an entry of a domain's grant table, or NOWHERE. */
function entryAddress(s: Transaction, domain: Word, reference: Word): Word {
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

/** The granting domain that a number names. */
interface Granter {
  readonly exists: Bool;
  /** Meaningful only where it exists. */
  readonly domain: Word;
}

function granterOf(s: Transaction, domain: Word, named: Word): Granter {
  s.clause("GRANT-GRANTER-1", "Only a domain that runs grants; DOMID_SELF is the caller.");
  const remote = named.eq(abi.DOMID_SELF).choose(domain, named);
  const inRange = remote.lt(DOMAINS);
  const row = s.row("domain", inRange.choose(remote, 0));
  return { exists: inRange.and(row.state.eq(DOMAIN_RUNNING)), domain: remote };
}

/** Does an entry offer access to a domain? */
function offers(entry: Entry, domain: Word, write: Bool): Bool {
  const permits = entry.flags.and(abi.GTF_type_mask).eq(abi.GTF_permit_access);
  const writable = entry.flags.and(abi.GTF_readonly).eq(0);
  return permits.and(entry.domain.eq(domain)).and(write.implies(writable));
}

/** The machine frame that an entry grants; refused if there is none. */
function grantedFrame(
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

// ---- map and unmap ------------------------------------------------------------------------------

/** { u64 address; u32 flags @8; u32 reference @12; u16 domain @16; i16 status @18; u32 handle @20;
 *  u64 bus address @24 }: the status. */
function mapOne(s: Transaction, domain: Word, argument: Argument, named: Word): Word {
  const target = argument64(s, argument, 0);
  const flags = argument32(s, argument, 8);
  const reference = argument32(s, argument, 12);
  const write = flags.and(abi.GNTMAP_readonly).eq(0);
  s.clause("GRANT-MAP-1", "A grant is mapped into the guest-physical map, writable or read-only.");
  s.require(flags.without(abi.GNTMAP_readonly).eq(abi.GNTMAP_host_map), abi.GNTST_general_error);
  const granter = granterOf(s, domain, named);
  s.require(granter.exists, abi.GNTST_permission_denied);
  const remote = granter.domain;
  s.clause("GRANT-MAP-2", "The policy lets the caller map the granter's memory in that way.");
  const mine = s.row("domain", domain).label;
  const theirs = s.row("domain", remote).label;
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

/** The lowest handle of a domain that stands for nothing. */
export function freeHandle(s: Transaction, domain: Word) {
  return s.least(HANDLES, (at) => s.row("handle", domain, at).domain.eq(0));
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
  row.set({ domain: 0 });
}

/** { u64 address; u64 bus address @8; u32 handle @16; i16 status @20 }: the status. */
function unmapOne(s: Transaction, domain: Word, argument: Argument): Word {
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
  const theirs = s.row("domain", row.domain.sub(1)).label;
  s.require(xsm.permits(s, mine, theirs, GRANT_UNMAP), abi.GNTST_permission_denied);
  releaseMapping(s, domain, handle);
  return s.word64(abi.GNTST_okay);
}

// ---- copy ---------------------------------------------------------------------------------------

/** One end of a copy: a grant's reference, or a guest frame of the caller. */
interface End {
  readonly isGrant: Bool;
  readonly value: Word;
  readonly named: Word;
  readonly offset: Word;
  readonly write: Bool;
}

/** The domain whose label counts at an end. */
function ownerOf(s: Transaction, domain: Word, end: End): Granter {
  const granter = granterOf(s, domain, end.named);
  return {
    exists: end.isGrant.not().or(granter.exists),
    domain: end.isGrant.and(granter.exists).choose(granter.domain, domain),
  };
}

/** Machine address of the frame at an end, or NOWHERE. */
function endAddress(s: Transaction, domain: Word, end: End): Word {
  const granted = () => {
    s.clause("GRANT-COPY-4", "An end by grant is what the granter offers the caller for it.");
    const remote = end.named.eq(abi.DOMID_SELF).choose(domain, end.named);
    s.require(end.value.lt(GRANTS), abi.NOWHERE);
    const reference = end.value.low();
    const address = entryAddress(s, remote, reference);
    s.require(address.ne(abi.NOWHERE), abi.NOWHERE);
    const entry = entryIn(s.machine.load64(address));
    s.require(offers(entry, domain, end.write), abi.NOWHERE);
    return addressOfFrame(grantedFrame(s, remote, reference, entry.gfn, abi.NOWHERE));
  };
  const own = () => {
    s.clause("GRANT-COPY-5", "An end by guest frame is memory of the caller.");
    s.require(end.named.isAmong(abi.DOMID_SELF, domain), abi.NOWHERE);
    s.require(isGuestFrame(end.value), abi.NOWHERE);
    return translate(s, domain, end.value.shl(12), end.write);
  };
  return s.attempt(() => s.branch(end.isGrant, granted, own));
}

/** { source: u64 reference or gfn; u16 domain @8; u16 offset @10; target: @16, @24, @26;
 *  u16 bytes @32; u16 flags @34; i16 status @36 }: the status. */
function copyOne(s: Transaction, domain: Word, argument: Argument): Word {
  const sourceValue = argument64(s, argument, 0);
  const sourceOf = argument32(s, argument, 8);
  const targetValue = argument64(s, argument, 16);
  const targetOf = argument32(s, argument, 24);
  const amount = argument32(s, argument, 32);
  const bytes = amount.and(HALF);
  const flags = amount.shr(16);
  const end = (value: Word, word: Word, flag: number, writes: boolean): End => ({
    isGrant: flags.and(flag).ne(0),
    value,
    named: word.and(HALF),
    offset: word.shr(16),
    write: s.truth(writes),
  });
  const source = end(sourceValue, sourceOf, abi.GNTCOPY_source_gref, false);
  const target = end(targetValue, targetOf, abi.GNTCOPY_dest_gref, true);
  s.clause("GRANT-COPY-1", "Each end lies within a frame.");
  const fits = (one: End) => one.offset.add(bytes).le(FRAME_BYTES);
  s.require(fits(source).and(fits(target)), abi.GNTST_bad_copy_arg);
  s.clause("GRANT-COPY-2", "The policy lets bytes flow from the source's domain to the target's.");
  const from = ownerOf(s, domain, source);
  const to = ownerOf(s, domain, target);
  s.require(from.exists.and(to.exists), abi.GNTST_permission_denied);
  const labelOf = (owner: Granter) => s.row("domain", owner.domain).label;
  const allowed = xsm.permits(s, labelOf(from), labelOf(to), GRANT_COPY);
  s.require(allowed, abi.GNTST_permission_denied);
  s.require(bytes.ne(0), abi.GNTST_okay);
  s.clause(
    "GRANT-COPY-3",
    "Both ends are found before a byte is copied; they are different frames.",
  );
  const sourceAddress = endAddress(s, domain, source);
  const targetAddress = endAddress(s, domain, target);
  const found = sourceAddress.ne(abi.NOWHERE).and(targetAddress.ne(abi.NOWHERE));
  s.require(found, abi.GNTST_permission_denied);
  s.require(sourceAddress.ne(targetAddress), abi.GNTST_bad_copy_arg);
  s.machine.copy(
    targetAddress.add(target.offset.wide()),
    sourceAddress.add(source.offset.wide()),
    bytes,
  );
  return s.word64(abi.GNTST_okay);
}

// ---- the call -----------------------------------------------------------------------------------

/** An operation on a list of elements. */
interface Batch {
  readonly value: number;
  readonly bytes: number;
  /** Carries out an element, and writes its status into it. */
  readonly steps: (s: Transaction, domain: Word, argument: Argument) => void;
}

const batches: readonly Batch[] = [
  {
    value: abi.GNTTABOP_map_grant_ref,
    bytes: 32,
    steps: (s, domain, argument) => {
      const named = argument32(s, argument, 16).and(HALF);
      const status = s.attempt(() => mapOne(s, domain, argument, named));
      reply32(s, argument, 16, named.or(status.low().shl(16)));
    },
  },
  {
    value: abi.GNTTABOP_unmap_grant_ref,
    bytes: 24,
    steps: (s, domain, argument) => {
      const status = s.attempt(() => unmapOne(s, domain, argument));
      reply32(s, argument, 20, status.low());
    },
  },
  {
    value: abi.GNTTABOP_copy,
    bytes: 40,
    steps: (s, domain, argument) => {
      const status = s.attempt(() => copyOne(s, domain, argument));
      reply32(s, argument, 36, status.low());
    },
  },
];

/** One element of a list; the rest is resumed. */
function batchStep(s: Transaction, vcpu: Word, batch: Batch, list: Word, count: Word): Word {
  s.clause("GRANT-BATCH-1", "Elements are done in order, one a step; a list without any is done.");
  s.require(count.ne(0), 0);
  const size = s.word32(batch.bytes);
  const argument = openArgument(s, vcpu, list, size, s.truth(true), abi.EFAULT);
  batch.steps(s, s.row("vcpu", vcpu).domain, argument);
  s.clause(
    "GRANT-BATCH-2",
    "An element that fails has a status; the others are done all the same.",
  );
  return s.branch(
    count.eq(1),
    () => s.word64(0),
    () => resumeWith(s, s.word64(batch.value), list.add(batch.bytes), count.sub(1)),
  );
}

/** { u16 domain; u32 frames @4; u32 most @8; i16 status @12 }. */
function querySize(s: Transaction, vcpu: Word, list: Word): Word {
  const argument = openArgument(s, vcpu, list, s.word32(16), s.truth(true), abi.EFAULT);
  const domain = s.row("vcpu", vcpu).domain;
  const named = argument32(s, argument, 0).and(HALF);
  const status = s.attempt(() => {
    s.clause("GRANT-QUERY-1", "A domain asks about its own table only, if the policy lets it.");
    const row = s.row("domain", domain);
    s.require(named.isAmong(abi.DOMID_SELF, domain), abi.GNTST_permission_denied);
    const allowed = xsm.permits(s, row.label, row.selfLabel, GRANT_QUERY);
    s.require(allowed, abi.GNTST_permission_denied);
    s.clause("GRANT-QUERY-2", "The reply is the frames of the table, one at least, and the most.");
    const frames = row.grantFrames;
    reply32(s, argument, 4, frames.gt(1).choose(frames, 1));
    reply32(s, argument, 8, s.word32(GRANT_FRAMES));
    return s.word64(abi.GNTST_okay);
  });
  reply32(s, argument, 12, status.low());
  return s.word64(0);
}

/** { u32 version }: there is version 1 only. */
function setVersion(s: Transaction, vcpu: Word, list: Word): Word {
  const argument = openArgument(s, vcpu, list, s.word32(4), s.truth(true), abi.EFAULT);
  s.clause("GRANT-VERSION-1", "The table has version 1; the reply says so whatever was wanted.");
  const wanted = argument32(s, argument, 0);
  reply32(s, argument, 0, s.word32(1));
  return wanted.eq(1).choose(s.word64(0), abi.ENOSYS);
}

/** { u16 domain; u32 version @4 }. */
function getVersion(s: Transaction, vcpu: Word, list: Word): Word {
  const argument = openArgument(s, vcpu, list, s.word32(8), s.truth(true), abi.EFAULT);
  s.clause("GRANT-VERSION-2", "The version is 1.");
  reply32(s, argument, 4, s.word32(1));
  return s.word64(0);
}

/** The operations that are about the table as a whole. */
function tableOp(s: Transaction, vcpu: Word, operation: Word, list: Word): Word {
  s.clause("GRANT-SETUP-1", "The policy lets the caller set its grant table up.");
  const row = s.row("domain", s.row("vcpu", vcpu).domain);
  xsm.authorise(s, row.label, row.selfLabel, GRANT_SETUP);
  const cases = [
    { value: abi.GNTTABOP_set_version, steps: () => setVersion(s, vcpu, list) },
    { value: abi.GNTTABOP_get_version, steps: () => getVersion(s, vcpu, list) },
    {
      value: abi.GNTTABOP_cache_flush,
      steps: () => {
        s.clause("GRANT-FLUSH-1", "Caches are coherent: there is nothing to flush.");
        return s.word64(0);
      },
    },
  ];
  return s.select(operation, cases, () => {
    s.clause("GRANT-1", "There is no other operation.");
    return s.word64(abi.ENOSYS);
  });
}

/** HYPERVISOR_grant_table_op(operation, list, count). */
export function grantTableOp(
  s: Transaction,
  vcpu: Word,
  operation: Word,
  list: Word,
  count: Word,
): Word {
  const elements = count.and(0xffffffff);
  const cases = batches.map((batch) => ({
    value: batch.value,
    steps: () => batchStep(s, vcpu, batch, list, elements),
  }));
  const query = { value: abi.GNTTABOP_query_size, steps: () => querySize(s, vcpu, list) };
  return s.select(operation, [...cases, query], () => tableOp(s, vcpu, operation, list));
}
