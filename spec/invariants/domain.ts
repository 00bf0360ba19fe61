// What a living domain has of its own.

import { LABELS } from "../../tcb/core/limits.ts";
import { all, type Invariant } from "../lang/invariant.ts";
import type { Transaction } from "../lang/transaction.ts";
import type { Word } from "../lang/word.ts";
import { DOMAIN_DYING, DOMAIN_FREE } from "../states.ts";
import { isSpecialFrame } from "./grant_table.ts";

const lives = (s: Transaction, domain: Word) =>
  s.row("domain", domain).state.isAmong(DOMAIN_FREE, DOMAIN_DYING).not();

export const domainInvariants: readonly Invariant[] = [
  {
    id: "INV-DOMAIN-3",
    says: "The shared_info of a living domain is a special frame of its own.",
    table: "domain",
    holds: (s, domain) => {
      const { sharedInfo } = s.row("domain", domain);
      return all(sharedInfo.ne(0), lives(s, domain)).implies(isSpecialFrame(s, domain, sharedInfo));
    },
  },
  {
    id: "INV-POLICY-3",
    says: "The policy has no more labels than there can be.",
    table: "policy",
    holds: (s) => s.row("policy").labels.le(LABELS),
  },
];
