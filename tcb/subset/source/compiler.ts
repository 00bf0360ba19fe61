// AssemblyScript's own front end over a set of files in memory: its parser, and its type checker
// with an eye on each implicit conversion.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as assemblyscript from "assemblyscript";

export type { Node, Program, Source } from "assemblyscript";

/** A file of the core: path relative to the project, as in `tcb/core/exit.ts`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A conversion that nobody wrote. */
export interface Conversion {
  readonly node: assemblyscript.Node;
  readonly from: assemblyscript.Type;
  readonly to: assemblyscript.Type;
}

export interface Complaint {
  readonly code: number;
  readonly text: string;
  readonly range: assemblyscript.Range | null;
}

// The package's enums are `const enum`s in its types, which other modules cannot use; these are
// their values.
const TARGET_WASM32 = 1;
const RUNTIME_STUB = 0;
const CATEGORY_ERROR = 3;

const library = join(
  dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json")),
  "std/assembly",
);

/** Library text by its `~lib/` path, or null. */
function libraryText(internalPath: string): string | null {
  const base = join(library, internalPath.slice("~lib/".length));
  const found = [`${base}.ts`, join(base, "index.ts")].find(existsSync);
  return found === undefined ? null : readFileSync(found, "utf8");
}

function parseLibrary(program: assemblyscript.Program): void {
  for (const name of readdirSync(library)) {
    if (!name.endsWith(".ts") || name.endsWith(".d.ts")) continue;
    const text = readFileSync(join(library, name), "utf8");
    assemblyscript.parse(program, text, `~lib/${name}`, false);
  }
  const runtime = libraryText("~lib/rt/index-stub");
  assemblyscript.parse(program, runtime, "~lib/rt/index-stub.ts", true);
}

/** Parses `entries` and all that they import, out of `files`, as `asc --runtime stub --use abort=`
 *  would. A file that is missing becomes a complaint. */
export function parseProgram(
  files: readonly SourceFile[],
  entries: readonly string[],
): assemblyscript.Program {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const options = assemblyscript.newOptions();
  assemblyscript.setTarget(options, TARGET_WASM32);
  assemblyscript.setRuntime(options, RUNTIME_STUB);
  assemblyscript.addGlobalAlias(options, "abort", "");
  const program = assemblyscript.newProgram(options);
  parseLibrary(program);
  for (const entry of entries) {
    assemblyscript.parse(program, texts.get(entry) ?? null, entry, true);
  }
  for (;;) {
    const next = assemblyscript.nextFile(program);
    if (next === null) return program;
    const text = next.startsWith("~lib/") ? libraryText(next) : (texts.get(`${next}.ts`) ?? null);
    assemblyscript.parse(program, text, `${next}.ts`, false);
  }
}

/** Parses one file alone, without what it imports. */
export function parseFile(file: SourceFile): assemblyscript.Source {
  const program = assemblyscript.newProgram(assemblyscript.newOptions());
  assemblyscript.parse(program, file.text, file.path, true);
  const source = program.sources.find(({ normalizedPath }) => normalizedPath === file.path);
  if (source === undefined) throw new Error(`${file.path} was not parsed`);
  return source;
}

class WatchingCompiler extends assemblyscript.Compiler {
  readonly conversions: Conversion[] = [];

  override convertExpression(
    expression: number,
    from: assemblyscript.Type,
    to: assemblyscript.Type,
    explicit: boolean,
    node: assemblyscript.Node,
  ): number {
    if (!explicit && from !== to) this.conversions.push({ node, from, to });
    return super.convertExpression(expression, from, to, explicit, node);
  }
}

/** Errors that the compiler has said since the last call. */
export function complaints(program: assemblyscript.Program): Complaint[] {
  const list: Complaint[] = [];
  for (;;) {
    const next = assemblyscript.nextDiagnostic(program);
    if (next === null) return list;
    if (next.category !== CATEGORY_ERROR) continue;
    list.push({ code: next.code, text: next.message, range: next.range });
  }
}

/** Type-checks a parsed program and returns its implicit conversions, library code left out. */
export function implicitConversions(program: assemblyscript.Program): Conversion[] {
  assemblyscript.initializeProgram(program);
  const compiler = new WatchingCompiler(program);
  compiler.compile();
  return compiler.conversions.filter(({ node }) => !node.range.source.isLibrary);
}
