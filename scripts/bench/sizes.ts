// How large things are: images, native code, memory.

import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run } from "../command.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const TEXT = /^\s*[0-9]+ \.text\s+([0-9a-f]+)/m;
const LOADED = /^\s*LOAD\s+0x[0-9a-f]+ 0x[0-9a-f]+ 0x[0-9a-f]+ 0x[0-9a-f]+ 0x([0-9a-f]+)/gm;

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
