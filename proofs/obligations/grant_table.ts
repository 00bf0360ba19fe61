// HYPERVISOR_grant_table_op, operation by operation.

import * as abi from "../../spec/abi.ts";
import { constant, equal, not } from "../term/index.ts";
import type { Case } from "./case.ts";
import { countClaims } from "./counts.ts";
import { anyFirst, hypercallCase } from "./entry.ts";
import { memoryLemmas } from "./frame.ts";
import { lemmas } from "./lemmas.ts";

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

export const grantTableCases: readonly Case[] = [
  ...Object.entries(operations).map(([name, operation]) =>
    grantCase(name, {}, constant(64, operation)),
  ),
  grantCase("any other operation", {
    when: Object.values(operations).map((one) => not(equal(anyFirst, constant(64, one)))),
  }),
];
