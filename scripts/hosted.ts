// core.wasm -> a program for Linux: the same C as on the metal, with sanitizers, over arrays in the
// place of memory. The fuzzer compares its steps with the WebAssembly's.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { placesHeader } from "../fuzz/native/places.ts";
import { run } from "./command.ts";
import { translate } from "./native.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const host = join(root, "fuzz/native/host");
const SOURCES = ["memory.c", "machine.c", "main.c"];
const FLAGS = [
  ...["-std=gnu11", "-O1", "-g", "-fno-strict-aliasing", "-Wall", "-Wextra", "-Werror"],
  ...["-Wno-unused-parameter", "-fno-omit-frame-pointer", "-fsanitize=address,undefined"],
  "-fno-sanitize-recover=all",
];

/** A change of the C text that wasm2c wrote, for tests of what notices it. */
export interface Plant {
  readonly right: string;
  readonly wrong: string;
}

function plantIn(folder: string, { right, wrong }: Plant): void {
  const path = join(folder, "core.c");
  const text = readFileSync(path, "utf8");
  if (!text.includes(right)) throw new RangeError(`the core's C does not hold: ${right}`);
  writeFileSync(
    path,
    text.replace(right, () => wrong),
  );
}

function hashOf(wasm: string, plant: Plant | undefined): string {
  const hash = createHash("sha256").update(readFileSync(wasm)).update(placesHeader());
  for (const name of ["wasm-rt.h", "host.h", ...SOURCES])
    hash.update(readFileSync(join(host, name)));
  return hash
    .update(JSON.stringify(plant ?? ""))
    .digest("hex")
    .slice(0, 16);
}

/**
 * Builds the hosted form of a core, once for each core.
 * @param wasm absolute path of the core
 * @returns the program's path. Throws BuildError.
 */
export function hostedCore(wasm: string, plant?: Plant): string {
  const folder = join(root, "build/fuzz/native", hashOf(wasm, plant));
  const program = join(folder, "core");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  translate(wasm, folder, { apart: [], together: [] });
  if (plant !== undefined) plantIn(folder, plant);
  writeFileSync(join(folder, "places.h"), placesHeader());
  const common = [...FLAGS, `-I${host}`, "-I."];
  run("gcc", [...common, "-w", "-c", "core.c", "-o", "core.o"], folder);
  for (const source of SOURCES) {
    run("gcc", [...common, "-c", join(host, source), "-o", source.replace(".c", ".o")], folder);
  }
  const objects = ["core.o", ...SOURCES.map((source) => source.replace(".c", ".o"))];
  run("gcc", [...FLAGS, ...objects, "-o", "core.made"], folder);
  renameSync(join(folder, "core.made"), program);
  return program;
}
