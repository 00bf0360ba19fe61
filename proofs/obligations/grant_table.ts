// HYPERVISOR_grant_table_op, operation by operation.

import * as abi from "../../spec/abi.ts";
import { add, constant, equal, not, sub, truncate, ult, zeroExtend } from "../term/index.ts";
import type { Case } from "./case.ts";
import { countClaims } from "./counts.ts";
import { anyFirst, anySecond, anyThird, hypercallCase } from "./entry.ts";
import { memoryLemmas } from "./frame.ts";
import { lemmas } from "./lemmas.ts";
import { resumes } from "./resumption.ts";

const operations: Readonly<Record<string, number>> = {
  map_grant_ref: abi.GNTTABOP_map_grant_ref,
  unmap_grant_ref: abi.GNTTABOP_unmap_grant_ref,
  copy: abi.GNTTABOP_copy,
  query_size: abi.GNTTABOP_query_size,
  set_version: abi.GNTTABOP_set_version,
  get_version: abi.GNTTABOP_get_version,
  cache_flush: abi.GNTTABOP_cache_flush,
};

const grantCase = (operation: string, own: Partial<Case>, first = anyFirst): Case =>
  hypercallCase(
    { number: abi.HYPERVISOR_grant_table_op, first },
    {
      family: "grant_table",
      operation,
      lemmas: [...lemmas, ...memoryLemmas],
      claims: countClaims,
      ...own,
    },
  );

/** What is taken off the granter's entry. */
const delivers = ["and64"];

/** Bytes of an element of a list. */
const elements: Readonly<Record<string, number>> = {
  map_grant_ref: 32,
  unmap_grant_ref: 24,
  copy: 40,
};

/** The claims of an operation: counts, and that of lists. */
function claimsOf(operation: string, number: number): Case["claims"] {
  const bytes = elements[operation];
  if (bytes === undefined) return countClaims;
  const count = zeroExtend(truncate(anyThird, 32), 64);
  const list = resumes({
    count: anyThird,
    step: 1n,
    isMore: ult(constant(64, 1), count),
    rest: {
      first: constant(64, number),
      second: add(anySecond, constant(64, bytes)),
      third: sub(count, constant(64, 1)),
    },
  });
  return (before, after, result) => [...countClaims(before, after), ...list(before, after, result)];
}

export const grantTableCases: readonly Case[] = [
  ...Object.entries(operations).map(([name, operation]) =>
    grantCase(
      name,
      {
        claims: claimsOf(name, operation)!,
        ...(name === "unmap_grant_ref" ? { delivers } : {}),
      },
      constant(64, operation),
    ),
  ),
  grantCase("any other operation", {
    when: Object.values(operations).map((one) => not(equal(anyFirst, constant(64, one)))),
  }),
];
