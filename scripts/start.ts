// `npm start`: sets up what is missing, builds the hypervisor, its service domains and guests of
// Debian packages, and runs the example appliance. With --prepare it stops before the run.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import pc from "picocolors";
import { artefacts } from "./artefacts.ts";
import { build } from "./build.ts";
import { BuildError } from "./command.ts";
import { makeDebianGuests } from "./debian.ts";
import { makeToolsRoot } from "./debian-tools.ts";
import { setUp } from "./setup.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const EXAMPLE = "examples/appliance";
/** The guests need about half a minute; a machine that is this slow has another problem. */
const TIMEOUT_SECONDS = 900;

const step = (text: string): void => void process.stdout.write(`${pc.bold(text)}\n`);

/** Everything that a run needs, from system packages to guests. Throws BuildError. */
async function prepare(yes: boolean): Promise<void> {
  step("System packages");
  await setUp(yes);
  step("Hypervisor");
  await build();
  process.stdout.write(`${artefacts.image}\n`);
  step("Guests, from these Debian packages (sha256, name, version)");
  process.stdout.write(makeDebianGuests());
  process.stdout.write(makeToolsRoot());
}

function runExample(): number {
  step(`Appliance (bin/xenolith run ${EXAMPLE})`);
  const parameters = ["bin/xenolith", "run", EXAMPLE, "--timeout", String(TIMEOUT_SECONDS)];
  return spawnSync(process.execPath, parameters, { cwd: root, stdio: "inherit" }).status ?? 1;
}

try {
  await prepare(process.argv.includes("--yes"));
  if (!process.argv.includes("--prepare")) process.exitCode = runExample();
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
