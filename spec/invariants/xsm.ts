// Labels.

import { LABELS } from "../../tcb/core/limits.ts";
import type { Invariant } from "../lang/invariant.ts";
import { CHANNEL_AT, SELF_AT, stagedLabels } from "../policy_load.ts";

export const xsmInvariants: readonly Invariant[] = [
  {
    id: "INV-POLICY-1",
    says: "The labels that the policy gives to channels are labels.",
    table: "policyChannel",
    holds: (s, source, target) => s.row("policyChannel", source, target).label.lt(LABELS),
  },
  {
    id: "INV-POLICY-2",
    says: "The labels that the policy gives to domains as targets of their own are labels.",
    table: "policySelf",
    holds: (s, label) => s.row("policySelf", label).label.lt(LABELS),
  },
  {
    id: "INV-STAGE-1",
    says: "A copy of a policy of which labels were checked is complete.",
    table: "stage",
    holds: (s) => {
      const { bytes, copied, checked } = s.row("stage");
      return checked.ne(0).implies(copied.ge(bytes));
    },
  },
  {
    id: "INV-STAGE-2",
    says:
      "Of the labels that were checked of a copy, what they give to channels are labels of it; and " +
      "so are those of domains as targets of their own.",
    table: "staged",
    holds: (s, at) => {
      const { checked } = s.row("stage");
      const labels = stagedLabels(s);
      const rows = checked.min(labels).mul(LABELS);
      const isSelf = checked.ne(0).and(at.sub(SELF_AT).lt(LABELS));
      const isChannel = at.sub(CHANNEL_AT).lt(rows);
      return isSelf.or(isChannel).implies(s.row("staged", at).byte.lt(labels));
    },
  },
];
