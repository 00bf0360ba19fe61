/** `xenolith audit`: from a clause to its code, proof and tests. */

import { Command } from "commander";

const afterHelp = `
Examples:
  xenolith audit check
  xenolith audit link
  xenolith audit build -o evidence
  xenolith audit verify evidence

"xenolith audit COMMAND --help" says more, with examples.
Exit codes: 0 done and nothing found, 1 gaps or a bundle that is not what it says, 2 wrong usage`;

/** The commands. Each is loaded when it is asked for. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import("./check-command.ts")).checkCommand(),
  link: async () => (await import("./link-command.ts")).linkCommand(),
  build: async () => (await import("./build-command.ts")).buildCommand(),
  verify: async () => (await import("./verify-command.ts")).verifyCommand(),
  diff: async () => (await import("./verify-command.ts")).diffCommand(),
};

/** The command `audit` with the one below it that `name` names, or with all of them. */
export async function auditCommand(name = ""): Promise<Command> {
  const audit = new Command("audit")
    .description("trace clauses to code, proofs and tests; build and verify evidence")
    .addHelpText("after", afterHelp);
  const named = Object.hasOwn(loaders, name) ? [loaders[name]!] : Object.values(loaders);
  for (const load of named) audit.addCommand(await load());
  return audit;
}
