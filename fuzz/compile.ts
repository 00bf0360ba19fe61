// Compiles what campaigns run to JavaScript, once: the loader that runs the sources directly names
// every function that is made, which costs more than the specification itself.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** Folders and files that workers load. */
const PARTS = [
  "fuzz",
  "spec",
  "tcb/core/layout.ts",
  "tcb/core/limits.ts",
  "tcb/core/hooks.ts",
  "tcb/machine/sim",
  "tcb/subset/binary",
  "scripts/coverage",
];

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ES2022,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
  // Fields that are only declared cost time at each construction.
  useDefineForClassFields: false,
};

function sourcesOf(root: string, part: string): string[] {
  if (part.endsWith(".ts")) return [part];
  return readdirSync(join(root, part), { withFileTypes: true }).flatMap((entry) => {
    const path = `${part}/${entry.name}`;
    if (entry.isDirectory()) return sourcesOf(root, path);
    return entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}

function isFresh(source: string, output: string): boolean {
  return existsSync(output) && statSync(output).mtimeMs >= statSync(source).mtimeMs;
}

/**
 * Brings the compiled form up to date.
 * @param root the project's folder
 * @returns the folder that holds it, laid out as the project is
 */
export function compileForSpeed(root: string): string {
  const folder = join(root, "build/fuzz/js");
  for (const path of PARTS.flatMap((part) => sourcesOf(root, part))) {
    const output = join(folder, path.replace(/\.ts$/, ".js"));
    const source = join(root, path);
    if (isFresh(source, output)) continue;
    const text = readFileSync(source, "utf8");
    const { outputText } = ts.transpileModule(text, { compilerOptions: options, fileName: source });
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, outputText);
  }
  return folder;
}
