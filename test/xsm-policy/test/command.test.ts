import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testCommand } from "../../../xsm-policy/test/command.ts";
import { policyOf } from "../compiler/sample.ts";
import { POLICIES } from "../policy/support.ts";
import { leave, listen, runCommand, said } from "../said.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "xenolith-expect-"));
  writeFileSync(path.join(root, "a.conf"), policyOf("allow a_t b_t:event send;\n"));
  listen(root);
});
afterEach(() => leave(root));

const run = (...words: string[]) => runCommand(testCommand(), words);

function write(name: string, text: string): string {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Would catch a wrong exit code, a failure without its place, a file that is not run. */
describe("test", () => {
  const policy = (): string => path.join(root, "a.conf");

  it("runs the file beside a policy.conf", async () => {
    write("a.expect", "expect allow a_t b_t event send;\n");
    expect(await run(policy())).toBe(0);
    expect(said.output).toBe("1 of 1 expectations hold\n1 of 2 allow rules are exercised (50 %)\n");
  });

  it("shows what fails, why it was expected, and what decided", async () => {
    const file = write("b.expect", "# b is alone\nexpect deny a_t b_t event { bind send };\n");
    expect(await run(policy(), file)).toBe(1);
    expect(said.output).toBe(
      [
        "ROOT/b.expect:2:1: failed: allowed: a_t b_t event send",
        "  # b is alone",
        "  expect deny a_t b_t event { bind send };",
        "  ROOT/a.conf:10:1: allow a_t b_t:event send;",
        "0 of 1 expectations hold",
        "0 of 2 allow rules are exercised (0 %)\n",
      ].join("\n"),
    );
  });

  it("lists what is not exercised, and fails below a bar", async () => {
    write("a.expect", "expect allow a_t b_t event send;\n");
    expect(await run(policy(), "--coverage", "--min-coverage", "50")).toBe(0);
    expect(said.output).toContain("ROOT/a.conf:12:1: not exercised: allow c_t c_t:event bind;\n");
    expect(await run(policy(), "--min-coverage", "51")).toBe(1);
    expect(said.errors).toContain("fewer than 51 % of the allow rules are exercised");
  });

  it("writes JSON", async () => {
    write("a.expect", "expect allow a_t b_t event bind;\n");
    expect(await run(policy(), "--json")).toBe(1);
    expect(JSON.parse(said.output)).toMatchObject({
      ok: false,
      expectations: [{ holds: false, message: "not allowed: a_t b_t event bind" }],
      coverage: { covered: 0, total: 2, percent: 0 },
    });
  });

  it("fails on a file with said.errors, and shows them", async () => {
    write("a.expect", "expect allow a_t z_t event bind;\n");
    expect(await run(policy())).toBe(1);
    expect(said.errors).toContain("a.expect:1:18: error: unknown type or attribute 'z_t'");
  });

  it("means wrong usage where there is nothing to run, or no such file", async () => {
    expect(await run(policy())).toBe(2);
    expect(said.errors).toContain("a.conf has no file of expectations; name one, or write");
    expect(await run(policy(), path.join(root, "none"))).toBe(2);
    expect(await run(path.join(root, "none"))).toBe(2);
    expect(await run(policy(), "--min-coverage", "all")).toBe(2);
  });
});

/** Would catch a shipped policy that no longer does what its domains need, or does more. */
describe.each(["xenolith", "dummy", "silo"])("the expectations of %s", (name) => {
  it("hold", async () => {
    const status = await run(path.join(POLICIES, name), "--json");
    const { expectations } = JSON.parse(said.output);
    const failed = expectations.filter(({ holds }: { holds: boolean }) => !holds);
    expect(failed).toEqual([]);
    expect(expectations.length).toBeGreaterThan(10);
    expect(status).toBe(0);
  });
});

describe("the expectations of xenolith", () => {
  it("exercise every allow rule", async () => {
    expect(await run(path.join(POLICIES, "xenolith"), "--min-coverage", "100")).toBe(0);
  });
});
