import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lintCommand } from "../../../xsm-policy/lint/command.ts";
import { hasXenData, xenData } from "../compiler/sample.ts";
import { leave, listen, runCommand, said } from "../said.ts";
import { writeFolder } from "./samples.ts";

let root: string;

beforeEach(() => {
  root = writeFolder({
    "a.te": "type a_t, domains;\nallow dom0_t a_t:domain2 set_vnumainfo; # lint: allow L011 why\n",
    "b.te": "role r types a_t;\nallow a_t dom0_t:domain pause;\n",
  });
  listen(root);
});
afterEach(() => leave(root));

const run = (...words: string[]) => runCommand(lintCommand(), words);

/** Would catch a wrong exit code, a finding without its line, and outputs that no tool can read. */
describe("lint", () => {
  it("shows each finding with its line and what to do, and fails", async () => {
    expect(await run(root)).toBe(1);
    expect(said.output).toBe(
      [
        "ROOT/b.te:2:25: warning: a_t may use domctl pausedomain by domain pause [L010 unsafe-delegation]",
        "  2 | allow a_t dom0_t:domain pause;",
        "    |                         ^^^^^",
        "  hint: keep it to the toolstack (--trusted TYPE names one), or waive it with the reason\n",
      ].join("\n"),
    );
    expect(said.errors).toBe("1 warning, 1 waived\n");
  });

  it("succeeds when nothing is left, and counts notes only when asked", async () => {
    expect(await run(root, "--trusted", "a_t")).toBe(0);
    expect(said.errors).toBe("1 waived\n");
    writeFileSync(path.join(root, "b.te"), "allow a_t a_t:event send;\n".repeat(2));
    expect(await run(root)).toBe(0);
    expect(await run(root, "--fail-on", "note")).toBe(1);
    expect(await run(root, "--rule", "L011")).toBe(0);
  });

  it("writes JSON and SARIF, waived findings among them", async () => {
    expect(await run(root, "--json")).toBe(1);
    const json = JSON.parse(said.output);
    expect(json.findings.map(({ id }: { id: string }) => id)).toEqual(["L010"]);
    expect(json.waived).toMatchObject([{ id: "L011", reason: "why" }]);
    said.output = "";
    await run(root, "--sarif");
    const [{ results, tool }] = JSON.parse(said.output).runs;
    expect(results).toMatchObject([
      {
        ruleId: "L010",
        level: "warning",
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: "ROOT/b.te" },
              region: { startLine: 2, startColumn: 25, endLine: 2, endColumn: 30 },
            },
          },
        ],
      },
      { ruleId: "L011", suppressions: [{ kind: "inSource", justification: "why" }] },
    ]);
    for (const { ruleId, ruleIndex } of results)
      expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
  });

  it("lists the rules", async () => {
    expect(await run("--list")).toBe(0);
    expect(said.output).toContain("L020  warning  retargeting-macro\n");
  });

  it("shows what the compiler says of a policy that does not compile", async () => {
    writeFileSync(path.join(root, "b.te"), "allow a_t nobody_t:event send;\n");
    expect(await run(root)).toBe(1);
    expect(said.errors).toContain("ROOT/b.te:1:11: error: unknown type 'nobody_t' [unknown-type]");
  });

  it.each([
    [[], "name the policy to lint"],
    [["/nowhere"], "there is no /nowhere"],
    [["--rule", "L999"], "there is no rule L999"],
    [["--trusted", "b_t"], "there is no type b_t"],
    [["--json", "--sarif"], "--json and --sarif exclude each other"],
  ])("means wrong usage by %j", async (words, message) => {
    const input = words.length === 0 || words[0].startsWith("/") ? [] : [root];
    expect(await run(...input, ...words)).toBe(2);
    expect(said.errors).toContain(message);
  });
});

/** Would catch a linter that no longer sees the defects that Xen's own policy has. */
describe.skipIf(!hasXenData)("Xen's own policy (skipped without its data)", () => {
  it("shows the permission that is never asked for, its class, and the target overlooked", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "xenolith-lint-"));
    const file = path.join(folder, "policy.conf");
    writeFileSync(file, xenData("policy.conf"));
    expect(await run(file)).toBe(1);
    rmSync(folder, { recursive: true });
    const heads = said.output.split("\n").filter((line) => /\[L\d{3} [\w-]+\]$/.test(line));
    const found = (id: string): string[] => heads.filter((line) => line.includes(`[${id} `));
    expect(found("L011")).toContain(
      "modules/dom0.te:98:2: warning: domain2 set_vnumainfo is never asked for by Xen [L011 dead-permission]",
    );
    expect(found("L012")).toEqual([
      "xen/xsm/flask/policy/access_vectors:225:5: warning: domctl setvnumainfo means domain2 " +
        "set_vnumainfo, but Xen pairs the permission with class domain: it checks domain " +
        "getvcpuinfo [L012 mispaired-class]",
    ]);
    expect(found("L014").map((line) => /resource \w+ about \w+/.exec(line)?.[0])).toEqual([
      "resource use about domxen_t",
      "resource plug about domxen_t",
      "resource unplug about domxen_t",
    ]);
    expect(found("L013")[0]).toContain(
      "security check_context about security_t, never about domU_t",
    );
    expect(found("L015")).toEqual([]);
  });
});
