// [services.speed]: guests on service domains beside the same guests on Xen 4.17 with a Linux Dom0.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "../check.ts";
import { root, runProgram } from "../cli.ts";

interface Row {
  readonly name: string;
  readonly xenolith: number | null;
  readonly xen: number | null;
}

const RUNS = 5;
const MOST_MIB = 32;
/** What Xenolith's figure must be of Xen's: at least, or at most. */
const BOUNDS = {
  tcp: { least: 1.5 },
  block_write: { least: 1 },
  block_read: { least: 1 },
  create: { most: 0.3 },
  ping_virtual: { most: 0.5 },
} as const;

async function measure(): Promise<Map<string, Row>> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-services-"));
  const file = join(folder, "rows.json");
  const program = ["--import", "tsx", "scripts/bench/main.ts", "--only", "services"];
  try {
    const options = ["--runs", String(RUNS), "--json", file];
    const ran = await runProgram(process.execPath, [...program, ...options], 5 * 3600, root);
    if (ran.code !== 0) throw new Error(ran.stderr.trim());
    const { rows } = JSON.parse(readFileSync(file, "utf8")) as { rows: Row[] };
    return new Map(rows.map((row) => [row.name, row]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const servicesSpeed: Check = {
  name: "services.speed",
  claim:
    "TCP between guests 1.5 x Xen's, disks 1.0 x, creation 0.3 x, ping 0.5 x in virtual time; " +
    "all service domains in 32 MiB",
  short: false,
  async run() {
    const rows = await measure();
    const judged = Object.entries(BOUNDS).map(([name, bound]) => {
      const { xenolith, xen } = rows.get(name) ?? {};
      const ratio = (xenolith ?? Number.NaN) / (xen ?? Number.NaN);
      const holds = "least" in bound ? ratio >= bound.least : ratio <= bound.most;
      return [name, { ...rows.get(name), ratio, holds }] as const;
    });
    const memoryMib = rows.get("memory")?.xenolith ?? Number.NaN;
    const figures = { ...Object.fromEntries(judged), memoryMib };
    const failed = judged.filter(([, { holds }]) => !holds).map(([name]) => name);
    const small = memoryMib <= MOST_MIB;
    const text = judged.map(([name, { ratio }]) => `${name} ${ratio.toFixed(2)}`).join(", ");
    return {
      passed: failed.length === 0 && small,
      figures,
      summary: `${text} of Xen's; ${memoryMib} MiB`,
    };
  },
};
