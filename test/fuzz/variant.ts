// Cores with a mistake planted: the sources with a few words changed, compiled as the real one is.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileCore } from "../../scripts/core.ts";
import { services } from "../../scripts/service-table.ts";
import { linearBytes } from "../../tcb/core/layout.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A mistake: in this file of tcb/core, `right` (which stands there once) becomes `wrong`. */
export interface Mistake {
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

/** The place of a mistake is not in the sources any more, or is there twice. */
export class PlantError extends Error {}

/** Text of a file with a mistake in it; `room` is where the file lies. Throws PlantError. */
export function planted({ file, right, wrong }: Mistake, folder = root, room = "tcb/core"): string {
  const text = readFileSync(join(folder, room, file), "utf8");
  if (text.split(right).length === 2) return text.replace(right, () => wrong);
  throw new PlantError(`${file} does not hold exactly once: ${right}`);
}

/** Compiles the core with these mistakes in it. */
export function compileVariant(mistakes: readonly Mistake[]): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-variant-"));
  try {
    cpSync(join(root, "tcb/core"), join(folder, "tcb/core"), { recursive: true });
    for (const mistake of mistakes) {
      writeFileSync(join(folder, "tcb/core", mistake.file), planted(mistake, folder));
    }
    const output = join(folder, "core.wasm");
    compileCore({ root: folder, entry: "tcb/core/core.ts", linearBytes, output });
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compiles the store with a mistake in it to `output`. Throws PlantError, BuildError. */
export function compileStoreVariant(mistake: Mistake, output: string): void {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-store-"));
  const room = "disaggregation/domains/xenstore";
  const store = services.find(({ name }) => name === "xenstore")!;
  try {
    for (const part of [room, "disaggregation/runtime"]) {
      cpSync(join(root, part), join(folder, part), { recursive: true });
    }
    writeFileSync(join(folder, room, mistake.file), planted(mistake, folder, room));
    const { linearBytes, memoryBase } = store;
    compileCore({ root: folder, entry: `${room}/main.ts`, linearBytes, memoryBase, output });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
