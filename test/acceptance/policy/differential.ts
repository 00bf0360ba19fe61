// [policy.differential]: random policies mean the same here and to checkpolicy.

import { hasCheckpolicy, runDifferential } from "../../xsm-policy/compiler/differential.ts";
import type { Check } from "../check.ts";

const POLICIES = 20_000;

/** Between two words on how far the run is. */
const REPORTED = 1000;

const SHOWN_DIFFERENCES = 10;

export const differential: Check = {
  name: "policy.differential",
  claim: "20,000 random policies: checkpolicy's verdict, meaning and decisions, and policydb back",
  short: false,
  async run() {
    if (!hasCheckpolicy()) {
      const summary = "not checked: checkpolicy is not installed";
      return { passed: false, figures: { checked: false }, summary };
    }
    const unexplained: string[] = [];
    const explained = new Map<string, number>();
    let accepted = 0;
    for (let first = 1; first <= POLICIES; first += REPORTED) {
      const result = runDifferential(REPORTED, first);
      accepted += result.accepted;
      for (const { seed, what, explanation } of result.differences) {
        if (explanation === undefined) unexplained.push(`seed ${seed}: ${what.slice(0, 300)}`);
        else explained.set(explanation, (explained.get(explanation) ?? 0) + 1);
      }
      process.stderr.write(
        `${first + REPORTED - 1} of ${POLICIES}: ${unexplained.length} differ\n`,
      );
    }
    const figures = {
      policies: POLICIES,
      accepted_by_both: accepted,
      unexplained: unexplained.length,
      first_unexplained: unexplained.slice(0, SHOWN_DIFFERENCES),
      explained: Object.fromEntries([...explained].sort()),
    };
    const known = [...explained.values()].reduce((sum, count) => sum + count, 0);
    const summary =
      `${POLICIES} policies, ${accepted} accepted by both, ${unexplained.length} unexplained ` +
      `differences, ${known} explained by defects of checkpolicy 3.4`;
    return { passed: unexplained.length === 0, figures, summary };
  },
};
