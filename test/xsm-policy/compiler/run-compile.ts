/** Runs the command alone, for its test; wrong usage exits 2, as in the whole command line. */

import { compileCommand } from "../../../xsm-policy/compiler/command.ts";

await compileCommand()
  .exitOverride((failure) => process.exit(failure.exitCode === 0 ? 0 : 2))
  .parseAsync();
