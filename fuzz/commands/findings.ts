// Commands about single findings: replay, minimise, promote, triage.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { explain } from "../campaign/explain.ts";
import { minimise } from "../campaign/minimise.ts";
import { testOf } from "../campaign/promote.ts";
import { type Finding, Store } from "../campaign/store.ts";
import { ProgramError } from "../program/text.ts";
import { HypercallTarget } from "../targets/hypercall.ts";
import { keyOf, type Target } from "../targets/target.ts";
import {
  EXIT_FINDING,
  EXIT_USAGE,
  findingOf,
  findingText,
  openTarget,
  root,
  targetOption,
  usualCorpus,
  usualWasm,
} from "./common.ts";

interface Options {
  readonly corpus: string;
  readonly wasm: string;
}

function withPlaces(command: Command): Command {
  return command
    .option("--corpus <dir>", "the campaign's folder", usualCorpus("hypercall"))
    .option("--wasm <file>", "another build of the core", usualWasm);
}

/** Bytes of a file: an input as text, or as it lies in a corpus. */
function inputOf(command: Command, target: Target, name: string) {
  const bytes = new Uint8Array(readFileSync(name));
  if (!name.endsWith(".txt")) return bytes;
  try {
    return target.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    return command.error(`${name}: ${error.message}`, { exitCode: EXIT_USAGE });
  }
}

export function replayCommand(): Command {
  const command = withPlaces(
    new Command("replay")
      .description("run a finding, or a program in a file, and tell what happens")
      .argument("<id|file>", "a finding, a program as text (.txt), or an input of a corpus")
      .option("--target <name>", "what a file is an input of", targetOption, "hypercall"),
  );
  return command.action(async (name: string, options: Options & { target: string }) => {
    const finding = existsSync(name) ? undefined : findingOf(command, options.corpus, name);
    const target = await openTarget(command, options.wasm, finding?.target ?? options.target);
    const bytes =
      finding === undefined ? inputOf(command, target, name) : Buffer.from(finding.bytes, "hex");
    const { failure } = target.run(bytes);
    const says = failure === undefined ? "nothing is wrong" : `${failure.oracle}: ${failure.says}`;
    const isProgram = target instanceof HypercallTarget;
    process.stdout.write(isProgram ? explain(target, bytes) : `${target.text(bytes)}\n${says}\n`);
    if (failure !== undefined) process.exitCode = EXIT_FINDING;
  });
}

export function minimiseCommand(): Command {
  const command = withPlaces(
    new Command("minimise")
      .description("make a finding's program smaller")
      .argument("<id>", "a finding, or the beginning of its id"),
  );
  return command.action(async (id: string, { corpus, wasm }: Options) => {
    const finding = findingOf(command, corpus, id);
    const target = await openTarget(command, wasm, finding.target);
    const bytes = Buffer.from(finding.bytes, "hex");
    const { failure } = target.run(bytes);
    if (failure === undefined) {
      process.stdout.write(`${finding.id} does not happen with this core\n`);
      return;
    }
    const smallest = minimise(target, bytes, keyOf(failure));
    const hex = Buffer.from(smallest).toString("hex");
    const smaller: Finding = { ...finding, bytes: hex, text: target.text(smallest) };
    new Store(corpus).putFinding(smaller);
    process.stdout.write(findingText(smaller));
  });
}

export function promoteCommand(): Command {
  const command = new Command("promote")
    .description("write a finding as a test of the project")
    .argument("<id>", "a finding, or the beginning of its id")
    .option("--corpus <dir>", "the campaign's folder", usualCorpus("hypercall"))
    .option("-o, --output <file>", "the test (default: test/fuzz/found/ID.test.ts)");
  return command.action((id: string, options: { corpus: string; output?: string }) => {
    const finding = findingOf(command, options.corpus, id);
    if (finding.target !== "hypercall") {
      const why = `${finding.id} is an input of ${finding.target}: only programs become tests`;
      command.error(`fuzz: ${why}`, { exitCode: EXIT_USAGE });
    }
    const usual = join(root, "test/fuzz/found", `${finding.id}.test.ts`);
    const output = options.output ?? usual;
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, testOf(finding));
    process.stdout.write(`${output}\n`);
  });
}

const VERDICTS: readonly Finding["verdict"][] = ["new", "confirmed", "known", "invalid"];

export function triageCommand(): Command {
  const command = new Command("triage")
    .description("list findings, or say what one is")
    .argument("[id]", "a finding, or the beginning of its id")
    .argument("[verdict]", VERDICTS.join(", "))
    .option("--corpus <dir>", "the campaign's folder", usualCorpus("hypercall"))
    .option("--json", "as JSON", false);
  return command.action((id, verdict, { corpus, json }: { corpus: string; json: boolean }) => {
    if (!existsSync(corpus)) {
      command.error(`fuzz: there is no campaign in ${corpus}`, { exitCode: EXIT_USAGE });
    }
    const store = new Store(corpus);
    if (verdict !== undefined) {
      if (!VERDICTS.includes(verdict)) {
        const known = VERDICTS.join(", ");
        command.error(`fuzz: "${verdict}" is no verdict; there are ${known}`, {
          exitCode: EXIT_USAGE,
        });
      }
      store.putFinding({ ...findingOf(command, corpus, id), verdict });
    }
    const findings = store.findings().filter((one) => id === undefined || one.id.startsWith(id));
    if (json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
    for (const finding of json ? [] : findings) {
      process.stdout.write(`[${finding.verdict}] ${findingText(finding)}\n`);
    }
    if (!json && findings.length === 0) process.stdout.write("no findings\n");
  });
}
