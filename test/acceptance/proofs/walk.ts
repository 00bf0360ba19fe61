// The walk of spec/README.md, taken as it stands there: each command is run, and what stands below
// it has to be in what it prints.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../check.ts";
import { root, runProgram } from "../cli.ts";

interface Step {
  readonly command: string;
  readonly expected: readonly string[];
}

const LIMIT_SECONDS = 1_800;

/** The commands of a page's console blocks, and the lines that they must print. */
export function stepsOf(page: string): Step[] {
  const blocks = [...page.matchAll(/^```console\n([\s\S]*?)^```/gm)].map(([, text]) => text!);
  return blocks.flatMap((text) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command, ...expected] = part.trimEnd().split("\n");
        return { command: command!, expected };
      }),
  );
}

export const walk: Check = {
  name: "proofs.walk",
  claim: "spec/README.md leads from a question to its clauses, and to their proof run alone",
  short: false,
  run: async () => {
    const steps = stepsOf(readFileSync(join(root, "spec/README.md"), "utf8"));
    const problems: string[] = [];
    for (const { command, expected } of steps) {
      const ran = await runProgram("sh", ["-c", command], LIMIT_SECONDS);
      if (ran.code !== 0) problems.push(`${command}: exit ${ran.code}`);
      for (const line of expected) {
        if (!ran.stdout.includes(line)) problems.push(`${command}: does not print "${line}"`);
      }
    }
    const summary = problems.length === 0 ? `${steps.length} commands as written` : problems[0]!;
    const passed = problems.length === 0 && steps.length >= 2;
    return {
      passed,
      figures: { commands: steps.map(({ command }) => command), problems },
      summary,
    };
  },
};
