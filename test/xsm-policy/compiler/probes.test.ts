/** One-statement probes: the verdict of checkpolicy, or a listed reason for another. */

import { describe, expect, it } from "vitest";
import differences from "./probe-differences.json" with { type: "json" };
import { judge, readProbes } from "./probes.ts";
import { hasXenData } from "./sample.ts";

if (!hasXenData) process.stderr.write("skipped: the probes (../shared/data) are not here\n");

describe.skipIf(!hasXenData)("probes", () => {
  it("come out as with checkpolicy, or as listed", () => {
    const probes = readProbes();
    expect(probes.length).toBeGreaterThanOrEqual(70);
    const unlisted = probes
      .map((probe) => ({ ...probe, ...{ ours: judge(probe) } }))
      .filter(({ accepted, ours }) => accepted !== ours.accepted)
      .map(({ probe }) => probe);
    expect(unlisted).toEqual(differences.map(({ probe }) => probe));
  });

  it("that are refused say where: file, line and column of the statement", () => {
    for (const probe of readProbes()) {
      const { accepted, message } = judge(probe);
      if (accepted || message.startsWith("Error")) continue;
      expect(message, probe.probe).toMatch(/^x\.conf:\d+:\d+: error: .+ \[[a-z-]+\]/);
    }
  });
});
