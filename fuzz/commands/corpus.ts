// Commands about a whole corpus: status, merge, coverage, diff.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import {
  type CoverageInput,
  coverageFigures,
  coverageHtml,
  coverageSummary,
} from "../campaign/coverage.ts";
import { distil } from "../campaign/merge.ts";
import { loadReached } from "../campaign/reached.ts";
import { Store } from "../campaign/store.ts";
import { HypercallTarget } from "../targets/hypercall.ts";
import { keyOf } from "../targets/target.ts";
import {
  EXIT_FINDING,
  EXIT_USAGE,
  openHypercalls,
  openTarget,
  readCore,
  root,
  targetOption,
  usualCorpus,
  usualWasm,
} from "./common.ts";

interface Options {
  readonly corpus: string;
  readonly wasm: string;
}

function openStore(command: Command, corpus: string): Store {
  if (existsSync(corpus)) return new Store(corpus);
  return command.error(`fuzz: there is no campaign in ${corpus}`, { exitCode: EXIT_USAGE });
}

export function statusCommand(): Command {
  const command = new Command("status")
    .description("what a campaign's folder holds")
    .option("--corpus <dir>", "the campaign's folder", usualCorpus("hypercall"))
    .option("--json", "as JSON", false);
  return command.action(({ corpus, json }: { corpus: string; json: boolean }) => {
    const store = openStore(command, corpus);
    const { counters, clauses } = loadReached(corpus);
    const findings = store.findings();
    const figures = {
      inputs: store.inputNames().length,
      findings: findings.length,
      new: findings.filter(({ verdict }) => verdict === "new").length,
      counters: counters.length,
      clauses: clauses.length,
    };
    const lines = Object.entries(figures).map(([name, value]) => `${name.padEnd(10)} ${value}\n`);
    process.stdout.write(json ? `${JSON.stringify(figures)}\n` : lines.join(""));
  });
}

export function mergeCommand(): Command {
  const command = new Command("merge")
    .description("take other corpora in and keep the least inputs that reach as much")
    .argument("[dirs...]", "folders of campaigns")
    .option("--corpus <dir>", "the campaign's folder", usualCorpus("hypercall"))
    .option("--wasm <file>", "another build of the core", usualWasm)
    .option("--target <name>", "what the campaign fuzzes", targetOption, "hypercall");
  type MergeOptions = Options & { readonly target: string };
  return command.action(async (folders: string[], { corpus, wasm, target: name }: MergeOptions) => {
    const target = await openTarget(command, wasm, name);
    const store = new Store(corpus);
    for (const folder of folders) {
      const other = openStore(command, folder);
      for (const bytes of other.inputs()) store.addInput(bytes);
      for (const finding of other.findings()) store.addFinding(finding);
    }
    const names = store.inputNames();
    const kept = new Set(
      distil(target, store.inputs()).map((bytes) => Buffer.from(bytes).toString("hex")),
    );
    for (const name of names) {
      if (!kept.has(Buffer.from(store.input(name)).toString("hex"))) store.removeInput(name);
    }
    process.stdout.write(`${names.length} inputs, ${kept.size} kept\n`);
  });
}

export function coverageCommand(): Command {
  const command = new Command("coverage")
    .description("what campaigns reached of the core and of the specification")
    .option("--corpus <dir>", "the campaign's folder", usualCorpus("hypercall"))
    .option("--wasm <file>", "another build of the core", usualWasm)
    .option("--with <dirs...>", "campaigns of other targets, for what they reached", [])
    .option("-o, --output <file>", "a page of HTML with source lines and clauses")
    .option("--json", "outcomes of the branches of core.wasm, and clauses, as JSON", false);
  type CoverageOptions = Options & {
    readonly with: readonly string[];
    readonly output?: string;
    readonly json: boolean;
  };
  return command.action(async (options: CoverageOptions) => {
    const { corpus, wasm, output } = options;
    const store = openStore(command, corpus);
    const target = await openHypercalls(command, wasm);
    for (const bytes of store.inputs()) target.run(bytes);
    const { counters, clauses } = target.reached();
    const others = options.with.map(loadReached);
    const map = existsSync(`${wasm}.map`) ? readFileSync(`${wasm}.map`, "utf8") : undefined;
    const input: CoverageInput = {
      root,
      map,
      copy: target.world.machine.copy,
      counters: [...counters, ...others.flatMap((one) => one.counters)],
      clauses: [...clauses, ...others.flatMap((one) => one.clauses)],
    };
    const told = options.json ? `${JSON.stringify(coverageSummary(input))}\n` : undefined;
    process.stdout.write(told ?? coverageFigures(input));
    if (output !== undefined) writeFileSync(output, coverageHtml(input));
  });
}

const BUILD = `import { compileCore } from "./scripts/core.ts";
import { linearBytes } from "./tcb/core/layout.ts";
compileCore({ root: process.cwd(), entry: "tcb/core/core.ts", linearBytes, output: "core.wasm" });`;

/** The core of a revision, built by that revision's own build. */
function coreOf(command: Command, revision: string): Uint8Array<ArrayBuffer> {
  if (revision.endsWith(".wasm")) return readCore(command, revision);
  const folder = mkdtempSync(join(tmpdir(), "xenolith-diff-"));
  try {
    const archive = execFileSync("git", ["archive", revision, "tcb", "scripts", "package.json"], {
      cwd: root,
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "pipe"],
    });
    execFileSync("tar", ["-x"], { cwd: folder, input: archive });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "build.mts"), BUILD);
    execFileSync(process.execPath, ["--import", "tsx", "build.mts"], {
      cwd: folder,
      stdio: "pipe",
    });
    return new Uint8Array(readFileSync(join(folder, "core.wasm")));
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return command.error(`fuzz: the core of "${revision}" cannot be built: ${why}`, {
      exitCode: EXIT_USAGE,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Keys of what a corpus fails by on a core, with the input that does. */
function failuresOf(core: Uint8Array<ArrayBuffer>, inputs: readonly Uint8Array[]) {
  const target = new HypercallTarget(core);
  const failures = new Map<string, string>();
  for (const bytes of inputs) {
    const { failure } = target.run(bytes);
    if (failure !== undefined)
      failures.set(keyOf(failure), `${failure.says}\n${target.text(bytes)}`);
  }
  return failures;
}

export function diffCommand(): Command {
  const command = new Command("diff")
    .description("what fails after a change that did not before, on the inputs of a corpus")
    .argument("<base..head>", "two revisions, or two files of cores: a.wasm..b.wasm")
    .option("--corpus <dir>", "the campaign's folder", usualCorpus("hypercall"));
  return command.action((range: string, { corpus }: { corpus: string }) => {
    const [base, head] = range.split("..");
    if (base === undefined || head === undefined) {
      command.error("fuzz: give BASE..HEAD", { exitCode: EXIT_USAGE });
    }
    const inputs = openStore(command, corpus).inputs();
    const before = failuresOf(coreOf(command, base), inputs);
    const after = failuresOf(coreOf(command, head), inputs);
    const added = [...after].filter(([key]) => !before.has(key));
    for (const [key, text] of added) process.stdout.write(`${key}\n${text.replace(/^/gm, "  ")}\n`);
    process.stdout.write(`${inputs.length} inputs, ${added.length} fail anew\n`);
    if (added.length > 0) process.exitCode = EXIT_FINDING;
  });
}
