/** The forms in which a compiled policy is written. */

import { confText } from "./conf.ts";
import { jsonText } from "./json.ts";
import { writePolicydb } from "./policydb-write.ts";
import type { AccessRelation } from "./relation.ts";
import { buildTable, encodeTable } from "./table.ts";
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
 * @throws TableError, PolicydbError for what the form cannot hold
 */
export function writeOutput(
  relation: AccessRelation,
  format: OutputFormat,
  labels: readonly string[] = [],
): Uint8Array {
  const { policy } = relation;
  switch (format) {
    case "table":
      return encodeTable(buildTable(relation, labels));
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
