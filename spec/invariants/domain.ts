// What a living domain has of its own.

import { FRAMES, LABELS } from "../../tcb/core/limits.ts";
import { all, type Invariant } from "../lang/invariant.ts";
import type { Transaction } from "../lang/transaction.ts";
import type { Word } from "../lang/word.ts";
import { frameOf } from "../p2m.ts";
import {
  DOMAIN_DYING,
  DOMAIN_FREE,
  DOMAIN_PAUSED,
  DOMAIN_SHUTDOWN,
  FRAME_FREE,
} from "../states.ts";
import { isSpecialFrame } from "./grant_table.ts";

const lives = (s: Transaction, domain: Word) =>
  s.row("domain", domain).state.isAmong(DOMAIN_FREE, DOMAIN_DYING).not();

/** The frame that a vCPU's vcpu_info pins, if it was moved there. */
function pinOf(s: Transaction, vcpu: Word) {
  const { infoRegistered, info } = s.row("vcpu", vcpu);
  const frame = info.shr(12);
  const exists = frame.lt(FRAMES);
  return { registered: infoRegistered.ne(0), exists, frame: exists.choose(frame, 0).low() };
}

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
    id: "INV-DOMAIN-4",
    says: "Without a ring for its console, a domain has no port for it.",
    table: "domain",
    holds: (s, domain) => {
      const { consoleFrame, consolePort } = s.row("domain", domain);
      return consoleFrame.eq(0).implies(consolePort.eq(0));
    },
  },
  {
    id: "INV-DOMAIN-5",
    says: "A domain that has run and may be looked at has a shared_info.",
    table: "domain",
    holds: (s, domain) => {
      const { state, sharedInfo } = s.row("domain", domain);
      return state.isAmong(DOMAIN_PAUSED, DOMAIN_SHUTDOWN).implies(sharedInfo.ne(0));
    },
  },
  {
    id: "INV-DOMAIN-6",
    says: "A domain that is none has no shared_info, and no port for a console.",
    table: "domain",
    holds: (s, domain) => {
      const { state, sharedInfo, consolePort } = s.row("domain", domain);
      return state.eq(DOMAIN_FREE).implies(sharedInfo.eq(0).and(consolePort.eq(0)));
    },
  },
  {
    id: "INV-POLICY-3",
    says: "The policy has no more labels than there can be.",
    table: "policy",
    holds: (s) => s.row("policy").labels.le(LABELS),
  },
  {
    id: "INV-PIN-1",
    says: "The page of a vcpu_info that a vCPU has moved is memory of its domain, and not free.",
    table: "vcpu",
    holds: (s, vcpu) => {
      const { domain } = s.row("vcpu", vcpu);
      const { registered, exists, frame } = pinOf(s, vcpu);
      const around = s.row("super", frame.shr(9));
      const used = around.whole.eq(1).or(s.row("frame", frame).kind.ne(FRAME_FREE));
      return registered.implies(all(exists, around.owner.eq(domain.add(1)), used));
    },
  },
  {
    id: "INV-PIN-2",
    says: "A frame counts a vcpu_info that pins it.",
    table: "vcpu",
    counted: true,
    holds: (s, vcpu) => {
      const { registered, exists, frame } = pinOf(s, vcpu);
      return all(registered, exists).implies(s.row("frame", frame).references.ne(0));
    },
  },
  {
    id: "INV-PIN-3",
    says: "A frame counts a leaf that shows it besides a vcpu_info that pins it.",
    table: "leaf",
    other: "vcpu",
    counted: true,
    holds: (s, domain, slot, at, vcpu) => {
      const { entry } = s.row("leaf", domain, slot, at);
      const { registered, exists, frame } = pinOf(s, vcpu);
      const both = all(registered, exists, entry.ne(0), frameOf(entry).eq(frame));
      return both.implies(s.row("frame", frame).references.gt(1));
    },
  },
];
