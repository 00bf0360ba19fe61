// HYPERVISOR_grant_table_op, operation by operation.

import * as abi from "../../spec/abi.ts";
import { freeHandle } from "../../spec/grant_table.ts";
import type { Word } from "../../spec/lang/word.ts";
import { HANDLES } from "../../tcb/core/limits.ts";
import { constant, equal, not, truncate } from "../term/index.ts";
import { anyFirst, hypercallCase } from "./entry.ts";
import { memoryLemmas } from "./frame.ts";
import type { Seed } from "./instances.ts";
import { lemmas } from "./lemmas.ts";
import type { Case } from "./refine.ts";
import type { SymbolicTransaction } from "./symbolic.ts";
import { termOf } from "./values.ts";

const HANDLE_BITS = 10;
const ROW_BITS = 16;

const operations: Readonly<Record<string, number>> = {
  map_grant_ref: abi.GNTTABOP_map_grant_ref,
  unmap_grant_ref: abi.GNTTABOP_unmap_grant_ref,
  copy: abi.GNTTABOP_copy,
  query_size: abi.GNTTABOP_query_size,
  set_version: abi.GNTTABOP_set_version,
  get_version: abi.GNTTABOP_get_version,
  cache_flush: abi.GNTTABOP_cache_flush,
};

/** The lowest free handle of the caller, as the specification and as the code's bitmaps find it. */
function handlesOf(s: SymbolicTransaction, [vcpu]: readonly Word[]): Seed[] {
  const { domain } = s.row("vcpu", vcpu!);
  const full = s.row("handleFull", domain).word;
  const word = full.xor(-1).lowestBit().and(15);
  const used = s.row("handleUsed", domain, word).word;
  const marked = word.shl(6).or(used.xor(-1).lowestBit().low().and(63));
  return [marked, freeHandle(s, domain).index].map((handle) => ({
    table: "handle",
    index: truncate(termOf(domain.shl(HANDLE_BITS).or(handle.and(HANDLES - 1))), ROW_BITS),
  }));
}

const grantCase = (operation: string, own: Partial<Case>, first = anyFirst): Case =>
  hypercallCase(
    { number: abi.HYPERVISOR_grant_table_op, first },
    { family: "grant_table", operation, lemmas: [...lemmas, ...memoryLemmas], ...own },
  );

const own: Readonly<Record<string, Partial<Case>>> = {
  map_grant_ref: { about: handlesOf, split: ["GRANT-PIN-4"] },
};

export const grantTableCases: readonly Case[] = [
  ...Object.entries(operations).map(([name, operation]) =>
    grantCase(name, own[name] ?? {}, constant(64, operation)),
  ),
  grantCase("any other operation", {
    when: Object.values(operations).map((one) => not(equal(anyFirst, constant(64, one)))),
  }),
];
