// What the fuzz commands share: where things are, and how findings are told.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError } from "commander";
import { type Finding, Store } from "../campaign/store.ts";
import type { HypercallTarget } from "../targets/hypercall.ts";
import { makeTarget, type TargetModule, targetNames } from "../targets/index.ts";
import type { Target } from "../targets/target.ts";

/** The project's folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
export const EXIT_FINDING = 1;
export const EXIT_USAGE = 2;

/** Where a target's campaign is kept unless the user says otherwise. */
export function usualCorpus(target: string): string {
  return join(root, "build/fuzz/corpus", target);
}

export const usualWasm = join(root, "build/core.wasm");

/** A core's bytes; ends the command when there is none. */
export function readCore(command: Command, path: string): Uint8Array<ArrayBuffer> {
  if (!existsSync(path)) {
    const advice = path === usualWasm ? '; run "npm run build"' : "";
    command.error(`fuzz: no core at ${path}${advice}`, { exitCode: EXIT_USAGE });
  }
  const bytes = new Uint8Array(readFileSync(path));
  if (bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d) return bytes;
  return command.error(`fuzz: ${path} is not a WebAssembly module`, { exitCode: EXIT_USAGE });
}

let others: TargetModule = { href: "", names: [] };

/** Builds a core for this machine, by its path; gives the program's path. */
export type BuildNative = (wasm: string) => Promise<string>;
let buildNative: BuildNative | undefined;

/** Takes in targets of other wings, and what builds a core for this machine. */
export function bring(module: TargetModule, build?: BuildNative): void {
  others = module;
  buildNative = build;
}

/** A hosted build of the core at `wasm`; ends the command when there can be none. */
export async function nativeOf(command: Command, wasm: string): Promise<string> {
  try {
    if (buildNative !== undefined) return await buildNative(resolve(wasm));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    command.error(`fuzz: no native build of ${wasm}: ${why}`, { exitCode: EXIT_FINDING });
  }
  return command.error("fuzz: nothing here builds native cores", { exitCode: EXIT_USAGE });
}

/** The module that a target comes from; undefined if it is of this wing. */
export function moduleOf(target: string): string | undefined {
  return others.names.includes(target) ? others.href : undefined;
}

/** A target on a core; ends the command when the core is none, or does not boot. */
export async function openTarget(command: Command, wasm: string, name: string): Promise<Target> {
  const core = readCore(command, wasm);
  try {
    return await makeTarget(name, core, moduleOf(name));
  } catch (error) {
    return cannotRun(command, wasm, error);
  }
}

/** The hypercall interface of a core; ends the command when it does not boot. */
export async function openHypercalls(command: Command, wasm: string): Promise<HypercallTarget> {
  const core = readCore(command, wasm);
  const { HypercallTarget: Hypercalls } = await import("../targets/hypercall.ts");
  try {
    return new Hypercalls(core);
  } catch (error) {
    return cannotRun(command, wasm, error);
  }
}

function cannotRun(command: Command, wasm: string, error: unknown): never {
  const why = error instanceof Error ? error.message : String(error);
  return command.error(`fuzz: the core in ${wasm} cannot be run: ${why}`, {
    exitCode: EXIT_FINDING,
  });
}

/** Names of all targets. */
export function allTargets(): readonly string[] {
  return [...targetNames, ...others.names];
}

export function wholeNumber(text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("it is a whole number");
}

export function targetOption(text: string): string {
  const names = allTargets();
  if (names.includes(text)) return text;
  throw new InvalidArgumentError(`there is no such target; there are ${names.join(", ")}`);
}

/** The finding of that id in a campaign's folder; ends the command when there is none. */
export function findingOf(command: Command, corpus: string, id: string): Finding {
  const finding = existsSync(corpus) ? new Store(corpus).finding(id) : undefined;
  if (finding !== undefined) return finding;
  return command.error(
    `fuzz: no finding "${id}" in ${corpus}; "xenolith fuzz triage" lists them, --corpus says where`,
    { exitCode: EXIT_USAGE },
  );
}

/** A finding for people. */
export function findingText(finding: Finding): string {
  const { id, oracle, operation, about, path, says, text } = finding;
  const clause = about === "" ? "" : `, ${about}`;
  const steps = text.replace(/^/gm, "    ").trimEnd();
  return `${id}  ${oracle}: ${operation}${clause} (${path})\n  ${says}\n${steps}\n`;
}
