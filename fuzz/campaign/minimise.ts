// The smallest input that still comes to the same finding.

import { keyOf, type Target } from "../targets/target.ts";

const ATTEMPTS_MAX = 4000;

/** Minimises an input by what the target says is smaller; the result has the same key. */
export function minimise(target: Target, bytes: Uint8Array, key: string): Uint8Array {
  let smallest = bytes;
  let attempts = 0;
  let goesOn = true;
  while (goesOn && attempts < ATTEMPTS_MAX) {
    goesOn = false;
    for (const candidate of target.smaller(smallest)) {
      if (++attempts > ATTEMPTS_MAX) break;
      const { failure } = target.run(candidate);
      if (failure === undefined || keyOf(failure) !== key) continue;
      smallest = candidate;
      goesOn = true;
      break;
    }
  }
  return smallest;
}
