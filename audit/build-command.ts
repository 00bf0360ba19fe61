// `xenolith audit build`: evidence, records of runs, and the report site, signed.

import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { buildBundle } from "./bundle/build.ts";
import { fingerprint, trustedKey } from "./bundle/sign.ts";
import { writeSite } from "./site/write.ts";
import { root } from "./trace/source.ts";
import { readProofRun } from "./trace/verdicts.ts";

interface Options {
  readonly output: string;
  readonly proofs: string;
  readonly key: string;
  readonly before?: string;
}

const afterHelp = `
The key is made where there is none. Open OUTPUT/index.html in a browser: it needs no network.

Examples:
  xenolith audit build -o evidence-1
  xenolith audit build -o evidence-2 --before evidence-1 --key release.pem`;

/** The command `build`. */
export function buildCommand(): Command {
  return new Command("build")
    .description("write a folder of evidence with a report site, signed")
    .requiredOption("-o, --output <folder>", "an empty folder, or one to be made")
    .option("--proofs <file>", "what the prover wrote", join(root, "build/proofs.json"))
    .option("--key <file>", "private key (PEM, Ed25519)", join(root, "build/audit-key.pem"))
    .option("--before <folder>", "an earlier bundle: the site shows what has changed")
    .addHelpText("after", afterHelp)
    .action(async ({ output, proofs, key, before }: Options, command: Command) => {
      const folder = resolve(output);
      mkdirSync(folder, { recursive: true });
      if (readdirSync(folder).length > 0) {
        command.error(`audit build: ${output} is not empty; name another folder`, { exitCode: 1 });
      }
      if (!existsSync(proofs)) {
        const advice = 'run "npm run prove -- --json build/proofs.json"';
        command.error(`audit build: ${proofs} is missing: ${advice}`, { exitCode: 1 });
      }
      const site = (to: string, evidence: Parameters<typeof writeSite>[1]) =>
        writeSite(to, evidence, before);
      await buildBundle({ folder, run: readProofRun(proofs), key, site });
      process.stdout.write(`${output}: signed by key ${fingerprint(trustedKey(key))}\n`);
    });
}
