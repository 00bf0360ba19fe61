/** One-statement probes: the verdict of checkpolicy, or a listed reason for another. */

import { describe, expect, it } from "vitest";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { writePolicydb } from "../../../xsm-policy/compiler/policydb-write.ts";
import differences from "./probe-differences.json" with { type: "json" };
import { hasXenData, rendered, xenData } from "./sample.ts";

interface Probe {
  readonly probe: string;
  readonly text: string;
  readonly version: 24 | 30;
  readonly accepted: boolean;
}

if (!hasXenData) process.stderr.write("skipped: the probes (../shared/data) are not here\n");

function readProbes(): Probe[] {
  const base = xenData("probes-base.conf");
  const lines = (name: string) =>
    xenData(name)
      .split("\n")
      .filter((line) => line.includes("=>"))
      .map((line) => line.split("=>").map((part) => part.trim()));
  const verdict = (parts: string[]) => parts.slice(1).join(" ").endsWith("OK");
  const rules = lines("probes.txt").map((parts) => ({
    probe: parts[0],
    text: base.replace("RULE", parts[0]),
    version: 30 as const,
    accepted: verdict(parts),
  }));
  const devices = lines("probes-device-contexts.txt").map((parts) => {
    const [, statements, version] = /^(.*?)\|?\s*\[v(\d+)\]$/.exec(parts[0]) ?? [];
    return {
      probe: parts[0],
      text: `${base.replace("RULE\n", "\n")}${statements.split("|").join("\n")}\n`,
      version: Number(version) as 24 | 30,
      accepted: verdict(parts),
    };
  });
  return [...rules, ...devices];
}

/** Our verdict, and the first message. */
function judge({ text, version }: Probe): { accepted: boolean; message: string } {
  const result = compile({ name: "x.conf", text });
  if (!result.ok || result.policy === undefined) {
    return { accepted: false, message: rendered(result)[0] };
  }
  try {
    writePolicydb(result.policy, version);
    return { accepted: true, message: "" };
  } catch (failure) {
    return { accepted: false, message: String(failure) };
  }
}

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
