// `xenolith spec`: the manual of the interface, from the specification.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { manual } from "../proofs/manual/render.ts";

const afterHelp = `
Examples:
  xenolith spec manual
  xenolith spec manual -o build/manual`;

/** The file of the manual in the folder that is asked for. */
const MANUAL = "manual.md";

function manualCommand(): Command {
  return new Command("manual")
    .description("write what the hypervisor does, clause by clause, as Markdown")
    .option("-o, --output <folder>", "folder for the manual", "build")
    .action(({ output }: { output: string }) => {
      const file = join(output, MANUAL);
      mkdirSync(output, { recursive: true });
      writeFileSync(file, manual());
      process.stdout.write(`${file}\n`);
    });
}

/** The command `spec`. */
export function specCommand(): Command {
  return new Command("spec")
    .description("the specification of the hypervisor, for people")
    .addHelpText("after", afterHelp)
    .addCommand(manualCommand());
}
