// Compiles what campaigns run to JavaScript, once: the loader that runs the sources directly names
// every function that is made, which costs more than the specification itself.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type TypeScript from "typescript";

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

const optionsOf = (ts: typeof TypeScript): TypeScript.CompilerOptions => ({
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ES2022,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
  // Fields that are only declared cost time at each construction.
  useDefineForClassFields: false,
});

/** The compiler takes longer to load than most commands to run: only where it has something to do. */
function transpile(source: string): string {
  const ts = createRequire(import.meta.url)("typescript") as typeof TypeScript;
  const compilerOptions = optionsOf(ts);
  const text = readFileSync(source, "utf8");
  return ts.transpileModule(text, { compilerOptions, fileName: source }).outputText;
}

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
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, transpile(source));
  }
  return folder;
}
