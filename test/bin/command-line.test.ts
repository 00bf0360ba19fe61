// What would be caught: a stack trace that a user sees, a wrong exit code, a help text that is
// gone.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const launcher = fileURLToPath(new URL("../../bin/xenolith", import.meta.url));
let folder = "";

/** Runs the command line as a user does, in a folder of its own. */
function xenolith(...parameters: string[]) {
  const environment = { ...process.env, XDG_RUNTIME_DIR: folder, NO_COLOR: "1" };
  const options = { cwd: folder, encoding: "utf8", env: environment } as const;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [launcher, ...parameters],
    options,
  );
  return { status, stdout, stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "xenolith-test-"));
  writeFileSync(join(folder, "text"), "no kernel");
  writeFileSync(join(folder, "web.cfg"), 'name = "web"\nvcpu = 2\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("help", () => {
  test.each(["build", "run", "console", "list", "spec"])("of %s has examples", (command) => {
    const { status, stdout } = xenolith(command, "--help");
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`Usage: xenolith ${command}`));
    expect(stdout).toMatch(new RegExp(`Examples:\n  xenolith ${command}`));
  });

  test("of the whole names every command", () => {
    const { status, stdout } = xenolith("--help");
    expect(status).toBe(0);
    for (const command of ["build", "run", "console", "list"]) expect(stdout).toContain(command);
  });
});

describe("wrong usage ends with 2", () => {
  test.each([
    [["rnu"], "Did you mean run?"],
    [["build"], "missing required argument"],
    [["build", "."], "where to? Give -o IMAGE.iso, --pack FILE, or both"],
    [["run"], "what shall run? Give a folder, an image, or --kernel FILE"],
    [["run", ".", "--kernel", "text"], 'give "." or --kernel, not both'],
    [["run", ".", "--vcpus", "2"], "--vcpus goes with --kernel"],
    [["run", ".", "--timeout", "soon"], '--timeout is a whole number from 1 to 604800, not "soon"'],
    [["run", ".", "--uefi"], "--uefi goes with an image"],
    [["run", ".", "--frob"], "unknown option '--frob'"],
  ])("%j", (parameters, message) => {
    const { status, stderr } = xenolith(...parameters);
    expect([status, stderr.includes(message)]).toEqual([2, true]);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});

describe("what is wrong with a file is one line, and ends with 1", () => {
  test.each([
    [["run", "nowhere"], "nowhere: there is no such folder; give one that has guest files (*.cfg)"],
    [["run", "."], 'web.cfg:2:1: unknown key "vcpu"; did you mean "vcpus"?'],
    [["console", "web"], 'no running guest is called "web" (no appliance runs)'],
    [["run", "text"], 'text: no boot pack is in it; "xenolith build" makes images'],
  ])("%j", (parameters, message) => {
    const { status, stdout, stderr } = xenolith(...parameters);
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: "", stderr: `${message}\n` });
  });
});

test("list says that nothing runs, and prints JSON when asked", () => {
  expect(xenolith("list")).toMatchObject({ status: 0, stdout: "" });
  expect(xenolith("list", "--json")).toMatchObject({ status: 0, stdout: "[]\n" });
});
