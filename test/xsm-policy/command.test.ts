import { spawnSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { policyCommand } from "../../xsm-policy/command.ts";
import { POLICIES } from "./policy/support.ts";

const XENOLITH = path.join(import.meta.dirname, "../../bin/xenolith");

const NAMES = [
  "compile",
  "check",
  "flows",
  "explain",
  "diff",
  "learn",
  "lint",
  "test",
  "fmt",
  "graph",
  "lsp",
];

/** What a command's help says, its examples included. */
async function helpOf(name: string): Promise<string> {
  const [command] = (await policyCommand(name)).commands;
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

/** Would catch a room that nobody can enter, and help that shows no way. */
describe("xenolith policy", () => {
  it("has all its commands, and loads the one that is named", async () => {
    expect((await policyCommand()).commands.map((command) => command.name())).toEqual(NAMES);
    expect((await policyCommand("diff")).commands.map((command) => command.name())).toEqual([
      "diff",
    ]);
  });

  it.each(NAMES)("%s says what it does, with examples", async (name) => {
    const help = await helpOf(name);
    expect(help).toContain("Examples:\n");
    if (name !== "lsp") expect(help).toContain(`  xenolith policy ${name} `);
    for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  it.each(NAMES.filter((name) => !["fmt", "lsp"].includes(name)))("%s has --json", async (name) => {
    expect(await helpOf(name)).toContain("--json");
  });
});

function run(...words: string[]): { status: number | null; output: string; errors: string } {
  const environment = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const { status, stdout, stderr } = spawnSync(process.execPath, [XENOLITH, "policy", ...words], {
    encoding: "utf8",
    env: environment,
  });
  return { status, output: stdout, errors: stderr };
}

/** Would catch an exit code that a script misreads, and colour where none is wanted. */
describe("the command line", () => {
  const policy = path.join(POLICIES, "silo");

  it("ends with 0 when all is well", () => {
    const { status, output, errors } = run("test", policy);
    expect([status, errors]).toEqual([0, ""]);
    expect(output).toMatch(/^\d+ of \d+ expectations hold\n/);
  });

  it("ends with 1 for a finding, in plain text", () => {
    const { status, output, errors } = run("lint", policy, "--fail-on", "note");
    expect(status).toBe(1);
    expect(output).toContain("[L016 unserved-permission]");
    expect(output + errors).not.toContain("\x1b");
  });

  it("ends with 2 for a wrong command line, and says where help is", () => {
    const { status, errors } = run("lint", policy, "--fail-on", "never");
    expect(status).toBe(2);
    expect(errors).toContain("Allowed choices are error, warning, note.");
    expect(errors).toContain("(add --help for the options and examples)");
    expect(errors).not.toContain("at ");
  });

  it("ends with 1 where a command itself fails", () => {
    const { status, errors } = run("compile", policy, "-o", "/nowhere/at/all");
    expect(status).toBe(1);
    expect(errors).toContain("ENOENT");
  });
});
