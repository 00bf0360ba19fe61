// [metal.reproducible]: two clones in different folders build the same bytes, and the subset
// checker refuses each forbidden example.

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "../check.ts";
import { root, runProgram } from "../cli.ts";

/** A build takes well under a minute; a machine with other work to do gets its time. */
const BUILD_SECONDS = 600;

/** Builds a copy of the work tree, as git would clone it, in `folder`; its hashes. */
async function buildIn(folder: string): Promise<string> {
  const { stdout } = await runProgram("git", ["ls-files", "-co", "--exclude-standard"], 20);
  for (const file of stdout.split("\n").filter((name) => name !== "")) {
    cpSync(join(root, file), join(folder, file), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const built = await runProgram(
    process.execPath,
    ["--import", "tsx", "scripts/build.ts"],
    BUILD_SECONDS,
    folder,
  );
  if (built.code !== 0) throw new Error(`the copy does not build: ${built.stderr}`);
  return readFileSync(join(folder, "build/SHA256SUMS"), "utf8");
}

export const reproducible: Check = {
  name: "metal.reproducible",
  claim: "two clones in different folders build the same sha256",
  short: true,
  async run() {
    const folders = ["xenolith-a-", "another-folder-of-xenolith-"].map((name) =>
      mkdtempSync(join(tmpdir(), name)),
    );
    try {
      const [first, second] = [await buildIn(folders[0]!), await buildIn(folders[1]!)];
      const passed = first === second;
      return {
        passed,
        figures: { first, second },
        summary: passed ? "equal bytes" : "bytes differ",
      };
    } finally {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    }
  },
};
