// The proofs: each case is one operation, shown in every state. What it is about is found by
// carrying the specification's steps out with terms, as the prover does, and noting the clauses.

import { cases } from "../../proofs/obligations/index.ts";
import { type Case, execute } from "../../proofs/obligations/refine.ts";
import { decodeModule } from "../../proofs/wasm/index.ts";
import { columns } from "../../tcb/core/layout.ts";
import { shortHash } from "./source.ts";

/** Name of a case, as in "event_channel: send". */
const nameOf = ({ family, operation }: Case): string => `${family}: ${operation}`;

/** What a case is made of as text: functions by their source. */
function textOf(one: Case): string {
  return JSON.stringify(one, (_, value: unknown) => {
    if (typeof value === "function") return String(value);
    return typeof value === "bigint" ? `${value}n` : value;
  });
}

/** Hash of each case: what is executed, what is taken for granted, how it is split. */
export function caseHashes(): Map<string, string> {
  return new Map(cases.map((one) => [nameOf(one), shortHash(textOf(one))]));
}

/** The clauses that the specification's steps come to in each case, on a build of the core. */
export function clausesOfCases(core: Uint8Array): Map<string, string[]> {
  const module = decodeModule(core);
  return new Map(
    cases.map((one) => {
      const { spec } = execute(module, columns, one);
      return [nameOf(one), [...new Set(spec.clauses.map(({ id }) => id))].sort()];
    }),
  );
}
