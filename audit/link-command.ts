// `xenolith audit link`: finds the links anew and stores them.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { derive, withVerdicts } from "./trace/derive.ts";
import { LINKS, linksText, readLinks } from "./trace/links.ts";
import { root } from "./trace/source.ts";
import { readProofRun } from "./trace/verdicts.ts";

interface Options {
  readonly proofs: string;
  readonly verdicts?: boolean;
}

const PROOFS = "build/proofs.json";

const afterHelp = `
Verdicts are those of "npm run prove -- --json ${PROOFS}". It takes about two minutes: the tests
that compare core and specification run, and programs that tie clauses to lines of the core.

Examples:
  xenolith audit link
  xenolith audit link --proofs /tmp/prove.json`;

/** The command `link`. */
export function linkCommand(): Command {
  return new Command("link")
    .description("find what carries out, proves and tests each clause, and store it")
    .option("--proofs <file>", "what the prover wrote", join(root, PROOFS))
    .option("--verdicts", "only take over the prover's verdicts; all other links stay")
    .addHelpText("after", afterHelp)
    .action(({ proofs, verdicts }: Options, command: Command) => {
      if (!existsSync(join(root, "build/core.wasm"))) {
        command.error('audit link: build/core.wasm is missing: run "npm run build"', {
          exitCode: 1,
        });
      }
      if (!existsSync(proofs)) {
        process.stderr.write(`${proofs} is missing: no clause will be linked to a verdict\n`);
      }
      const run = existsSync(proofs) ? readProofRun(proofs) : undefined;
      if (verdicts === true && run !== undefined) {
        writeFileSync(join(root, LINKS), linksText(withVerdicts(readLinks(), run)));
        process.stdout.write(`${LINKS}: verdicts on core ${run.core_sha256.slice(0, 12)}\n`);
        return;
      }
      const { links, steps } = derive(run);
      writeFileSync(join(root, LINKS), linksText(links));
      const count = Object.keys(links.items).length;
      process.stdout.write(`${LINKS}: ${count} items, ties from ${steps} steps\n`);
    });
}
