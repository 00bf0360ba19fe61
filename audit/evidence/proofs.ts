// Verdicts of proofs without what differs from run to run: no times, no cache.

import type { ProofRun } from "../trace/verdicts.ts";

/** The obligations of a run, by operation. */
export function proofEvidence(run: ProofRun) {
  return {
    core_sha256: run.core_sha256,
    operations: run.operations,
    unspecified: run.unspecified,
    flows: run.flows ?? [],
    obligations: run.obligations.map(
      ({ family, operation, property, expect, verdict, ok, solver, sha256, opinions }) => ({
        family,
        operation,
        property,
        expect,
        verdict,
        ok,
        solver,
        sha256,
        opinions: opinions.map((one) => [one.solver, one.version, one.verdict]),
      }),
    ),
  };
}

/** What each query took, for the record of the run. */
export function proofTimes(run: ProofRun) {
  return run.obligations.map(({ family, operation, property, ms }) => [
    `${family}: ${operation}: ${property}`,
    ms,
  ]);
}
