// What would be caught: a console that misses lines, a list that shows what no longer runs.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { followGuest, runningSessions, Session, type SessionInfo } from "../../bin/sessions.ts";

const info: SessionInfo = {
  process: process.pid,
  source: "examples/appliance",
  guests: [{ domain: 1, name: "alpha", vcpus: 1, memoryMib: 64 }],
};
const usual = process.env.XDG_RUNTIME_DIR;
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xenolith-test-"));
  process.env.XDG_RUNTIME_DIR = folder;
});
afterEach(() => {
  if (usual === undefined) delete process.env.XDG_RUNTIME_DIR;
  else process.env.XDG_RUNTIME_DIR = usual;
  rmSync(folder, { recursive: true });
});

test("a console has the lines so far, and those that come", async () => {
  const session = new Session(info);
  session.add("alpha", "before");
  session.add("beta", "not mine");
  const lines: string[] = [];
  const found = await followGuest("alpha", (line) => {
    lines.push(line);
    if (line === "before") session.add("alpha", "after");
    if (line === "after") session.close();
  });
  expect([found, lines]).toEqual([true, ["before", "after"]]);
});

test("what runs is listed; what died without a word is not", async () => {
  expect(await runningSessions()).toEqual([]);
  const session = new Session(info);
  writeFileSync(join(folder, `xenolith-${process.getuid?.()}`, "1.sock"), "");
  expect(await runningSessions()).toEqual([info]);
  expect(await followGuest("gamma", () => {})).toBe(false);
  session.close();
  expect(await runningSessions()).toEqual([]);
});
