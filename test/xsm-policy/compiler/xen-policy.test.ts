/** Xen's own policy: the relation, decisions and binaries must be those of checkpolicy. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compile } from "../../../xsm-policy/compiler/compile.ts";
import { confText } from "../../../xsm-policy/compiler/conf.ts";
import { contextFromText } from "../../../xsm-policy/compiler/context-text.ts";
import { DecisionEngine } from "../../../xsm-policy/compiler/decision.ts";
import { contextText } from "../../../xsm-policy/compiler/mls.ts";
import { readPolicydb } from "../../../xsm-policy/compiler/policydb-read.ts";
import { writePolicydb } from "../../../xsm-policy/compiler/policydb-write.ts";
import { buildRelation } from "../../../xsm-policy/compiler/relation.ts";
import { tuplesText } from "../../../xsm-policy/compiler/tuples.ts";
import { canonicalLines } from "./canonical.ts";
import { compareDecisions } from "./context-decisions.ts";
import { hasCheckpolicy } from "./differential.ts";
import { hasXenData, xenData } from "./sample.ts";

const skipped = !hasXenData;
if (skipped) process.stderr.write("skipped: Xen's policy data (../shared/data) is not here\n");

const tools = hasCheckpolicy();
if (!tools) process.stderr.write("skipped: checkpolicy and setools are not installed\n");

function xenPolicy() {
  const result = compile({ name: "policy.conf", text: xenData("policy.conf") });
  if (result.policy === undefined || result.relation === undefined) {
    throw new Error(result.diagnostics[0]?.message);
  }
  return { policy: result.policy, relation: result.relation, ok: result.ok };
}

describe.skipIf(skipped)("Xen's policy", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "xsm-xen-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("expands to exactly checkpolicy's 1,448 tuples, in the same bytes", () => {
    const { relation, ok } = xenPolicy();
    expect(ok).toBe(true);
    const text = tuplesText(relation);
    expect(text.split("\n")).toHaveLength(1 + 1448 + 1);
    expect(text).toBe(xenData("allow.tsv"));
  });

  it("decides all 262,132 pairs of contexts like libsepol", () => {
    const { contexts, cells, wrong } = compareDecisions(xenPolicy().relation);
    expect(contexts).toBe(142);
    expect(cells).toBe(262_132);
    expect(wrong).toEqual([]);
  });

  it("gives new objects the types that sesearch lists", () => {
    const { policy, relation } = xenPolicy();
    const engine = new DecisionEngine(relation);
    const role = (type: string) => (/_channel$/.test(type) ? "object_r" : "system_r");
    let checked = 0;
    for (const line of xenData("type_transition.txt").trim().split("\n")) {
      const match = /^type_transition (\S+) (\S+):(\S+) (\S+);/.exec(line);
      if (match === null || match[3] !== "event") continue;
      const [, from, to, , result] = match;
      const source = contextFromText(policy, `system_u:system_r:${from}`);
      const target = contextFromText(policy, `system_u:${role(to)}:${to}`);
      const event = policy.classes.findIndex(({ name }) => name === "event");
      const made = engine.transition(source, target, event);
      expect(made && contextText(policy, made)).toBe(`system_u:object_r:${result}`);
      checked++;
    }
    expect(checked).toBeGreaterThan(50);
  });

  it.each([24, 30] as const)("reads back the same from its own policydb %i", (version) => {
    const { policy } = xenPolicy();
    const bytes = writePolicydb(policy, version);
    const { policy: back, diagnostics } = readPolicydb(bytes);
    expect(diagnostics).toEqual([]);
    expect(back && canonicalLines(back)).toEqual(canonicalLines(policy));
    expect(back && writePolicydb(back, version)).toEqual(bytes);
  });

  it.skipIf(!tools).each([24, 30] as const)(
    "is read by checkpolicy, seinfo and sesearch from policydb %i as from checkpolicy's own",
    (version) => {
      const { policy } = xenPolicy();
      const ours = path.join(folder, `ours.${version}`);
      const theirs = path.join(folder, `theirs.${version}`);
      const source = path.join(folder, "policy.conf");
      writeFileSync(ours, writePolicydb(policy, version));
      writeFileSync(source, xenData("policy.conf"));
      const args = ["-t", "Xen", "-c", String(version), source, "-o", theirs];
      expect(spawnSync("checkpolicy", args).status).toBe(0);
      expect(spawnSync("checkpolicy", ["-b", "-t", "Xen", ours]).status).toBe(0);
      const lines =
        (command: string, ...flags: string[]) =>
        (file: string) => {
          const output = spawnSync(command, [...flags, file])
            .stdout.toString()
            .split("\n");
          return output.filter((line) => !line.startsWith("Statistics")).sort();
        };
      for (const read of [lines("seinfo"), lines("sesearch", "-A"), lines("sesearch", "-T")]) {
        const output = read(ours);
        expect(output.length).toBeGreaterThan(10);
        expect(output).toEqual(read(theirs));
      }
    },
  );

  it("normalises to a policy.conf that means the same and does not change again", () => {
    const { policy } = xenPolicy();
    const text = confText(policy);
    const again = compile({ name: "normal.conf", text });
    expect(again.diagnostics).toEqual([]);
    expect(again.policy && canonicalLines(again.policy)).toEqual(canonicalLines(policy));
    expect(again.policy && confText(again.policy)).toBe(text);
    expect(again.relation && tuplesText(again.relation)).toBe(xenData("allow.tsv"));
  });

  it("keeps the places that #line directives give", () => {
    const { policy } = xenPolicy();
    const rule = policy.grantRules.find(({ node }) => node !== undefined);
    const span = rule?.node && policy.tree?.span(rule.node);
    expect(span?.file).toMatch(/\.te$/);
  });

  it("has the relation that checkpolicy's binary has", () => {
    if (!tools) return;
    const source = path.join(folder, "policy.conf");
    const binary = path.join(folder, "checked.30");
    writeFileSync(source, xenData("policy.conf"));
    spawnSync("checkpolicy", ["-t", "Xen", "-c", "30", source, "-o", binary]);
    const { policy } = readPolicydb(new Uint8Array(spawnSync("cat", [binary]).stdout));
    expect(policy && tuplesText(buildRelation(policy))).toBe(xenData("allow.tsv"));
  });
});
