// How large things are: images, native code, memory, source lines.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../command.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const TEXT = /^\s*[0-9]+ \.text\s+([0-9a-f]+)/m;
const LOADED = /^\s*LOAD\s+0x[0-9a-f]+ 0x[0-9a-f]+ 0x[0-9a-f]+ 0x[0-9a-f]+ 0x([0-9a-f]+)/gm;
const GENERATED = /^\/\/ Written by /;

/** Bytes of an image's section .text (ELF or PE). Throws BuildError. */
export function textBytes(image: string): number {
  const [, hex = "0"] = TEXT.exec(run("objdump", ["-h", image], root)) ?? [];
  return Number.parseInt(hex, 16);
}

/** Bytes that an ELF takes in memory, zero-filled areas included. */
export function memoryBytes(image: string): number {
  const headers = run("readelf", ["-lW", image], root);
  const sizes = [...headers.matchAll(LOADED)].map(([, hex = "0"]) => Number.parseInt(hex, 16));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes of a file. */
export function fileBytes(path: string): number {
  return statSync(path).size;
}

/** Lines of code by cloc: no blank lines, no comments. */
export interface Lines {
  readonly total: number;
  /** Of which generated, by file name. */
  readonly generated: ReadonlyMap<string, number>;
}

interface ClocReport {
  readonly [path: string]: { readonly code: number };
}

function cloc(files: readonly string[]): ClocReport {
  const text = run("cloc", ["--quiet", "--by-file", "--json", "--skip-uniqueness", ...files], root);
  return JSON.parse(text) as ClocReport;
}

function isGenerated(path: string): boolean {
  return GENERATED.test(run("head", ["-n", "1", path], root));
}

/** Counts the files of a folder whose names end so. Throws BuildError. */
export function codeLines(folder: string, endings: readonly string[]): Lines {
  const names = readdirSync(join(root, folder)).sort();
  const files = names.filter((name) => endings.some((ending) => name.endsWith(ending)));
  const paths = files.map((name) => `${folder}/${name}`);
  const report = cloc(paths);
  const code = (path: string): number => report[path]?.code ?? 0;
  const total = paths.reduce((sum, path) => sum + code(path), 0);
  const generated = paths.filter(isGenerated).map((path): [string, number] => {
    return [path.slice(folder.length + 1), code(path)];
  });
  return { total, generated: new Map(generated) };
}
