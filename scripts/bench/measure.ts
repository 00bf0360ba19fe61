// Measures rows on both hypervisors.

import { trustedLines } from "../../audit/evidence/code-lines.ts";
import { artefacts } from "../artefacts.ts";
import { BuildError } from "../command.ts";
import type { Row, Source } from "./rows.ts";
import { workloadsFor } from "./rows.ts";
import { fileBytes, memoryBytes, textBytes } from "./sizes.ts";
import { makeBootFiles, userspaceTicks } from "./userspace.ts";
import { figuresOf, type GuestLine } from "./workload.ts";
import { type BootFiles, type Host, type WorkloadName, workloadsOf } from "./workloads.ts";
import { runXen } from "./xen.ts";
import { makeXenFiles, type XenFiles } from "./xen-files.ts";
import { runXenolith } from "./xenolith.ts";

/** A row's figures; null where there is none. */
export interface Figures {
  readonly xenolith: number | null;
  readonly xen: number | null;
}

export interface Settings {
  readonly withXen: boolean;
  /** Runs of what is measured in wall time. */
  readonly runs: number;
  /** Told what is going on. */
  readonly say: (text: string) => void;
}

/** What one hypervisor's guests said, by workload, and bytes that only a running one tells. */
interface Said {
  readonly lines: ReadonlyMap<WorkloadName, readonly GuestLine[]>;
  readonly memoryBytes: number | null;
  /** Wall milliseconds of each boot. */
  readonly walls: readonly number[];
}

const XENOLITH: Host = { bootGuests: 2, neighbours: 15, startMilliseconds: 5 };
const XEN: Host = { bootGuests: 1, neighbours: 0, startMilliseconds: 300 };
const XENOLITH_SECONDS = 180;
const XEN_SECONDS = 900;
const nothing: Said = { lines: new Map(), memoryBytes: null, walls: [] };

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** Wall time until the last guest of the boot workload reached userspace. */
function wallOf(lines: readonly GuestLine[]): number {
  const marks = lines.filter(({ text }) => text.startsWith("userspace at tick"));
  return Math.max(...marks.map(({ milliseconds }) => milliseconds));
}

async function measureXenolith(
  wanted: ReadonlySet<WorkloadName>,
  files: BootFiles,
  say: Settings["say"],
): Promise<Map<WorkloadName, readonly GuestLine[]>> {
  const lines = new Map<WorkloadName, readonly GuestLine[]>();
  for (const [name, workload] of workloadsOf(XENOLITH, files)) {
    if (!wanted.has(name)) continue;
    say(`Xenolith: ${name}`);
    lines.set(name, (await runXenolith(workload, true, XENOLITH_SECONDS)).lines);
  }
  return lines;
}

/** All workloads on one boot: the run is kept, and asking for less would only be another run. */
async function measureXen(xen: XenFiles, files: BootFiles): Promise<Omit<Said, "walls">> {
  const workloads = workloadsOf(XEN, files);
  const run = await runXen(xen, [...workloads.values()], true, XEN_SECONDS);
  const lines = new Map([...workloads.keys()].map((name, index) => [name, run.lines[index] ?? []]));
  return { lines, memoryBytes: run.memoryBytes };
}

/** Boots one and the other in turn, so that a busy machine slows both. */
async function measureWalls(
  xen: XenFiles | undefined,
  files: BootFiles,
  { runs, say }: Settings,
): Promise<[number[], number[]]> {
  const own = workloadsOf(XENOLITH, files).get("boot")!;
  const other = workloadsOf(XEN, files).get("boot")!;
  const walls: [number[], number[]] = [[], []];
  for (let run = 1; run <= runs; run++) {
    say(`boots in wall time: ${run} of ${runs}`);
    walls[0].push(wallOf((await runXenolith(own, false, XENOLITH_SECONDS)).lines));
    if (xen === undefined) continue;
    const { lines } = await runXen(xen, [other], false, XEN_SECONDS);
    walls[1].push(wallOf(lines.flat()));
  }
  return walls;
}

function figureOf(source: Extract<Source, { workload: WorkloadName }>, said: Said): number | null {
  const lines = said.lines.get(source.workload);
  if (lines === undefined) return null;
  const values = figuresOf(lines).get(source.figure) ?? [];
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.round(mean / (source.divisor ?? 1));
}

function bootOf(said: Said): number | null {
  const ticks = userspaceTicks(said.lines.get("boot") ?? []);
  return ticks.length === 0 ? null : Math.max(...ticks.map(Number));
}

type Kind = Exclude<Source, { workload: WorkloadName }>["kind"];

function ownFigure(kind: Kind, said: Said): number | null {
  if (kind === "boot") return bootOf(said);
  if (kind === "wall") return median(said.walls);
  if (kind === "image") return fileBytes(artefacts.image);
  if (kind === "text") return textBytes(artefacts.image);
  if (kind === "memory") return memoryBytes(artefacts.image);
  if (kind === "core") return trustedLines("core");
  return trustedLines("machine");
}

function xenFigure(kind: Kind, said: Said, xen: XenFiles | undefined): number | null {
  if (kind === "boot") return bootOf(said);
  if (kind === "wall") return median(said.walls);
  if (kind === "image") return xen?.imageBytes ?? null;
  if (kind === "text") return xen?.textBytes ?? null;
  return kind === "memory" ? said.memoryBytes : null;
}

function rounded(value: number | null): number | null {
  return value === null || Number.isNaN(value) ? null : Math.round(value);
}

function hasKind(wanted: readonly Row[], kinds: readonly Kind[]): boolean {
  return wanted.some(({ source }) => "kind" in source && kinds.includes(source.kind));
}

/** Xen's files, or undefined with a word on why. */
function findXen({ withXen, say }: Settings): XenFiles | undefined {
  if (!withXen) return undefined;
  try {
    return makeXenFiles();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    say(`no figures of Xen: ${error.message}`);
    return undefined;
  }
}

/** Measures the wanted rows. Throws BuildError when Xenolith does not do its part. */
export async function measure(
  wanted: readonly Row[],
  settings: Settings,
): Promise<{ figures: Map<string, Figures>; xenVersion: string | null }> {
  const workloads = workloadsFor(wanted);
  const onGuests = workloads.size > 0 || hasKind(wanted, ["memory", "wall"]);
  const ofXen = onGuests || hasKind(wanted, ["image", "text"]);
  const xen = ofXen ? findXen(settings) : undefined;
  const files = onGuests ? makeBootFiles() : { kernel: "", ramdisk: "" };
  const own = await measureXenolith(workloads, files, settings.say);
  const measuresXen = xen !== undefined && (workloads.size > 0 || hasKind(wanted, ["memory"]));
  if (measuresXen) settings.say(`Xen ${xen.version}: all workloads on one boot (minutes, once)`);
  const other = measuresXen ? await measureXen(xen, files) : nothing;
  const wall = hasKind(wanted, ["wall"]);
  const [ownWalls, otherWalls] = wall ? await measureWalls(xen, files, settings) : [[], []];
  const ownSaid: Said = { lines: own, memoryBytes: null, walls: ownWalls };
  const otherSaid: Said = { ...other, walls: otherWalls };
  const figures = wanted.map(({ name, source }): [string, Figures] => {
    if ("workload" in source) {
      return [name, { xenolith: figureOf(source, ownSaid), xen: figureOf(source, otherSaid) }];
    }
    const xenolith = rounded(ownFigure(source.kind, ownSaid));
    return [name, { xenolith, xen: rounded(xenFigure(source.kind, otherSaid, xen)) }];
  });
  return { figures: new Map(figures), xenVersion: xen?.version ?? null };
}
