/** `xenolith fuzz`: campaigns, and what is done with what they find. */

import { Command } from "commander";
import { type BuildNative, bring } from "./commands/common.ts";
import type { TargetModule } from "./targets/index.ts";

const afterHelp = `
Examples:
  xenolith fuzz run --seconds 60
  xenolith fuzz triage
  xenolith fuzz replay 3f2a
  xenolith fuzz promote 3f2a

"xenolith fuzz COMMAND --help" says more, with examples.
Exit codes: 0 done and nothing found, 1 findings, 2 wrong usage`;

type Load = () => Promise<Command>;

/** The commands. Each is loaded when it is asked for: a worker that joins a cluster has little else
 *  to load. */
const loaders: Readonly<Record<string, Load>> = {
  run: async () => (await import("./commands/run.ts")).runCommand(),
  replay: async () => (await import("./commands/findings.ts")).replayCommand(),
  minimise: async () => (await import("./commands/findings.ts")).minimiseCommand(),
  promote: async () => (await import("./commands/findings.ts")).promoteCommand(),
  triage: async () => (await import("./commands/findings.ts")).triageCommand(),
  merge: async () => (await import("./commands/corpus.ts")).mergeCommand(),
  coverage: async () => (await import("./commands/corpus.ts")).coverageCommand(),
  diff: async () => (await import("./commands/corpus.ts")).diffCommand(),
  status: async () => (await import("./commands/corpus.ts")).statusCommand(),
  worker: async () => (await import("./commands/worker.ts")).workerCommand(),
};

/** What other wings bring along. */
export interface FuzzParts {
  readonly targets?: TargetModule;
  /** Builds cores for this machine. */
  readonly native?: BuildNative;
  readonly commands?: Readonly<Record<string, Load>>;
}

/** The command `fuzz` with the one below it that `name` names, or with all of them. */
export async function fuzzCommand(
  name = "",
  { targets, native, commands = {} }: FuzzParts = {},
): Promise<Command> {
  if (targets !== undefined) bring(targets, native);
  const fuzz = new Command("fuzz")
    .description("fuzz the hypercall interface, and replay, minimise and promote findings")
    .addHelpText("after", afterHelp);
  const all: Readonly<Record<string, Load>> = { ...loaders, ...commands };
  const named = Object.hasOwn(all, name) ? [all[name]!] : Object.values(all);
  for (const load of named) fuzz.addCommand(await load());
  return fuzz;
}
