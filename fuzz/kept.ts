// What takes seconds to make and follows from sources and input alone is kept beside the compiled
// form of the fuzzer, under a hash of all that it is made of.

import { createHash, type Hash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Sources run directly are being worked on: nothing is kept of them. */
const isCompiled = import.meta.url.endsWith(".js");
/** Files that are kept of a kind; the oldest go. */
const KEPT_MAX = 16;

function hashSources(hash: Hash, parts: readonly string[]): void {
  for (const part of parts) {
    for (const path of readdirSync(join(root, part), {
      recursive: true,
      encoding: "utf8",
    }).sort()) {
      if (path.endsWith(".js")) hash.update(path).update(readFileSync(join(root, part, path)));
    }
  }
}

function forgetOldest(folder: string): void {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const ages = files.map((name): [string, number] => {
    const path = join(folder, name);
    return [path, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0];
  });
  ages.sort(([, one], [, other]) => other - one);
  for (const [path] of ages.slice(KEPT_MAX)) rmSync(path, { force: true });
}

/**
 * The text that `make` gives, or gave before of the same sources and input.
 * @param kind the folder's name
 * @param madeOf folders of the sources that it depends on
 */
export function kept(
  kind: string,
  madeOf: readonly string[],
  input: Uint8Array | string,
  make: () => string,
): string {
  if (!isCompiled) return make();
  const hash = createHash("sha256").update(input);
  hashSources(hash, madeOf);
  const folder = join(root, kind);
  const file = join(folder, `${hash.digest("hex")}.json`);
  if (existsSync(file)) return readFileSync(file, "utf8");
  const text = make();
  mkdirSync(folder, { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, text);
  renameSync(partial, file);
  forgetOldest(folder);
  return text;
}
