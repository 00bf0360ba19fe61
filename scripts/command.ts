// Runs the programs that the build needs, and says plainly what is missing or what went wrong.

import { spawnSync } from "node:child_process";

/** A failure that a user can act on; the command line prints its message without a stack trace. */
export class BuildError extends Error {}

const packages: Readonly<Record<string, string>> = {
  gcc: "gcc",
  ld: "binutils",
  nm: "binutils",
  "grub-mkimage": "grub-common grub-pc-bin grub-efi-amd64-bin",
  mformat: "mtools",
  xorriso: "xorriso",
};

/** Runs `program` in `directory` and returns its standard output; throws BuildError on failure. */
export function run(
  program: string,
  parameters: readonly string[],
  directory: string,
  environment: Readonly<Record<string, string>> = {},
): string {
  const result = spawnSync(program, parameters, {
    cwd: directory,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, LC_ALL: "C", ...environment },
  });
  if (result.error !== undefined) {
    const from = packages[program];
    const remedy = from === undefined ? "" : `; install it: sudo apt-get install ${from}`;
    throw new BuildError(`cannot run ${program}: ${result.error.message}${remedy}`);
  }
  if (result.status !== 0) {
    const said = `${result.stdout}${result.stderr}`.trim();
    throw new BuildError(`${program} failed (status ${result.status}) in ${directory}:\n${said}`);
  }
  return result.stdout;
}
