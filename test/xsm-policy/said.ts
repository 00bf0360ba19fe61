// Runs a command of the policy tools in this process, and keeps what it says.

import { rmSync } from "node:fs";
import { type Command, CommanderError } from "commander";
import { vi } from "vitest";

/** What was written since `listen`, with the folder's name as ROOT. */
export const said = { output: "", errors: "" };

/** Keeps what is written to standard output and error from now on. */
export function listen(root: string): void {
  said.output = "";
  said.errors = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said.output += String(text).replaceAll(root, "ROOT");
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.errors += String(text).replaceAll(root, "ROOT");
    return true;
  });
}

/** Ends `listen`, and removes the folder. */
export function leave(root: string): void {
  vi.restoreAllMocks();
  process.exitCode = 0;
  rmSync(root, { recursive: true });
}

/** The exit code of a command with these words. */
export async function runCommand(
  command: Command,
  words: readonly string[],
): Promise<typeof process.exitCode> {
  process.exitCode = 0;
  try {
    await command.exitOverride().parseAsync([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode;
  }
  return process.exitCode;
}
