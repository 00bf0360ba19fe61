/** `xenolith fuzz`: campaigns, and what is done with what they find. */

import { Command } from "commander";
import { type BuildNative, bring } from "./commands/common.ts";
import { coverageCommand, diffCommand, mergeCommand, statusCommand } from "./commands/corpus.ts";
import {
  minimiseCommand,
  promoteCommand,
  replayCommand,
  triageCommand,
} from "./commands/findings.ts";
import { runCommand } from "./commands/run.ts";
import { workerCommand } from "./commands/worker.ts";
import type { TargetModule } from "./targets/index.ts";

const afterHelp = `
Examples:
  xenolith fuzz run --seconds 60
  xenolith fuzz triage
  xenolith fuzz replay 3f2a
  xenolith fuzz promote 3f2a

"xenolith fuzz COMMAND --help" says more, with examples.
Exit codes: 0 done and nothing found, 1 findings, 2 wrong usage`;

/** The command `fuzz` with all that stand below it, targets that other wings bring along, and what
 *  builds cores for this machine. */
export function fuzzCommand(others?: TargetModule, buildNative?: BuildNative): Command {
  if (others !== undefined) bring(others, buildNative);
  const fuzz = new Command("fuzz")
    .description("fuzz the hypercall interface, and replay, minimise and promote findings")
    .addHelpText("after", afterHelp);
  const commands = [
    runCommand(),
    replayCommand(),
    minimiseCommand(),
    promoteCommand(),
    triageCommand(),
    mergeCommand(),
    coverageCommand(),
    diffCommand(),
    statusCommand(),
    workerCommand(),
  ];
  for (const command of commands) fuzz.addCommand(command);
  return fuzz;
}
