import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { specCommand } from "../../../bin/spec-command.ts";
import { manual } from "../../../proofs/manual/render.ts";

test("`xenolith spec manual -o DIR` makes the folder and writes the manual into it: without it a reader needs the sources", async () => {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-manual-"));
  try {
    const output = join(folder, "pages");
    await specCommand().parseAsync(["manual", "-o", output], { from: "user" });
    expect(readFileSync(join(output, "manual.md"), "utf8")).toBe(manual());
  } finally {
    rmSync(folder, { recursive: true });
  }
});
