// proofs.opcodes: the executor against the host's engine.

import { runConformance } from "../../../proofs/validate/conformance.ts";
import type { Check } from "../check.ts";

const CASES = 1_000_000;
const SEED = 1;

export const opcodes: Check = {
  name: "proofs.opcodes",
  claim: "the executor agrees with V8 on a million generated programs and operands",
  short: false,
  run: async () => {
    const result = runConformance({ cases: CASES, seed: SEED });
    const { mismatches, ...counts } = await result;
    const figures = { ...counts, mismatches: mismatches.map(({ what }) => what) };
    const summary = `${counts.cases} cases, ${mismatches.length} mismatches`;
    return { passed: mismatches.length === 0 && counts.cases >= CASES, figures, summary };
  },
};
