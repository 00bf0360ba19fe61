// Builds an image from the exercise core and the real machine layer, in a temporary folder.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { columnsSource } from "../../../../scripts/columns.ts";
import { compileCore } from "../../../../scripts/core.ts";
import { linkImage } from "../../../../scripts/native.ts";
import { linearBytes } from "../../../../tcb/core/layout.ts";
import { type Exercise, exerciseSource, exercises } from "./exercise.ts";

export interface StandIn {
  readonly folder: string;
  readonly wasm: string;
  readonly elf: string;
  /** Writes a boot pack that chooses an exercise, and returns its path. */
  pack(exercise: Exercise): string;
  remove(): void;
}

/** Compiles and links the exercise core; the caller removes the folder. */
export function buildStandIn(name = "xenolith-exercise-"): StandIn {
  const folder = mkdtempSync(join(tmpdir(), name));
  const source = join(folder, "core");
  mkdirSync(source);
  const machine = new URL("../../../../tcb/core/machine.ts", import.meta.url);
  copyFileSync(fileURLToPath(machine), join(source, "machine.ts"));
  writeFileSync(join(source, "columns.ts"), columnsSource());
  writeFileSync(join(source, "core.ts"), exerciseSource);
  const wasm = join(folder, "core.wasm");
  const elf = join(folder, "xenolith.elf");
  compileCore({ root: folder, entry: "core/core.ts", linearBytes, output: wasm });
  linkImage(wasm, elf, join(folder, "native"));
  const pack = (exercise: Exercise): string => {
    const path = join(folder, `${exercise}.pack`);
    writeFileSync(path, new Uint8Array(4096).fill(exercises.indexOf(exercise), 0, 1));
    return path;
  };
  return { folder, wasm, elf, pack, remove: () => rmSync(folder, { recursive: true }) };
}
