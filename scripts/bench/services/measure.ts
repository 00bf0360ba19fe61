// `npm run bench -- --only services`: guests on our service domains and the same guests on Xen's
// Dom0, in turn, so that a busy machine slows both.

import { statSync } from "node:fs";
import { hypervisorImage } from "../../../bin/artefacts.ts";
import { keptPages } from "../../../disaggregation/appliance/keeping.ts";
import { BuildError } from "../../command.ts";
import { servicePath, services } from "../../service-table.ts";
import { figuresOf, type GuestLine } from "../workload.ts";
import { makeXenFiles } from "../xen-files.ts";
import { createOnXenolith } from "./create.ts";
import { makeSpeedFiles } from "./guests.ts";
import { createSeconds, speedOnXen } from "./xen.ts";
import { speedOnXenolith } from "./xenolith.ts";

/** A row of the table: medians of all runs. */
export interface ServiceRow {
  readonly name: string;
  readonly unit: string;
  readonly xenolith: number | null;
  readonly xen: number | null;
  /** Every run's figures, in the order of the runs. */
  readonly runs: { readonly xenolith: readonly number[]; readonly xen: readonly number[] };
}

export interface ServicesSettings {
  readonly runs: number;
  readonly withXen: boolean;
  readonly say: (text: string) => void;
}

/** A machine that has not come to its end by then hangs: the usual time is a minute. */
const SECONDS = 300;
/** A run that hangs is repeated, on either side, so often at most. */
const MOST_REPEATS = 2;
/** Figures of the guests in wall time. */
const RATES = [
  ["tcp", "tcp_kbit", "kbit/s"],
  ["block_write", "block_write_kib", "KiB/s"],
  ["block_read", "block_read_kib", "KiB/s"],
] as const;

export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted.length === 0 ? null : sorted[Math.floor((sorted.length - 1) / 2)]!;
}

const row = (
  name: string,
  unit: string,
  xenolith: readonly number[],
  xen: readonly number[],
): ServiceRow => {
  return { name, unit, xenolith: median(xenolith), xen: median(xen), runs: { xenolith, xen } };
};

/** A figure of a run; a run without it is worth nothing. */
function figure(lines: readonly GuestLine[], name: string): number {
  const [value] = figuresOf(lines).get(name) ?? [];
  if (value !== undefined) return value;
  const last = lines.slice(-3).map(({ guest, text }) => `${guest}: ${text}`);
  throw new BuildError(`the guests gave no ${name}; they said last:\n${last.join("\n")}`);
}

/** Of a run that fails nothing is kept. What failed is said. */
async function repeated<T>(say: (text: string) => void, run: () => Promise<T>): Promise<T> {
  for (let repeat = 0; ; repeat++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof BuildError) || repeat === MOST_REPEATS) throw error;
      say(`once more, for it failed: ${error.message}`);
    }
  }
}

const PAGE_BYTES = 4096;
const SUPERFRAME_MIB = 2;

/** MiB of all service domains, content of disks and of the builder's store excluded: the keeper has
 *  the services' images and what outlives them besides. */
function serviceMemoryMib(): number {
  const own = services.reduce((sum, { memoryMib }) => sum + memoryMib, 0);
  const kept = Object.values(keptPages).reduce((sum, pages) => sum + pages * PAGE_BYTES, 0);
  const images = services.reduce((sum, { name }) => {
    return sum + statSync(servicePath(name, "elf")).size;
  }, 0);
  const superframes = Math.ceil((kept + images) / (SUPERFRAME_MIB << 20));
  return own + superframes * SUPERFRAME_MIB;
}

/** Measures all rows. Throws BuildError. */
export async function measureServices(settings: ServicesSettings): Promise<ServiceRow[]> {
  const { runs, withXen, say } = settings;
  hypervisorImage();
  const files = makeSpeedFiles();
  const xen = withXen ? makeXenFiles() : undefined;
  const own: (readonly GuestLine[])[] = [];
  const other: (readonly GuestLine[])[] = [];
  const created: number[] = [];
  const createdByXen: number[] = [];
  for (let run = 1; run <= runs; run++) {
    say(`services, run ${run} of ${runs}`);
    own.push(await repeated(say, () => speedOnXenolith(files, false, SECONDS)));
    created.push(...(await repeated(say, () => createOnXenolith(files, SECONDS))));
    if (xen === undefined) continue;
    const said = await repeated(say, () => speedOnXen(xen, files, false, SECONDS));
    other.push(said.lines);
    createdByXen.push(...createSeconds(said));
    say(`TCP, kbit/s: ${figure(own.at(-1)!, "tcp_kbit")} and ${figure(said.lines, "tcp_kbit")}`);
  }
  say("services: virtual time of a ping");
  // Counting instructions takes its time.
  const ping = figure(await speedOnXenolith(files, true, 3 * SECONDS), "ping_us");
  const pings = xen && figure((await speedOnXen(xen, files, true, 3 * SECONDS)).lines, "ping_us");
  return [
    ...RATES.map(([name, key, unit]) => {
      const valuesOf = (all: readonly (readonly GuestLine[])[]): number[] =>
        all.map((lines) => figure(lines, key));
      return row(name, unit, valuesOf(own), valuesOf(other));
    }),
    row("create", "ms", created, createdByXen),
    row("ping_virtual", "us", [ping], pings === undefined ? [] : [pings]),
    row("memory", "MiB", [serviceMemoryMib()], []),
  ];
}

/** The rows as a table. */
export function servicesTable(rows: readonly ServiceRow[]): string {
  const text = (value: number | null): string => (value === null ? "-" : String(value));
  const lines = rows.map(({ name, unit, xenolith, xen }) => {
    const ratio = xenolith === null || xen === null ? "-" : (xenolith / xen).toFixed(2);
    const cells = [text(xenolith).padStart(12), text(xen).padStart(12), ratio.padStart(8)];
    return `${name.padEnd(14)}${unit.padEnd(8)}${cells.join("")}\n`;
  });
  const head = `${"row".padEnd(14)}${"unit".padEnd(8)}${"xenolith".padStart(12)}`;
  return `${head}${"xen".padStart(12)}${"ratio".padStart(8)}\n${lines.join("")}`;
}
