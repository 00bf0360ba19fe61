/** `xenolith policy`: everything that can be asked of a policy. */

import { Command } from "commander";
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
  xenolith policy lint mypolicy/

"xenolith policy COMMAND --help" says more, with examples.
Exit codes: 0 done and nothing found, 1 findings or a policy that does not compile, 2 wrong usage`;

/** The command `policy` with all that stand below it. */
export function policyCommand(): Command {
  const policy = new Command("policy")
    .description("compile, check, explain, compare, test and edit a policy")
    .addHelpText("after", afterHelp);
  for (const command of [
    compileCommand(),
    lintCommand(),
    testCommand(),
    fmtCommand(),
    graphCommand(),
    lspCommand(),
  ]) {
    policy.addCommand(command);
  }
  return policy;
}
