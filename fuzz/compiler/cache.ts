// Compiling the specification takes a second at each start: what came of it is kept beside the
// compiled form of the fuzzer, under a hash of all that it is made of.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SpecificationCode } from "./index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Sources run directly are being worked on: nothing is kept of them. */
const isCompiled = import.meta.url.endsWith(".js");
const MADE_OF = ["spec", "fuzz/compiler", "fuzz/instrument", "tcb/core"];

interface Kept extends Omit<SpecificationCode, "reads"> {
  readonly reads: readonly (readonly string[])[];
}

function hashOfSources(): string {
  const hash = createHash("sha256");
  for (const part of MADE_OF) {
    for (const path of readdirSync(join(root, part), {
      recursive: true,
      encoding: "utf8",
    }).sort()) {
      if (path.endsWith(".js")) hash.update(path).update(readFileSync(join(root, part, path)));
    }
  }
  return hash.digest("hex");
}

/** What `make` gives, or gave before of the same sources. */
export function kept(make: () => SpecificationCode): SpecificationCode {
  if (!isCompiled) return make();
  const folder = join(root, "specification");
  const file = join(folder, `${hashOfSources()}.json`);
  if (existsSync(file)) {
    const { reads, ...rest } = JSON.parse(readFileSync(file, "utf8")) as Kept;
    return { ...rest, reads: reads.map((names) => new Set(names)) };
  }
  const made = make();
  const reads = made.reads.map((names) => [...names]);
  mkdirSync(folder, { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, JSON.stringify({ ...made, reads }));
  renameSync(partial, file);
  return made;
}
