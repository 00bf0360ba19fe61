// The command line: a thin layer over the wings. Exit codes: 0 done, 1 failed, 2 wrong usage.

import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { Problem } from "../disaggregation/appliance/problem.ts";
import { BuildError } from "../scripts/command.ts";
import { policyCommand } from "../xsm-policy/command.ts";
import { controlLoaders } from "./control-commands.ts";
import { fuzzSubjects } from "./fuzz-subjects.ts";
import { EXIT_FAILURE, EXIT_USAGE, UsageError } from "./status.ts";

function version(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

const afterHelp = `
Examples:
  xenolith build examples/appliance -o appliance.iso
  xenolith run examples/appliance
  xenolith run --kernel kernel.elf --memory 64
  xenolith list
  xenolith policy lint mypolicy/

"xenolith COMMAND --help" says more, with examples.`;

/** The commands. Each is loaded when it is asked for: a wing takes longer to load than to answer. */
const loaders: Readonly<Record<string, (words: readonly string[]) => Promise<Command>>> = {
  build: async () => (await import("./build-command.ts")).buildCommand(),
  run: async () => (await import("./run-command.ts")).runCommand(),
  console: async () => (await import("./console-command.ts")).consoleCommand(),
  list: async () => (await import("./list-command.ts")).listCommand(),
  ...controlLoaders,
  policy: ([name]) => policyCommand(name),
  fuzz: async ([name]) => {
    const { fuzzCommand } = await import("../fuzz/command.ts");
    const native = async (wasm: string) => (await import("../scripts/hosted.ts")).hostedCore(wasm);
    const metal = async () => (await import("./fuzz-metal.ts")).metalCommand();
    return fuzzCommand(name, { targets: fuzzSubjects, native, commands: { metal } });
  },
  spec: async () => (await import("./spec-command.ts")).specCommand(),
  audit: async ([name]) => (await import("../audit/command.ts")).auditCommand(name),
};

/** The command line as far as `words` need it: the command that they name, else all. */
export async function program([name = "", ...words]: readonly string[]): Promise<Command> {
  const xenolith = new Command("xenolith")
    .description("A type-1 hypervisor with a tiny, machine-checked core: build and run appliances")
    .version(version())
    .addHelpText("after", afterHelp);
  const named = Object.hasOwn(loaders, name) ? [loaders[name]!] : Object.values(loaders);
  for (const load of named) xenolith.addCommand(await load(words));
  for (const command of withDescendants(xenolith)) {
    command.exitOverride().showHelpAfterError("(add --help for the options and examples)");
  }
  return xenolith;
}

function withDescendants(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}

/** What a user is told of an error, and the exit code. */
function explain(error: unknown): { text: string; status: number } {
  if (error instanceof CommanderError) {
    // A command's own error says which it is; all others are errors in the command line.
    const isOwn = error.code === "commander.error" || error.exitCode === 0;
    return { text: "", status: isOwn ? error.exitCode : EXIT_USAGE };
  }
  if (error instanceof UsageError) return { text: error.message, status: EXIT_USAGE };
  if (error instanceof Problem || error instanceof BuildError) {
    return { text: error.message, status: EXIT_FAILURE };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { text: `xenolith: this should not happen: ${message}`, status: EXIT_FAILURE };
}

try {
  await (await program(process.argv.slice(2))).parseAsync();
} catch (error) {
  const { text, status } = explain(error);
  if (text !== "") process.stderr.write(`${text}\n`);
  process.exitCode = status;
}
