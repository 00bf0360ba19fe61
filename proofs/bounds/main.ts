// `npx tsx proofs/bounds/main.ts`: how much work each operation of a core.wasm is at most.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { type BoundsReport, boundsOf } from "./bounds.ts";
import { boundsText } from "./text.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const EXIT_BOUNDED = 0;
const EXIT_UNBOUNDED = 1;
const EXIT_USAGE = 2;

interface Flags {
  readonly wasm: string;
  readonly json?: string;
  readonly loops: boolean;
}

function command(): Command {
  return new Command("bounds")
    .description("Computes the most instructions that each operation of a core.wasm executes.")
    .option("--wasm <file>", "another build of the core", join(root, "build/core.wasm"))
    .option("--json <file>", "write the result to a file")
    .option("--loops", "list the loops and how often they go round", false)
    .exitOverride();
}

function main(): number {
  const program = command();
  try {
    program.parse();
  } catch (error) {
    return error instanceof CommanderError && error.exitCode === 0 ? EXIT_BOUNDED : EXIT_USAGE;
  }
  const flags = program.opts<Flags>();
  if (!existsSync(flags.wasm)) {
    process.stderr.write(`${flags.wasm} does not exist; run "npm run build" first\n`);
    return EXIT_USAGE;
  }
  let report: BoundsReport;
  try {
    report = boundsOf(readFileSync(flags.wasm));
  } catch (error) {
    process.stderr.write(`bounds: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_UNBOUNDED;
  }
  process.stdout.write(boundsText(report, flags.loops));
  if (flags.json !== undefined) {
    writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`);
  }
  const isBounded = report.operations.every(({ instructions }) => instructions !== undefined);
  return isBounded ? EXIT_BOUNDED : EXIT_UNBOUNDED;
}

process.exitCode = main();
