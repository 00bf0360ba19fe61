// audit.same: two copies of the tree give the same evidence, byte for byte, and no changed byte of
// a bundle stays unseen.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listFiles } from "../../../audit/bundle/files.ts";
import { verifyBundle } from "../../../audit/bundle/verify.ts";
import { makeBundle, workFolder } from "../../audit/bundles.ts";
import { TreeCopy } from "../../audit/copy.ts";
import type { Check, Outcome } from "../check.ts";
import { runProgram } from "../cli.ts";

const FLIPS = 50;
const SECONDS = 900;

/** Numbers that are the same in every run. */
function* numbers(): Generator<number> {
  for (let state = 12345; ; ) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    yield state >>> 8;
  }
}

/** Flips that `verify` does not see, or names another file for. */
function unseen(bundle: string): string[] {
  const files = listFiles(bundle);
  const random = numbers();
  const next = (limit: number): number => random.next().value % limit;
  return Array.from({ length: FLIPS }).flatMap(() => {
    const file = files[next(files.length)]!;
    const before = readFileSync(join(bundle, file));
    const after = Buffer.from(before);
    const at = next(after.length);
    after[at]! ^= 1 << next(8);
    writeFileSync(join(bundle, file), after);
    const problems = verifyBundle(bundle);
    writeFileSync(join(bundle, file), before);
    const isNamed = problems.some((problem) => problem.startsWith(`${file}: `));
    return isNamed ? [] : [`${file}, byte ${at}: ${problems[0] ?? "nothing was told"}`];
  });
}

/** The bundle that `xenolith audit build` writes in a copy of the tree. */
async function bundleOfCopy(folder: string, name: string, proofs: string): Promise<string> {
  const tree = new TreeCopy();
  try {
    const bundle = join(folder, name);
    const key = join(folder, `${name}.pem`);
    const words = ["audit", "build", "-o", bundle, "--proofs", proofs, "--key", key];
    const ran = await runProgram(tree.program, ["bin/main.ts", ...words], SECONDS, tree.folder);
    if (ran.code !== 0) throw new Error(`audit build failed: ${ran.stdout}${ran.stderr}`);
    return bundle;
  } finally {
    tree.dispose();
  }
}

/** Files of evidence that differ between two bundles. */
function differing(one: string, two: string): string[] {
  const own = listFiles(join(one, "evidence"));
  const others = listFiles(join(two, "evidence"));
  const all = [...new Set([...own, ...others])];
  return all.filter((path) => {
    if (!own.includes(path) || !others.includes(path)) return true;
    const [a, b] = [one, two].map((folder) => readFileSync(join(folder, "evidence", path)));
    return !a!.equals(b!);
  });
}

async function run(): Promise<Outcome> {
  const { folder, proofs } = workFolder();
  try {
    const one = await bundleOfCopy(folder, "one", proofs);
    const two = await bundleOfCopy(folder, "two", proofs);
    const differences = differing(one, two);
    const bundle = await makeBundle(folder, "own");
    const sound = verifyBundle(bundle);
    const missed = unseen(bundle);
    // Whether a second solver has judged everything is proofs.second's to say.
    const words = [join(bundle, "check.mjs"), "--one-solver"];
    const checker = await runProgram(process.execPath, words, SECONDS);
    const files = listFiles(join(one, "evidence")).length;
    const passed = differences.length + missed.length + sound.length + checker.code === 0;
    const summary =
      `${files - differences.length} of ${files} files of evidence are equal in two copies; ` +
      `${FLIPS - missed.length} of ${FLIPS} flipped bits were named`;
    const told = checker.stdout.trim().split("\n");
    return { passed, figures: { files, differences, missed, sound, checker: told }, summary };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const same: Check = {
  name: "audit.same",
  claim: "two copies give equal evidence, and any changed byte of a bundle is found and named",
  short: false,
  run,
};
