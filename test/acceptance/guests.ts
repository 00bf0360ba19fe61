// The test guests (test/guests), built once for all checks.

import { root, runProgram } from "./cli.ts";

let built: Promise<void> | undefined;

async function build(): Promise<void> {
  const { code, stderr } = await runProgram(
    process.execPath,
    ["--import", "tsx", "test/guests/build.ts"],
    120,
  );
  if (code !== 0) throw new Error(`the test guests do not build: ${stderr.trim()}`);
}

/** Path of a test guest's ELF file. */
export async function guest(name: string): Promise<string> {
  built ??= build();
  await built;
  return `${root}build/guests/${name}.elf`;
}
