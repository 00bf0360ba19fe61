/** What the commands of the analysis have in common: reading input, reporting, exit codes. */

import type { Command } from "commander";
import { renderDiagnostic } from "../compiler/diagnostic.ts";
import { type DirectionMap, DirectionMapError, readDirectionMap } from "./direction-map.ts";
import { type AnalysisInput, type AnalysisOptions, loadForAnalysis } from "./input.ts";

export const EXIT_FINDING = 1;
export const EXIT_USAGE = 2;

/** Ends a command with a message and exit code 2. */
export function usage(command: Command, message: string): never {
  return command.error(`error: ${message}`, { exitCode: EXIT_USAGE });
}

/** Loads a policy; what is wrong with it goes to standard error, and the exit code is 1. */
export function loadOrReport(
  path: string,
  options: AnalysisOptions,
  command: Command,
): AnalysisInput["ready"] {
  const { loaded, diagnostics, ready } = readOrUsage(
    () => loadForAnalysis(path, options),
    path,
    command,
  );
  for (const diagnostic of diagnostics) {
    process.stderr.write(`${renderDiagnostic(diagnostic, loaded.tree?.source)}\n`);
  }
  if (ready === undefined) process.exitCode = EXIT_FINDING;
  return ready;
}

/** The direction map that the user names, or the built-in one. */
export function mapOrUsage(file: string | undefined, command: Command): DirectionMap {
  try {
    return readOrUsage(() => readDirectionMap(file), file ?? "the direction map", command);
  } catch (failure) {
    if (!(failure instanceof DirectionMapError)) throw failure;
    return usage(command, failure.message);
  }
}

/** Reads something; that it cannot be read is a usage error. */
export function readOrUsage<Value>(read: () => Value, path: string, command: Command): Value {
  try {
    return read();
  } catch (failure) {
    const { code, message } = failure as NodeJS.ErrnoException;
    if (code === undefined) throw failure;
    return usage(command, code === "ENOENT" ? `there is no ${path}` : message);
  }
}

/** Writes to standard output; a reader that has seen enough (head) is no error. */
export function print(text: string): void {
  process.stdout.once("error", (failure: NodeJS.ErrnoException) => {
    if (failure.code !== "EPIPE") throw failure;
  });
  process.stdout.write(text);
}

/** Writes a value as JSON. */
export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}

/** Collects the values of an option that may be repeated. */
export function append(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
