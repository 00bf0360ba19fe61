// The rules' own examples: catches a rule that stopped refusing, one that refuses what it allows,
// and a README that no longer says what the checker does.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { examples, judge } from "../../../tcb/subset/examples.ts";
import { formatFinding } from "../../../tcb/subset/finding.ts";
import { readmeText } from "../../../tcb/subset/readme.ts";

describe("examples of the subset's rules", () => {
  for (const example of examples()) {
    it(example.path, async () => {
      const found = await judge(example);
      if (example.allowed) expect(found.map(formatFinding)).toEqual([]);
      else expect(found.map(({ rule }) => rule)).toContain(example.rule.number);
    });
  }

  it("are what README.md shows", () => {
    const url = new URL("../../../tcb/subset/README.md", import.meta.url);
    expect(readFileSync(url, "utf8")).toBe(readmeText());
  });
});
