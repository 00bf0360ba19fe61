// tcb/core -> core.wasm, by AssemblyScript's compiler.

import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, relative } from "node:path";
import { run } from "./command.ts";

const WASM_PAGE_BYTES = 65536;
const compiler = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");

export interface CoreSource {
  /** Folder that the paths in names and source map are relative to. */
  readonly root: string;
  /** Entry module, relative to `root`. */
  readonly entry: string;
  readonly linearBytes: number;
  /** Where its data begins (4096). */
  readonly memoryBase?: number;
  /** core.wasm; the source map and the text form are written beside it. */
  readonly output: string;
}

/** Compiles a core; the function names stay in the wasm and its source map beside it. */
export function compileCore(source: CoreSource): void {
  const pages = String(source.linearBytes / WASM_PAGE_BYTES);
  const output = relative(source.root, source.output);
  mkdirSync(dirname(source.output), { recursive: true });
  const memory = ["--initialMemory", pages, "--maximumMemory", pages];
  const base = ["--memoryBase", String(source.memoryBase ?? 4096)];
  const form = [
    "--runtime",
    "stub",
    "-Oz",
    "--converge",
    "--debug",
    "--sourceMap",
    "--use",
    "abort=",
  ];
  const files = ["-o", output, "-t", output.replace(/\.wasm$/, ".wat")];
  run(
    process.execPath,
    [compiler, source.entry, ...form, ...memory, ...base, ...files],
    source.root,
  );
}
