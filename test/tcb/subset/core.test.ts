// The core itself: catches a source or a binary that leaves the subset.

import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CORE_BINARY, checkCore } from "../../../tcb/subset/check.ts";
import { coreFiles } from "../../../tcb/subset/core-files.ts";
import { formatFinding } from "../../../tcb/subset/finding.ts";
import { checkSource } from "../../../tcb/subset/source/check.ts";

describe("the core", () => {
  it("keeps the source rules", () => {
    expect(checkSource(coreFiles()).map(formatFinding)).toEqual([]);
  });

  it.runIf(existsSync(CORE_BINARY))("keeps the binary rules once it is built", () => {
    const found = checkCore().filter(({ rule }) => rule >= 16);
    expect(found.map(formatFinding)).toEqual([]);
  });
});
