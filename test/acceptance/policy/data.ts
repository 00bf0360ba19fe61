// What the checks of the policy compiler have in common.

import type { Outcome } from "../check.ts";

/** The outcome where Xen's policy data is not at hand: nothing was shown. */
export function withoutData(): Outcome {
  const summary = "not checked: Xen's policy and checkpolicy's verdicts on it are not here";
  return { passed: false, figures: { checked: false }, summary };
}
