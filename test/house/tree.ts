// The project's own text files, as the house rules see them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const SKIPPED = new Set(["node_modules", "build", "coverage", ".git", ".cache"]);
const SOURCES = /\.(ts|cjs|mjs|c|h|S|ld)$/;
/** Written by scripts; nobody reads them line by line. */
const GENERATED = /^tcb\/core\/(columns|access)\.ts$|(^|\/)generated\//;

export interface TextFile {
  /** Relative to the project, as in `tcb/core/exit.ts`. */
  readonly path: string;
  readonly text: string;
}

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(path);
    return entry.isFile() ? [path] : [];
  });
}

/** Sources that people write: TypeScript, AssemblyScript, C and assembler. */
export function sources(): TextFile[] {
  return walk("")
    .filter((path) => SOURCES.test(path) && !GENERATED.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}
