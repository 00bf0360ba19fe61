/** `xenolith policy`: everything that can be asked of a policy. */

import { Command } from "commander";

const afterHelp = `
INPUT is a policy.conf or a folder of modules, as each command's help says.

Examples:
  xenolith policy compile policy.conf --format policydb-30 -o xenpolicy.30
  xenolith policy check mypolicy/
  xenolith policy explain mypolicy/ deny guest_t vault_t grant map_read
  xenolith policy lint mypolicy/
  xenolith policy graph mypolicy/ -o flows.svg

"xenolith policy COMMAND --help" says more, with examples.
Exit codes: 0 done and nothing found, 1 findings or a policy that does not compile, 2 wrong usage`;

/** The commands. Each is loaded when it is asked for: to load all takes longer than one takes to
 *  answer. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  compile: async () => (await import("./compiler/command.ts")).compileCommand(),
  check: async () => (await import("./analysis/check-command.ts")).checkCommand(),
  flows: async () => (await import("./analysis/flows-command.ts")).flowsCommand(),
  explain: async () => (await import("./analysis/explain-command.ts")).explainCommand(),
  diff: async () => (await import("./analysis/diff-command.ts")).diffCommand(),
  learn: async () => (await import("./analysis/learn-command.ts")).learnCommand(),
  lint: async () => (await import("./lint/command.ts")).lintCommand(),
  test: async () => (await import("./test/command.ts")).testCommand(),
  fmt: async () => (await import("./format/command.ts")).fmtCommand(),
  graph: async () => (await import("./graph/command.ts")).graphCommand(),
  lsp: async () => (await import("./lsp/command.ts")).lspCommand(),
};

/** The command `policy` with the one below it that `name` names, or with all of them. */
export async function policyCommand(name = ""): Promise<Command> {
  const policy = new Command("policy")
    .description("compile, check, explain, compare, test and edit a policy")
    .addHelpText("after", afterHelp);
  const named = Object.hasOwn(loaders, name) ? [loaders[name]] : Object.values(loaders);
  for (const load of named) policy.addCommand(await load());
  return policy;
}
