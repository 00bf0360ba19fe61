// A finding as a test that people read: it fails before the fix and passes after it.

import type { Finding } from "./store.ts";

/** The text of a test file for a finding. */
export function testOf({ id, oracle, operation, about, says, text }: Finding): string {
  const program = text.trimEnd().replace(/^/gm, "      ");
  const clause = about === "" ? "" : ` (${about})`;
  return `// Found by fuzzing, finding ${id}: ${oracle}${clause}.

import { expect, test } from "vitest";
import { built, judged } from "../judged.ts";

test.skipIf(!built)(${JSON.stringify(`${operation}: ${says}`)}, () => {
  expect(
    judged(\`
${program}
    \`),
  ).toBeUndefined();
});
`;
}
