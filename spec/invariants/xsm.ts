// Labels.

import { LABELS } from "../../tcb/core/limits.ts";
import type { Invariant } from "../lang/invariant.ts";

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
];
