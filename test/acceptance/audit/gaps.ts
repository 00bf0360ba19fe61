// audit.gaps: every clause of this very tree has its code, its proof and its test, none older than
// what it is evidence of; what lacks one is waived by somebody, until a day.

import { checkTree, gapLine, summaryLines } from "../../../audit/trace/check.ts";
import type { Check } from "../check.ts";

const GAPS_SHOWN = 20;

export const gaps: Check = {
  name: "audit.gaps",
  claim: "no clause lacks code, proof or test, and none of these is older than it",
  short: true,
  run: async () => {
    const result = checkTree(new Date().toISOString().slice(0, 10));
    const shown = result.gaps.slice(0, GAPS_SHOWN).map(gapLine);
    const figures = { items: result.items, states: result.states, gaps: shown };
    return {
      passed: result.gaps.length === 0,
      figures,
      summary: [...summaryLines(result), ...shown].join("\n"),
    };
  },
};
