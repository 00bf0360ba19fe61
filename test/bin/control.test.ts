// What would be caught: columns that are not xl's, JSON that is none, an action that reaches the
// wrong domain, an error without advice. The command line runs as a user's does, against a core and
// services on the simulated machine behind the hub of `xenolith run`.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ControlHub } from "../../disaggregation/control/hub.ts";
import { KEY, toolstackSystem } from "../disaggregation/domains/toolstack/toolstack-system.ts";
import { smallElf } from "../disaggregation/loader/elf-builder.ts";

const launcher = fileURLToPath(new URL("../../bin/xenolith", import.meta.url));
const kernel = smallElf();
const world = toolstackSystem({ builder: [kernel] });
let folder = "";
let hub: ControlHub;
const socket = (): string => join(folder, "web.control");

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command on the system. The system runs in this process, so nothing here may wait. */
function xenolith(...words: string[]): Promise<Outcome> {
  const env = { ...process.env, XDG_RUNTIME_DIR: folder, NO_COLOR: "1" };
  const child = spawn(process.execPath, [launcher, ...words], { env, cwd: folder });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  child.stdin.end();
  return new Promise((resolve) => {
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

const there = (...words: string[]): Promise<Outcome> => xenolith(...words, "--control", socket());

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "xenolith-test-"));
  writeFileSync(`${socket()}.key`, Buffer.from(KEY).toString("hex"));
  const log = "SeaBIOS\r\nxenolith: domains run\r\nalpha: hello\r\nxenolith: alpha ended\r\n";
  writeFileSync(`${socket()}.log`, log);
  writeFileSync(join(folder, "kernel.elf"), kernel);
  const guest = 'name = "late"\ntype = "pvh"\nkernel = "kernel.elf"\nmemory = 4\n';
  writeFileSync(join(folder, "late.cfg"), guest);
  hub = new ControlHub(socket(), world.line());
});
afterAll(() => {
  hub.close();
  rmSync(folder, { recursive: true });
});

describe("what is shown", () => {
  test("list has xl's columns", async () => {
    const { stdout, stderr } = await there("list");
    expect(stderr).toBe("");
    const [header, ...lines] = stdout.trimEnd().split("\n");
    const title = "Name                                        ID   Mem VCPUs\tState\tTime(s)";
    expect(header).toBe(title);
    expect(lines[3]).toMatch(/^alpha {35} +4 +2 +1 {5}[r-]----- +0\.\d$/);
    expect(lines).toHaveLength(4);
    expect((await there("list", "alpha", "1")).stdout.split("\n")).toHaveLength(4);
  });

  test("the other tables", async () => {
    expect((await there("vcpu-list", "alpha")).stdout).toMatch(
      /\nalpha +4 +0 +0 +r?-*.* all \/ all\n/,
    );
    expect((await there("sched")).stdout).toMatch(/\nalpha +4 +256\n/);
    expect((await there("uptime")).stdout).toMatch(/\nalpha +4 \d+:\d\d:\d\d\n/);
    expect((await there("info")).stdout).toMatch(/^xen_version +: 4\.\d+$/m);
    expect((await there("domid", "alpha")).stdout).toBe("4\n");
    const top = (await there("top", "--batch", "--iterations", "1")).stdout;
    expect(top).toMatch(/^ +alpha [-a-z]{6} +\d+ +0\.0 +\d+ +1$/m);
  });

  test("dmesg is the hypervisor's part of the serial log", async () => {
    expect((await there("dmesg")).stdout).toBe("domains run\nalpha ended\n");
  });

  test("xenstore-ls shows a tree", async () => {
    expect((await there("xenstore-ls", "/local/domain/4")).stdout).toBe('name = "alpha"\n');
    const full = (await there("xenstore-ls", "-f", "/local/domain")).stdout;
    expect(full).toContain('/local/domain/4/name = "alpha"\n');
    expect((await there("xenstore-ls", "/none")).stderr).toContain("no such node");
  });

  test.each([["list"], ["info"], ["vcpu-list"], ["uptime"], ["sched"], ["dmesg"], ["xenstore-ls"]])(
    "%s --json is JSON",
    async (command) => {
      const { status, stdout } = await there(command, "--json");
      expect([status, typeof JSON.parse(stdout)]).toEqual([0, "object"]);
    },
  );
});

describe("what is done", () => {
  test("pause and unpause", async () => {
    expect(await there("pause", "alpha")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect((await there("list", "alpha")).stdout).toMatch(/ --p--- /);
    expect((await there("pause", "alpha")).stderr).toContain("does not allow it");
    const { stdout } = await there("unpause", "4", "--json");
    expect(JSON.parse(stdout)).toEqual({ domain: 4, unpaused: true });
  });

  test("shutdown asks the guests, and no service", async () => {
    expect((await there("shutdown")).status).toBe(2);
    expect((await there("shutdown", "alpha")).stdout).toBe("Shutting down domain 4\n");
    const { stdout } = await there("xenstore-ls", "/local/domain/4/control");
    expect(stdout).toBe('shutdown = "poweroff"\n');
    expect((await there("reboot", "--all")).stdout).toBe("Rebooting domain 4\n");
  });

  test("create makes a guest that runs, or is left built", async () => {
    expect((await there("create", "late.cfg")).stdout).toBe("created late as domain 5\n");
    expect((await there("list", "late")).stdout).toMatch(/\nlate +5 +4 +1 {5}[r-]----- /);
    expect((await there("create", "late.cfg")).stderr).toContain('is called "late" already');
    await there("destroy", "late");
    await there("create", "late.cfg", "--paused");
    expect((await there("list", "late")).stdout).toMatch(/ --p--- /);
    expect((await there("unpause", "late")).status).toBe(0);
    expect((await there("uptime", "late")).stdout).toMatch(/\nlate +\d \d:\d\d:\d\d\n/);
    await there("destroy", "late");
  });

  test("destroy, last", async () => {
    expect((await there("destroy", "alpha")).status).toBe(0);
    expect((await there("shutdown", "alpha")).stderr).toContain('no domain is called "alpha"');
  });
});

describe("what goes wrong", () => {
  test("a name that is nearly right", async () => {
    const { status, stderr } = await there("pause", "toolstak");
    expect([status, stderr]).toEqual([1, expect.stringContaining("toolstack")]);
  });

  test("nothing runs, or not what was named", async () => {
    expect((await xenolith("info")).stderr).toContain("no system with a control channel runs");
    const { stderr } = await xenolith("info", "--control", join(folder, "none"));
    expect(stderr).toMatch(/its key .* is missing/);
  });

  test("each command's help has examples", async () => {
    const { controlLoaders } = await import("../../bin/control-commands.ts");
    for (const [name, load] of Object.entries(controlLoaders)) {
      let help = "";
      const command = await load();
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(help).toMatch(new RegExp(`Examples:\n  xenolith ${name}`));
      expect(help).toContain("--control <socket>");
      expect(help).toContain("--json");
    }
  });
});
