// `xenolith audit check`: exit status 1 if a clause lacks what the policy of the audit wants.

import { Command } from "commander";
import { checkTree, gapLine, summaryLines } from "./trace/check.ts";

const GAPS_SHOWN = 40;

interface Options {
  readonly json?: boolean;
  readonly all?: boolean;
}

/** The command `check`. */
export function checkCommand(): Command {
  return new Command("check")
    .description("compare all links with the tree: code, proofs and tests of every clause")
    .option("--json", "print JSON")
    .option("--all", `print all gaps, not the first ${GAPS_SHOWN}`)
    .action((options: Options) => {
      const result = checkTree(new Date().toISOString().slice(0, 10));
      const { gaps, states, items } = result;
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify({ items, states, gaps }, null, 2)}\n`);
      } else {
        const shown = options.all === true ? gaps : gaps.slice(0, GAPS_SHOWN);
        const more = gaps.length - shown.length;
        const lines = [
          ...shown.map(gapLine),
          ...(more > 0 ? [`... and ${more} more (--all)`] : []),
          ...summaryLines(result),
        ];
        process.stdout.write(`${lines.join("\n")}\n`);
      }
      process.exitCode = gaps.length === 0 ? 0 : 1;
    });
}
