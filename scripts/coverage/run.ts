// `npm run coverage [-- TEST...]`: all tests under c8, with an instrumented core, and one report.
// Exit status 1 when tests fail or a floor is not reached. Results go to coverage/.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { FileCoverageData } from "istanbul-lib-coverage";
import { linearBytes } from "../../tcb/core/layout.ts";
import { compileCore } from "../core.ts";
import { counterModule } from "./counters.ts";
import { instrument, type Site } from "./instrument.ts";
import { coverageOfCore, placesOf } from "./lines.ts";
import { belowFloor, gaps, mergeCoverage, table, wingFigures } from "./report.ts";
import { VARIABLES } from "./variables.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const folder = join(root, "coverage");
const core = join(root, "build/core.wasm");
const copy = join(folder, "core.wasm");
const counter = join(folder, "counter.wasm");
const countsFolder = join(folder, "counts");
const require = createRequire(import.meta.url);

/** What c8 looks at; files that no test loads count as never run. */
const WINGS = ["tcb/machine/sim", "tcb/subset", "spec", "proofs", "fuzz", "audit", "xsm-policy"];
const INCLUDE = [...WINGS, "disaggregation/appliance", "disaggregation/control", "scripts", "bin"];
const EXCLUDE = ["**/examples/**", "**/generated/**", "**/*.d.ts", "test/**"];

interface Prepared {
  readonly sites: readonly Site[];
  readonly counters: number;
}

/** Compiles the core; writes its instrumented copy and the module that counts. */
function prepare(): Prepared {
  compileCore({ root, entry: "tcb/core/core.ts", linearBytes, output: core });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(countsFolder, { recursive: true });
  const { wasm, sites, counters } = instrument(readFileSync(core), { edges: true });
  writeFileSync(copy, wasm);
  writeFileSync(counter, counterModule(counters));
  return { sites, counters };
}

function environment(): NodeJS.ProcessEnv {
  const collector = pathToFileURL(fileURLToPath(new URL("collector.ts", import.meta.url))).href;
  return {
    ...process.env,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import tsx --import ${collector}`.trim(),
    [VARIABLES.original]: core,
    [VARIABLES.instrumented]: copy,
    [VARIABLES.counter]: counter,
    [VARIABLES.counts]: countsFolder,
  };
}

/** Runs the tests; their modules are loaded by Node itself, so that V8's offsets are the files'. */
function test(selected: readonly string[]): number {
  const c8 = join(require.resolve("c8/package.json"), "../bin/c8.js");
  const vitest = join(require.resolve("vitest/package.json"), "../vitest.mjs");
  // Counters and V8's own make the tests slower; their limits are meant for bare runs.
  const patience = ["--testTimeout=1200000", "--hookTimeout=1200000"];
  const native = ["--experimental.viteModuleRunner=false", "--experimental.nodeLoader=false"];
  const reports = ["--reporter=json", `--reports-dir=${folder}`, `--temp-directory=${folder}/v8`];
  const only = INCLUDE.map((wing) => `--include=${wing}/**`);
  const not = EXCLUDE.map((pattern) => `--exclude=${pattern}`);
  const scope = ["--all", "--src", root, "--extension=.ts", ...only, ...not];
  const command = [process.execPath, vitest, "run", ...native, ...patience, ...selected];
  const result = spawnSync(process.execPath, [c8, ...reports, ...scope, ...command], {
    cwd: root,
    stdio: "inherit",
    env: environment(),
  });
  return result.status ?? 1;
}

/** The sum of what all processes counted. */
function totals(counters: number): number[] {
  const sum = new Array<number>(counters).fill(0);
  for (const name of readdirSync(countsFolder).filter((name) => name.endsWith(".bin"))) {
    const bytes = readFileSync(join(countsFolder, name));
    for (let index = 0; index < counters; index++) sum[index]! += bytes.readUInt32LE(index * 4);
  }
  return sum;
}

function typescriptCoverage(): Record<string, FileCoverageData> {
  const path = join(folder, "coverage-final.json");
  if (!existsSync(path)) return {};
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, FileCoverageData>;
}

/** Writes coverage/coverage-final.json, coverage/gaps.txt; prints the table and what is too low. */
function report({ sites, counters }: Prepared): number {
  const places = placesOf(readFileSync(`${core}.map`, "utf8"));
  const ofCore = coverageOfCore(sites, places, totals(counters), root);
  const others = readdirSync(countsFolder).filter((name) => name.startsWith("other"));
  for (const name of others) {
    process.stderr.write(`coverage: process ${name.slice(6)} ran a core that is not ${core}\n`);
  }
  const map = mergeCoverage(typescriptCoverage(), ofCore);
  writeFileSync(join(folder, "coverage-final.json"), JSON.stringify(map));
  writeFileSync(join(folder, "gaps.txt"), `${gaps(map, root).join("\n")}\n`);
  const figures = wingFigures(map, root);
  process.stdout.write(table(figures));
  const low = belowFloor(figures);
  for (const line of low) process.stderr.write(`coverage: ${line}\n`);
  return low.length === 0 ? 0 : 1;
}

/** The whole command; returns the exit status. */
export function coverage(selected: readonly string[]): number {
  const prepared = prepare();
  const tests = test(selected);
  return report(prepared) === 0 && tests === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = coverage(process.argv.slice(2));
}
