// Grant tables, version 1: HYPERVISOR_grant_table_op (xen/include/public/grant_table.h). A domain
// offers a frame of its own by an entry in memory that it shares with the hypervisor; another maps
// the frame, or copies. The entry is read once for a decision, and pinned by a compare-exchange of
// its flags. While it is pinned the frame counts that was seen then, whatever the entry says later.
// A refusal never tells whether a domain, a table or an entry exists: they are one status.

import { GRANT_FRAMES } from "../tcb/core/limits.ts";
import * as abi from "./abi.ts";
import { copyOne } from "./grant_copy.ts";
import { mapOne, unmapOne } from "./grant_map.ts";
import { type Argument, argument32, openArgument, reply32 } from "./guest.ts";
import { ask } from "./lang/question.ts";
import type { Transaction } from "./lang/transaction.ts";
import type { Word } from "./lang/word.ts";
import { resumeWith } from "./resume.ts";
import * as xsm from "./xsm.ts";

/** xen/xsm/flask/policy/access_vectors, class grant. */
const GRANT_SETUP = ask("grant { setup }", xsm.GRANT, 4);
const GRANT_QUERY = ask("grant { query }", xsm.GRANT, 6);

const HALF = 0xffff;

/** An operation on a list of elements. */
interface Batch {
  readonly value: number;
  readonly bytes: number;
  /** What is said when it goes on. */
  readonly goOn: (s: Transaction, left: Word) => void;
  /** Carries out an element, and writes its status into it. */
  readonly steps: (s: Transaction, domain: Word, argument: Argument) => void;
}

const batches: readonly Batch[] = [
  {
    value: abi.GNTTABOP_map_grant_ref,
    bytes: 32,
    goOn: () => {},
    steps: (s, domain, argument) => {
      const named = argument32(s, argument, 16).and(HALF);
      const status = s.attempt(() => mapOne(s, domain, argument, named));
      reply32(s, argument, 16, named.or(status.low().shl(16)));
    },
  },
  {
    value: abi.GNTTABOP_unmap_grant_ref,
    bytes: 24,
    goOn: () => {},
    steps: (s, domain, argument) => {
      const status = s.attempt(() => unmapOne(s, domain, argument));
      reply32(s, argument, 20, status.low());
    },
  },
  {
    value: abi.GNTTABOP_copy,
    bytes: 40,
    goOn: sayShort,
    steps: (s, domain, argument) => {
      const status = s.attempt(() => copyOne(s, domain, argument));
      reply32(s, argument, 36, status.low());
    },
  },
];

/** Some steps of the call may follow one another. */
function sayShort(s: Transaction, left: Word): void {
  s.clause(
    "GRANT-BATCH-3",
    "Copies are short: up to 32 follow one another before the guest is entered again.",
  );
  s.when(left.and(31).ne(0), () => s.row("call").set({ short: 1 }));
}

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
  const left = count.sub(1);
  const goOn = () => {
    batch.goOn(s, left);
    return resumeWith(s, s.word64(batch.value), list.add(batch.bytes), left);
  };
  return s.branch(left.eq(0), () => s.word64(0), goOn);
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
