// Rows of `npm run bench`, measured for a check.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, runProgram } from "../cli.ts";

export interface BenchRow {
  readonly name: string;
  readonly unit: string;
  readonly xenolith: number | null;
  readonly xen: number | null;
}

/** Measures these rows, with Debian's Xen beside us or without. Throws what the bench said. */
export async function benchRows(
  names: readonly string[],
  besideXen: boolean,
): Promise<ReadonlyMap<string, BenchRow>> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-rows-"));
  const file = join(folder, "rows.json");
  const program = ["--import", "tsx", "scripts/bench/main.ts"];
  const options = ["--only", ...names, "--json", file, ...(besideXen ? [] : ["--no-xen"])];
  try {
    const { code, stderr } = await runProgram(
      process.execPath,
      [...program, ...options],
      besideXen ? 1800 : 300,
      root,
    );
    if (code !== 0) throw new Error(stderr.trim());
    const { rows } = JSON.parse(readFileSync(file, "utf8")) as { rows: BenchRow[] };
    return new Map(rows.map((row) => [row.name, row]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
