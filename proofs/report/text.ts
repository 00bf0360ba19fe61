// What `prove` prints.

import type { ObligationResult } from "../runner/index.ts";

/** The first screen: what a proof does not say. */
export const SCOPE = `Proved is what the given core.wasm does to its tables, and which events it causes in which order,
for every state that satisfies the invariants and for every argument. Not proved:
  - side channels and timing; the wording of lines on the console;
  - the machine layer (tcb/machine), wasm2c, gcc; the CPU itself;
  - the judges: the decoder, the executor and the printer of proofs/, and the solver
    (--solver z3 or cvc5 asks another one);
  - that the steps of a resumed call together are the whole; that a caller learns no more than it
    may see, but for the operations with a line "tells no more";
  - that the specification says what its reader wants;
  - the induction on paper from one step to all steps, and over counts.
`;

interface Named {
  readonly family: string;
  readonly operation: string;
}

/** A table, a line for each operation. */
export class ProofTable {
  #family = "";

  /** The line of an operation; a failure says which property, and why. */
  line(one: Named, results: readonly ObligationResult[]): string {
    const heading = one.family === this.#family ? "" : `${one.family}\n`;
    this.#family = one.family;
    const proved = results.filter(({ ok }) => ok).length;
    const ms = sumOf(results);
    const largest = Math.max(0, ...results.map((result) => result.ms));
    const figures = `${proved}/${results.length}`.padStart(8);
    const times = `${seconds(ms)} s, largest ${seconds(largest)} s`;
    const failures = results.filter(({ ok }) => !ok).map(failure);
    return `${heading}  ${one.operation.padEnd(24)}${figures}   ${times}\n${failures.join("")}`;
  }

  /** The last lines. */
  end(
    all: readonly ObligationResult[],
    operations: number,
    unspecified: readonly string[],
    flows: readonly string[],
  ): string {
    const proved = all.filter(({ ok }) => ok).length;
    const largest = Math.max(0, ...all.map(({ ms, largestMs = ms }) => largestMs));
    const times = `${seconds(sumOf(all))} s of solving, largest query ${seconds(largest)} s`;
    const known = operations - unspecified.length;
    const missing = unspecified.length === 0 ? "" : `unspecified: ${unspecified.join(", ")}\n`;
    return (
      `\n${proved} of ${all.length} obligations proved, ${times}\n` +
      `${known} of ${operations} operations of this build are specified\n${missing}` +
      `flows between domains that are meant:\n${flows.map((flow) => `  - ${flow}\n`).join("")}`
    );
  }
}

function failure({ property, verdict, detail }: ObligationResult): string {
  return `      NOT PROVED: ${property} (${verdict}${detail === undefined ? "" : `: ${detail}`})\n`;
}

/** All queries, those with too few facts included. */
function sumOf(results: readonly ObligationResult[]): number {
  return results.reduce((sum, { ms, totalMs = ms }) => sum + totalMs, 0);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
