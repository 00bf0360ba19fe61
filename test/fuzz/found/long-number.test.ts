// Found by fuzzing (oracle "console"): a report of 18 billion seconds of run time lost its first
// digit. Catches a decimal number of 20 digits that is cut off.

import { expect, test } from "vitest";
import { built, judged } from "../judged.ts";

test.skipIf(!built)("turn: the core prints what its tables say, also 20 digits of it", () => {
  expect(
    judged(`
      d1v0 turn(ticks=0x1312d00)
      d1v0 turn(ticks=0x1312d00)
      d3v0 long exit_hlt(flags=2)
      d1v0 turn(ticks=1000)
      d1v0 sched_shutdown(at=0, reason=0)
      d2v0 sched_shutdown(at=0, reason=0)
      d4v0 sched_shutdown(at=0, reason=0)
      d4v0 turn(ticks=0x7d000000000003e8)
    `),
  ).toBeUndefined();
});
