/**
 * Constants of Xen's binary policy ("XenFlask"), shared by its writer and its reader. Little
 * endian throughout; only versions 24 and 30 are taken by the hypervisor.
 */

import type {
  BooleanExpression,
  ConstraintStep,
  ConstraintSubject,
  DefaultFrom,
  DefaultRange,
  Policy,
} from "./policy.ts";

export const POLICYDB_MAGIC = 0xf97cff8c;
export const POLICYDB_NAME = "XenFlask";

export type PolicydbVersion = 24 | 30;

export const POLICYDB_VERSIONS: readonly PolicydbVersion[] = [24, 30];

/** Tables of symbols: commons, classes, roles, types, users, booleans, levels, categories. */
export const SYMBOL_TABLE_COUNT = 8;

/** Kinds of labelled object: devicetree paths came with version 30. */
export const OBJECT_CONTEXT_COUNT: Readonly<Record<PolicydbVersion, number>> = { 24: 5, 30: 6 };

export const CONFIG_MLS = 1;

export const TYPE_PRIMARY = 1;
export const TYPE_ATTRIBUTE = 2;

export const RULE_ALLOWED = 1;
export const RULE_AUDITALLOW = 2;
/** Stored as the complement of what dontaudit silences. */
export const RULE_AUDITDENY = 4;
export const RULE_TRANSITION = 0x10;
export const RULE_MEMBER = 0x20;
export const RULE_CHANGE = 0x40;
/** The branch holds at the booleans' declared values. */
export const RULE_ENABLED = 0x8000;

export const CONDITION_NUMBER: Readonly<Record<BooleanExpression["kind"], number>> = {
  boolean: 1,
  not: 2,
  or: 3,
  and: 4,
  xor: 5,
  eq: 6,
  neq: 7,
};

export const CONSTRAINT_NUMBER: Readonly<Record<ConstraintStep["kind"], number>> = {
  not: 1,
  and: 2,
  or: 3,
  compare: 4,
  member: 5,
};

export const SUBJECT_BITS: Readonly<Record<ConstraintSubject, number>> = {
  user: 1,
  role: 2,
  type: 4,
};

/** Added to a subject: which of the three contexts is meant. */
export const SIDE_BITS: Readonly<Record<1 | 2 | 3, number>> = { 1: 0, 2: 8, 3: 16 };

export const LEVEL_PAIR_BITS = {
  l1l2: 32,
  l1h2: 64,
  h1l2: 128,
  h1h2: 256,
  l1h1: 512,
  l2h2: 1024,
} as const;

export const OPERATOR_NUMBER = { eq: 1, neq: 2, dom: 3, domby: 4, incomp: 5 } as const;

export const DEFAULT_FROM: readonly DefaultFrom[] = ["none", "source", "target"];

export const DEFAULT_RANGE: readonly DefaultRange[] = [
  "none",
  "source-low",
  "source-high",
  "source-low-high",
  "target-low",
  "target-high",
  "target-low-high",
];

/** Names of Xen's initial SIDs; index 0 is number 1. A binary policy holds only the numbers. */
export const XEN_INITIAL_SIDS: readonly string[] = [
  "xenboot",
  "xen",
  "dom0",
  "domio",
  "domxen",
  "unlabeled",
  "security",
  "ioport",
  "iomem",
  "irq",
  "device",
  "domU",
  "domDM",
];

/** The class whose transitions version 24 can hold. */
export function subjectClass(policy: Policy): number {
  return policy.classes.findIndex(({ name }) => name === "domain");
}
