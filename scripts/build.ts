// `npm run build`: layout -> columns -> core.wasm -> xenolith.elf, and their hashes.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { linearBytes } from "../tcb/core/layout.ts";
import { writeAccess } from "./access.ts";
import { writeLayout } from "./columns.ts";
import { BuildError } from "./command.ts";
import { compileCore } from "./core.ts";
import { buildLoader } from "./loader.ts";
import { linkImage } from "./native.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "build");

/** Paths of what the build makes. */
export const artefacts = {
  core: join(folder, "core.wasm"),
  image: join(folder, "xenolith.elf"),
  sums: join(folder, "SHA256SUMS"),
} as const;

function sums(names: readonly string[]): string {
  const line = (name: string) => {
    const hash = createHash("sha256").update(readFileSync(join(folder, name)));
    return `${hash.digest("hex")}  ${name}\n`;
  };
  return names.map(line).join("");
}

/** Builds everything; throws BuildError with a message for the user. */
export async function build(): Promise<void> {
  writeLayout();
  writeAccess();
  compileCore({ root, entry: "tcb/core/core.ts", linearBytes, output: artefacts.core });
  await buildLoader();
  linkImage(artefacts.core, artefacts.image, join(folder, "native"));
  writeFileSync(artefacts.sums, sums(["core.wasm", "loader.wasm", "xenolith.elf"]));
}

if (process.argv[1]?.endsWith("build.ts")) {
  try {
    await build();
    process.stdout.write(readFileSync(artefacts.sums, "utf8"));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`build: ${error.message}\n`);
    process.exitCode = 1;
  }
}
