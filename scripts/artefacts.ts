// Where the build puts what it makes. Apart from build.ts, so that a command that only reads these
// files loads no compiler.

import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const folder = join(root, "build");

/** Paths of what the build makes. */
export const artefacts = {
  core: join(folder, "core.wasm"),
  image: join(folder, "xenolith.elf"),
  sums: join(folder, "SHA256SUMS"),
} as const;
