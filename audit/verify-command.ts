// `xenolith audit verify` and `xenolith audit diff`.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { driftLines, driftOf } from "./bundle/diff.ts";
import { evidenceFiles, evidenceOf } from "./bundle/evidence.ts";
import { PUBLIC_KEY } from "./bundle/files.ts";
import { proveAgain } from "./bundle/prove-again.ts";
import { fingerprint, trustedKey } from "./bundle/sign.ts";
import { compareEvidence, verifyBundle } from "./bundle/verify.ts";
import { readProofRun } from "./trace/verdicts.ts";

interface Options {
  readonly key?: string;
  readonly rerun?: boolean;
  readonly proofs?: string;
}

const afterHelp = `
--rerun makes the evidence again from this tree, and compares every byte. For that it proves
everything again, from nothing, by the solvers whose verdicts are in the bundle: on two cores that
may take half an hour. With --proofs the verdicts of that file are taken instead.

Examples:
  xenolith audit verify evidence-1
  xenolith audit verify evidence-1 --key release.pub.pem --rerun`;

function folderOf(name: string, command: Command): string {
  if (existsSync(name)) return resolve(name);
  return command.error(`audit: ${name}: there is no such folder`, { exitCode: 2 });
}

/** The command `verify`. */
export function verifyCommand(): Command {
  return new Command("verify")
    .argument("<bundle>", "folder that `audit build` wrote")
    .description("check hashes and signature of a bundle; name every file that differs")
    .option("--key <file>", "the key that must have signed (PEM)")
    .option("--rerun", "make the evidence again and compare its bytes")
    .option("--proofs <file>", "with --rerun: what the prover wrote, not to be proved again")
    .addHelpText("after", afterHelp)
    .action((name: string, { key, rerun, proofs }: Options, command: Command) => {
      const folder = folderOf(name, command);
      const problems = verifyBundle(folder, key === undefined ? undefined : trustedKey(key));
      if (problems.length === 0 && rerun === true) {
        const run = proofs === undefined ? proveAgain(folder) : readProofRun(proofs);
        problems.push(...compareEvidence(folder, evidenceFiles(evidenceOf(run))));
      }
      for (const problem of problems) process.stdout.write(`${problem}\n`);
      if (problems.length === 0) {
        const signer = fingerprint(trustedKey(join(folder, PUBLIC_KEY)));
        const proved = proofs === undefined ? " and proofs" : "";
        const again = rerun === true ? `, and this tree gives the same evidence${proved}` : "";
        process.stdout.write(`${name}: as it was signed by key ${signer}${again}\n`);
      }
      process.exitCode = problems.length === 0 ? 0 : 1;
    });
}

/** The command `diff`. */
export function diffCommand(): Command {
  return new Command("diff")
    .argument("<old>", "an earlier bundle")
    .argument("<new>", "a later one")
    .description("tell what has changed between two bundles")
    .option("--json", "print JSON")
    .action((old: string, now: string, { json }: { json?: boolean }, command: Command) => {
      const drift = driftOf(folderOf(old, command), folderOf(now, command));
      const text = json === true ? JSON.stringify(drift, null, 2) : driftLines(drift).join("\n");
      process.stdout.write(`${text}\n`);
    });
}
