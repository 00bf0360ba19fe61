/** The command: exit codes, where things go, and that errors are readable. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadPolicy } from "../../../xsm-policy/compiler/load-policy.ts";
import { canonicalLines } from "./canonical.ts";
import { policyOf } from "./sample.ts";

const folder = mkdtempSync(path.join(tmpdir(), "xsm-command-"));
const good = path.join(folder, "good.conf");
const bad = path.join(folder, "bad.conf");
const script = path.join(import.meta.dirname, "run-compile.ts");

beforeAll(() => {
  writeFileSync(good, policyOf("allow a_t c_t:domain create;"));
  writeFileSync(bad, policyOf("allow nosuch_t c_t:domain create;\nallow a_t c_t:domain;"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    "--import",
    "tsx",
    script,
    ...args,
  ]);
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

describe("xenolith policy compile", () => {
  it("checks alone when neither form nor file is given", () => {
    const { status, stdout } = run(good);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^the policy is sound: 3 types, 1 attributes, 2 roles, /);
  });

  it("exits 1 with each error on standard error", () => {
    const { status, stdout, stderr } = run(bad);
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("bad.conf:11:21: error: expected a permission");
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each([
    [["nosuch.conf"], "there is no nosuch.conf"],
    [[good, "--format", "table"], "table is binary: say where it goes with -o FILE"],
    [[good, "--format", "png"], "Allowed choices are table, policydb-24"],
    [[], "missing required argument"],
  ])("exits 2 for wrong usage: %j", (args, message) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  it("writes every form, and reads its own conf and policydb again", () => {
    const before = loadPolicy(good).policy;
    for (const form of ["conf", "policydb-24", "policydb-30"]) {
      const file = path.join(folder, form);
      const { status, stdout } = run(good, "--format", form, "-o", file);
      expect(status).toBe(0);
      expect(stdout).toContain(`${file}: ${form}, `);
      const after = loadPolicy(file).policy;
      expect(before && after && canonicalLines(after)).toEqual(before && canonicalLines(before));
    }
  });

  it("prints tuples and JSON to standard output", () => {
    expect(run(good, "--format", "tuples").stdout).toBe(
      "#source\ttarget\tclass\tperm\tcond\na_t\tc_t\tdomain\tcreate\t\nc_t\tc_t\tevent\tbind\t\n",
    );
    const json = JSON.parse(run(good, "--format", "json").stdout);
    expect(json.rules[0]).toMatchObject({
      kind: "allow",
      sources: ["a_t"],
      grants: [{ class: "domain", permissions: ["create"] }],
      at: { line: 10, column: 1 },
    });
  });

  it("says with --json what was found and written", () => {
    const file = path.join(folder, "out.30");
    const done = JSON.parse(run(good, "--json", "-o", file, "--format", "policydb-30").stdout);
    expect(done).toMatchObject({ ok: true, written: { file, format: "policydb-30" } });
    expect(done.written.bytes).toBe(readFileSync(file).length);
    const failed = run(bad, "--json");
    expect(failed.status).toBe(1);
    expect(JSON.parse(failed.stdout).diagnostics[0]).toMatchObject({ code: "syntax" });
  });

  it("writes nothing when the policy has errors, or the form cannot hold it", () => {
    const file = path.join(folder, "never.table");
    expect(run(bad, "-o", file).status).toBe(1);
    const { status, stderr } = run(good, "-o", file);
    expect(status).toBe(1);
    expect(stderr).toContain("error: initial SID 'xenboot' has no context");
    expect(existsSync(file)).toBe(false);
  });
});
