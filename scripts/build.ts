// `npm run build`: layout -> columns -> core.wasm -> xenolith.elf, the services, and their
// hashes.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { linearBytes } from "../tcb/core/layout.ts";
import { checkCore, formatFinding } from "../tcb/subset/check.ts";
import { writeAccess } from "./access.ts";
import { artefacts, folder, root } from "./artefacts.ts";
import { writeLayout } from "./columns.ts";
import { BuildError } from "./command.ts";
import { compileCore } from "./core.ts";
import { buildLoader } from "./loader.ts";
import { coreMarks, linkImage } from "./native.ts";
import { buildServices } from "./services.ts";

function sums(names: readonly string[]): string {
  const line = (name: string) => {
    const hash = createHash("sha256").update(readFileSync(join(folder, name)));
    return `${hash.digest("hex")}  ${name}\n`;
  };
  return names.map(line).join("");
}

/** Refuses a core that breaks a rule of the restricted language (tcb/subset). */
function keepSubset(): void {
  const findings = checkCore(artefacts.core);
  if (findings.length > 0) throw new BuildError(findings.map(formatFinding).join("\n"));
}

/** Builds everything; throws BuildError with a message for the user. */
export async function build(): Promise<void> {
  writeLayout();
  writeAccess();
  compileCore({ root, entry: "tcb/core/core.ts", linearBytes, output: artefacts.core });
  keepSubset();
  await buildLoader();
  linkImage(artefacts.core, artefacts.image, join(folder, "native"), coreMarks);
  const services = buildServices();
  writeFileSync(artefacts.sums, sums(["core.wasm", "loader.wasm", "xenolith.elf", ...services]));
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
