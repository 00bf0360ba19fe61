// The collector: catches a process whose counts are lost, by a normal end or by the signal with
// which Vitest ends its workers, and one that runs another core unnoticed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { counterModule } from "../../../scripts/coverage/counters.ts";
import { instrument } from "../../../scripts/coverage/instrument.ts";
import { VARIABLES } from "../../../scripts/coverage/variables.ts";
import { binary, CORE_TEXT } from "./programs.ts";

const collector = fileURLToPath(new URL("../../../scripts/coverage/collector.ts", import.meta.url));
let folder = "";
let counters = 0;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "collector-"));
  const original = await binary(CORE_TEXT);
  const instrumented = instrument(original, { edges: true });
  counters = instrumented.counters;
  writeFileSync(join(folder, "core.wasm"), original);
  writeFileSync(join(folder, "copy.wasm"), instrumented.wasm);
  writeFileSync(join(folder, "counter.wasm"), counterModule(counters));
  const other = await binary(CORE_TEXT.replace("i32.gt_u", "i32.lt_u"));
  writeFileSync(join(folder, "other.wasm"), other);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a program on `core`; returns the files that it left. */
async function run(core: string, end: string): Promise<string[]> {
  const program = [
    `const bytes = require("fs").readFileSync(${JSON.stringify(join(folder, core))});`,
    "const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});",
    "for (let i = 0; i < 20; i++) exports.if(i);",
    end,
  ].join("\n");
  const parameters = ["--import", "tsx", "--import", collector, "-e", program];
  const child = spawn(process.execPath, parameters, {
    stdio: "inherit",
    env: {
      ...process.env,
      [VARIABLES.original]: join(folder, "core.wasm"),
      [VARIABLES.instrumented]: join(folder, "copy.wasm"),
      [VARIABLES.counter]: join(folder, "counter.wasm"),
      [VARIABLES.counts]: folder,
    },
  });
  await once(child, "exit");
  return readdirSync(folder).filter((name) => !name.endsWith(".wasm"));
}

describe("the collector", () => {
  it("writes what a process counted when it ends", async () => {
    const [file, ...rest] = await run("core.wasm", "");
    expect(rest).toEqual([]);
    const bytes = readFileSync(join(folder, file!));
    const counts = Array.from({ length: counters }, (_, index) => bytes.readUInt32LE(index * 4));
    expect(Math.max(...counts)).toBe(20);
  });

  it("writes it also when the process is told to end", async () => {
    const end = "setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM');";
    expect(await run("core.wasm", end)).toHaveLength(1);
  });

  it("notes a process that runs another core", async () => {
    const [file, ...rest] = await run("other.wasm", "");
    expect(rest).toEqual([]);
    expect(file).toMatch(/^other-\d+$/);
  });
});
