/** `xenolith policy`: everything that can be asked of a policy. */

import { Command } from "commander";
import {
  checkCommand,
  diffCommand,
  explainCommand,
  flowsCommand,
  learnCommand,
} from "./analysis/command.ts";
import { compileCommand } from "./compiler/command.ts";
import { fmtCommand } from "./format/command.ts";
import { graphCommand } from "./graph/command.ts";
import { lintCommand } from "./lint/command.ts";
import { lspCommand } from "./lsp/command.ts";
import { testCommand } from "./test/command.ts";

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

/** The command `policy` with all that stand below it. */
export function policyCommand(): Command {
  const policy = new Command("policy")
    .description("compile, check, explain, compare, test and edit a policy")
    .addHelpText("after", afterHelp);
  const commands = [
    compileCommand(),
    checkCommand(),
    flowsCommand(),
    explainCommand(),
    diffCommand(),
    learnCommand(),
    lintCommand(),
    testCommand(),
    fmtCommand(),
    graphCommand(),
    lspCommand(),
  ];
  for (const command of commands) policy.addCommand(command);
  return policy;
}
