// What is gone already of a domain that is being destroyed: everything of the stages before, and of
// this stage the rows before the one that it has come to.

import { DOMAINS } from "../../tcb/core/limits.ts";
import { EVTCHNSTAT_closed } from "../abi.ts";
import { all, type Invariant } from "../lang/invariant.ts";
import type { Transaction } from "../lang/transaction.ts";
import type { Bool, Word } from "../lang/word.ts";
import { DOMAIN_DYING } from "../states.ts";
import {
  LEAVES_OF_TABLE,
  ROWS_OF_STAGES,
  STAGE_DIRECTORY,
  STAGE_HANDLES,
  STAGE_LEAVES,
  STAGE_MEMORY,
  STAGE_PORTS,
  STAGE_VCPUS,
} from "../teardown.ts";

/** Has the domain's teardown passed the row of that stage? */
function isPast(s: Transaction, domain: Word, stage: number, row: Word): Bool {
  const { state, teardownStage, teardownRow } = s.row("domain", domain);
  const within = teardownStage.eq(stage).and(row.lt(teardownRow));
  return state.eq(DOMAIN_DYING).and(teardownStage.gt(stage).or(within));
}

/** The rows of the leaves' stage that are a table's: its first and its last. */
const firstOf = (slot: Word): Word => slot.shl(Math.log2(LEAVES_OF_TABLE));
const lastOf = (slot: Word): Word => firstOf(slot).or(LEAVES_OF_TABLE - 1);

export const teardownInvariants: readonly Invariant[] = [
  {
    id: "INV-TEARDOWN-1",
    says: "A teardown is at one of its stages and at a row of that; only a dying domain has begun.",
    table: "domain",
    holds: (s, domain) => {
      const { state, teardownStage, teardownRow } = s.row("domain", domain);
      const rows = ROWS_OF_STAGES.map((count, stage) =>
        teardownStage.eq(stage).and(teardownRow.lt(count)),
      );
      const begun = teardownStage.ne(0).or(teardownRow.ne(0));
      const dying = begun.implies(state.eq(DOMAIN_DYING));
      return all(
        dying,
        rows.reduce((some, one) => some.or(one)),
      );
    },
  },
  {
    id: "INV-TEARDOWN-2",
    says: "Ports that a teardown has passed are closed.",
    table: "port",
    holds: (s, domain, port) => {
      const closed = s.row("port", domain, port).state.eq(EVTCHNSTAT_closed);
      return isPast(s, domain, STAGE_PORTS, port.shr(6)).implies(closed);
    },
  },
  {
    id: "INV-TEARDOWN-3",
    says: "Handles that a teardown has passed stand for nothing.",
    table: "handle",
    holds: (s, domain, handle) => {
      const free = s.row("handle", domain, handle).domain.eq(0);
      return isPast(s, domain, STAGE_HANDLES, handle).implies(free);
    },
  },
  {
    id: "INV-TEARDOWN-4",
    says: "vCPUs that a teardown has passed are gone.",
    table: "domainVcpu",
    holds: (s, domain, id) => {
      const gone = s.row("domainVcpu", domain, id).row.eq(0);
      return isPast(s, domain, STAGE_VCPUS, id).implies(gone);
    },
  },
  {
    id: "INV-TEARDOWN-5",
    says: "Last-level tables that a teardown has passed are given back.",
    table: "tableOwner",
    holds: (s, domain, slot) => {
      const free = s.row("tableOwner", domain, slot).directory.eq(0);
      return isPast(s, domain, STAGE_LEAVES, lastOf(slot)).implies(free);
    },
  },
  {
    id: "INV-TEARDOWN-6",
    says: "Leaves that a teardown has passed are empty.",
    table: "leaf",
    holds: (s, domain, slot, at) => {
      const empty = s.row("leaf", domain, slot, at).entry.eq(0);
      return isPast(s, domain, STAGE_LEAVES, firstOf(slot).or(at)).implies(empty);
    },
  },
  {
    id: "INV-TEARDOWN-7",
    says: "Directory entries that a teardown has passed are empty.",
    table: "directory",
    holds: (s, domain, index) => {
      const empty = s.row("directory", domain, index).entry.eq(0);
      return isPast(s, domain, STAGE_DIRECTORY, index).implies(empty);
    },
  },
  {
    id: "INV-TEARDOWN-8",
    says: "Superframes that their owner's teardown has passed are nobody's.",
    table: "super",
    holds: (s, superframe) => {
      const { owner } = s.row("super", superframe);
      const known = owner.ne(0).and(owner.le(DOMAINS));
      const domain = known.choose(owner.sub(1), 0);
      return known.and(isPast(s, domain, STAGE_MEMORY, superframe)).not();
    },
  },
];
