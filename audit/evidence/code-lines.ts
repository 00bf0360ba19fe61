// The one way in which lines of code are counted here: cloc's. A line counts if it holds code: it
// is neither blank nor comment alone. Other systems stand beside ours by the same method.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../trace/source.ts";

/** Lines with code, as cloc counts them in C, TypeScript, linker scripts and assembly. */
export function codeLines(text: string, path: string): number {
  // In assembly a line that begins with # is a comment to cloc.
  const comment = path.endsWith(".S") ? /^\s*#/ : /^\s*\/\//;
  const withoutBlocks = text.replace(/\/\*[\s\S]*?\*\//g, (block) => block.replace(/[^\n]/g, ""));
  return withoutBlocks.split("\n").filter((line) => line.trim() !== "" && !comment.test(line))
    .length;
}

export type Part = "core" | "machine";

export interface TrustedFile {
  readonly path: string;
  readonly part: Part;
  readonly codeLines: number;
  /** Written by a script from the tables' description. */
  readonly generated: boolean;
}

/** What is compiled into the image. layout.ts and hooks.ts are data for TypeScript: they count as
 *  what is written from them. */
const FOLDERS = [
  { part: "core", folder: "tcb/core", ends: /[.]ts$/ },
  { part: "machine", folder: "tcb/machine/svm", ends: /[.](c|h|S|ld)$/ },
] as const;
const NOT_COMPILED = new Set(["layout.ts", "hooks.ts", "portable.d.ts"]);
const GENERATED = /^\/\/ Written by /;

/** The files of the trusted code with their lines, by path. */
export function trustedFiles(): TrustedFile[] {
  return FOLDERS.flatMap(({ part, folder, ends }) =>
    readdirSync(join(root, folder))
      .filter((name) => ends.test(name) && !NOT_COMPILED.has(name))
      .sort()
      .map((name): TrustedFile => {
        const path = `${folder}/${name}`;
        const text = readFileSync(join(root, path), "utf8");
        const generated = GENERATED.test(text);
        return { path, part, codeLines: codeLines(text, path), generated };
      }),
  );
}

/** Lines of a part, of all its files. */
export function trustedLines(part: Part): number {
  return trustedFiles()
    .filter((one) => one.part === part)
    .reduce((sum, one) => sum + one.codeLines, 0);
}
