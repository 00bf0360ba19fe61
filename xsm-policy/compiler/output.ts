/** The forms in which a compiled policy is written. */

import { confText } from "./conf.ts";
import { jsonText } from "./json.ts";
import { writePolicydb } from "./policydb-write.ts";
import type { AccessRelation } from "./relation.ts";
import { buildTable, type DenseTable, domainsOf, encodeTable } from "./table.ts";
import { tuplesText } from "./tuples.ts";

export const OUTPUT_FORMATS = [
  "table",
  "policydb-24",
  "policydb-30",
  "conf",
  "json",
  "tuples",
] as const;

export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Forms that are text, and may go to a terminal. */
export const TEXT_FORMATS: readonly OutputFormat[] = ["conf", "json", "tuples"];

/**
 * The bytes of a policy in a form; the same policy gives the same bytes.
 * @param labels contexts of domains, for the table
 * @param before the table that a new one is loaded after: its labels keep their numbers
 * @throws TableError, PolicydbError for what the form cannot hold
 */
export function writeOutput(
  relation: AccessRelation,
  format: OutputFormat,
  labels: readonly string[] = [],
  before?: DenseTable,
): Uint8Array {
  const { policy } = relation;
  switch (format) {
    case "table":
      return encodeTable(tableAfter(relation, labels, before));
    case "policydb-24":
      return writePolicydb(policy, 24, relation);
    case "policydb-30":
      return writePolicydb(policy, 30, relation);
    case "conf":
      return Buffer.from(confText(policy));
    case "json":
      return Buffer.from(jsonText(policy));
    case "tuples":
      return Buffer.from(tuplesText(relation));
  }
}

function tableAfter(
  relation: AccessRelation,
  labels: readonly string[],
  before: DenseTable | undefined,
): DenseTable {
  if (before === undefined) return buildTable(relation, labels);
  return buildTable(relation, [...domainsOf(before), ...labels], before.names);
}
