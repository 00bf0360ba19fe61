// A system of service domains that runs beside this process and is governed by the command line, as
// a user has it.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "../../command.ts";

const program = fileURLToPath(new URL("../../../bin/xenolith", import.meta.url));
const SERVICES = ["xenstore", "toolstack", "builder"];
const RUNS_AS = /runs as process (\d+)/;

/** What a guest that comes later is made of: paths. */
export interface GuestFiles {
  readonly kernel: string;
  readonly ramdisk: string;
}

export interface RunningSystem {
  /** A folder of its own, for guest files. */
  readonly folder: string;
  /** Runs a command against the system and returns what it printed. Throws BuildError. */
  command(...parameters: readonly string[]): string;
}

function xenolith(parameters: readonly string[], seconds: number): string {
  const made = spawnSync(program, parameters, { encoding: "utf8", timeout: seconds * 1000 });
  if (made.status === 0) return made.stdout;
  const reason = made.stderr?.trim() || made.error?.message || `code ${made.status}`;
  throw new BuildError(`xenolith ${parameters[0]}: ${reason}`);
}

function serviceFile(name: string, { kernel, ramdisk }: GuestFiles): string {
  const ports = name === "toolstack" ? 'ioports = ["2f8-2ff"]\n' : "";
  const files = name === "builder" ? `files = ["${kernel}", "${ramdisk}"]\n` : "";
  return `name = "${name}"\ntype = "service"\nservice = "${name}"\n${ports}${files}`;
}

/** A guest's file, for us and for xl: Linux on one CPU, and what further lines give it. */
export function guestFile(
  name: string,
  memoryMib: number,
  { kernel, ramdisk }: GuestFiles,
  commandLine = "console=hvc0",
  further = "",
): string {
  return `name = "${name}"
type = "pvh"
kernel = "${kernel}"
ramdisk = "${ramdisk}"
cmdline = "${commandLine}"
memory = ${memoryMib}
vcpus = 1
${further}`;
}

/** Runs xenstore, toolstack and builder, with a guest's files in the builder's store and room for
 *  `guestsMib` of guests, as long as `use` does. Throws BuildError. */
export async function withRunningSystem<Result>(
  files: GuestFiles,
  guestsMib: number,
  timeoutSeconds: number,
  use: (system: RunningSystem) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-running-"));
  const appliance = join(folder, "appliance");
  const control = ["--control", join(folder, "control")];
  mkdirSync(appliance);
  for (const name of SERVICES) {
    writeFileSync(join(appliance, `${name}.cfg`), serviceFile(name, files));
  }
  writeFileSync(join(appliance, "appliance.cfg"), `max_memory = ${guestsMib + 256}\n`);
  let owner: number | undefined;
  try {
    const said = xenolith(["run", appliance, "--detach", ...control], timeoutSeconds);
    owner = Number(RUNS_AS.exec(said)?.[1]);
    const command = (...parameters: readonly string[]): string =>
      xenolith([...parameters, ...control], timeoutSeconds);
    return await use({ folder, command });
  } finally {
    if (owner !== undefined) process.kill(owner, "SIGTERM");
    rmSync(folder, { recursive: true });
  }
}
