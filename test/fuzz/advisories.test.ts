// The advisory regressions on the core as it is: none of them comes to anything. That each is found
// when its mistake is planted takes minutes: the acceptance check fuzz.advisories.

import { expect, test } from "vitest";
import { parseProgram } from "../../fuzz/program/text.ts";
import { advisories } from "./advisories/index.ts";
import { storeAdvisories } from "./advisories/store.ts";
import { built, realTarget, runOn } from "./judged.ts";
import { planted } from "./variant.ts";

test.skipIf(!built).each(advisories)(
  "XSA $xsa: $says (skipped unless built)",
  ({ program, answer }) => {
    const judged = runOn(realTarget(), parseProgram(program));
    expect(judged.says).toBeUndefined();
    if (answer !== undefined) expect(judged.answer).toBe(answer);
  },
);

test.each(advisories)("the mistake of XSA $xsa can still be planted", ({ mistake }) => {
  expect(planted(mistake)).toContain(mistake.wrong);
});

test.each(storeAdvisories)("the mistake of the store's XSA $xsa can still be planted", (one) => {
  const { mistake } = one;
  expect(planted(mistake, undefined, "disaggregation/domains/xenstore")).toContain(mistake.wrong);
});
