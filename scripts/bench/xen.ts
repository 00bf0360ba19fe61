// Boots Debian's Xen in QEMU with the machine that Xenolith gets, runs workloads as PVH guests, and
// takes the serial output apart.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QEMU, qemuParameters } from "../../bin/qemu.ts";
import { BuildError, run } from "../command.ts";
import { BENCH_CPU, BENCH_MEMORY_MIB, type GuestLine, type Workload } from "./workload.ts";
import type { XenFiles } from "./xen-files.ts";
import { domainIds, jobArchive } from "./xen-job.ts";

/** What a run said. */
export interface XenRun {
  /** Lines of each workload, in the order of the workloads. */
  readonly lines: readonly (readonly GuestLine[])[];
  /** Bytes that are neither free nor the Dom0's. */
  readonly memoryBytes: number;
}

/** A line of the serial port. */
export interface SerialLine {
  readonly text: string;
  readonly milliseconds: number;
}

/** What Xen's machine has, beside the files. */
export interface XenMachine {
  readonly dom0Mib: number;
  readonly memoryMib: number;
}

const usualMachine: XenMachine = { dom0Mib: 512, memoryMib: BENCH_MEMORY_MIB };
const xenLine = ({ dom0Mib }: XenMachine): string =>
  [
    ...["com1=115200,8n1", "console=com1", `dom0_mem=${dom0Mib}M`],
    // A PVH guest's bytes to port 0xe9 come out at this level alone; with a raw stamp, in ticks.
    ...["guest_loglvl=all", "console_timestamps=raw"],
  ].join(" ");
const DOM0_LINE = "console=hvc0 quiet rdinit=/init";
const GUEST_LINE = /\(d([0-9]+)\) \[([0-9a-f]{16})\] (.*)$/;
const FIGURE = /^figure: ([a-z0-9_]+):([0-9]+)$/;
const DONE = "dom0: done";
const MIB = 1024 * 1024;

/** Lines of guests by domain id. Other text may stand before one's prefix without a line break. */
export function guestLines(lines: readonly SerialLine[]): Map<number, Omit<GuestLine, "guest">[]> {
  const byDomain = new Map<number, Omit<GuestLine, "guest">[]>();
  for (const { text: line, milliseconds } of lines) {
    const [, domain, stamp, text = ""] = GUEST_LINE.exec(line) ?? [];
    if (domain === undefined) continue;
    const known = byDomain.get(Number(domain)) ?? [];
    byDomain.set(Number(domain), known);
    known.push({ text, tick: BigInt(`0x${stamp}`), milliseconds });
  }
  return byDomain;
}

/** Bytes that Xen keeps to itself, from the MiB that `xl` reports. */
export function memoryOf(lines: readonly SerialLine[]): number {
  const figures = new Map<string, number>();
  for (const { text } of lines) {
    const [, name, value] = FIGURE.exec(text) ?? [];
    if (name !== undefined) figures.set(name, Number(value));
  }
  const mib = (name: string): number => figures.get(name) ?? Number.NaN;
  return (mib("total_memory") - mib("free_memory") - mib("dom0_memory")) * MIB;
}

function parse(serial: readonly SerialLine[], workloads: readonly Workload[]): XenRun {
  const byDomain = guestLines(serial);
  const ids = domainIds(workloads);
  const lines = workloads.map((workload, at) => {
    const domains = ids[at] ?? [];
    return workload.guests(domains).flatMap(({ name }, index) => {
      const said = byDomain.get(domains[index] ?? 0) ?? [];
      return said.map((line) => ({ guest: name, ...line }));
    });
  });
  return { lines, memoryBytes: memoryOf(serial) };
}

/** Collects lines with the time of their coming. */
class LineClock {
  readonly lines: SerialLine[] = [];
  readonly #start = performance.now();
  #rest = "";

  push(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    const milliseconds = performance.now() - this.#start;
    for (const line of lines) this.lines.push({ text: line.replaceAll("\r", ""), milliseconds });
  }
}

function runQemu(
  folder: string,
  xenMachine: XenMachine,
  icount: boolean,
  timeoutSeconds: number,
): Promise<readonly SerialLine[]> {
  const image = { elf: "xen", pack: `vmlinuz ${DOM0_LINE},dom0` };
  const { memoryMib } = xenMachine;
  const parameters = qemuParameters({ image, memoryMib, cpu: BENCH_CPU, icount });
  const child = spawn(QEMU, [...parameters, "-append", xenLine(xenMachine)], { cwd: folder });
  const clock = new LineClock();
  let errors = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => clock.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutSeconds * 1000);
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new BuildError(`cannot run ${QEMU}: ${error.message}`)));
    child.on("close", () => {
      clearTimeout(timer);
      if (clock.lines.some(({ text }) => text.endsWith(DONE))) return resolve(clock.lines);
      const last = clock.lines.slice(-5).map(({ text }) => text);
      const said = [...last, errors].join("\n").trim();
      reject(new BuildError(`Xen did not come to its end; it said last:\n${said}`));
    });
  });
}

/** Under icount a run is determined by what goes in: its lines are kept by the hash of that. */
function keptLines(files: XenFiles, machine: XenMachine, ramdisk: Uint8Array): string {
  const image = { elf: "", pack: "" };
  const { memoryMib } = machine;
  const parameters = qemuParameters({ image, memoryMib, cpu: BENCH_CPU });
  const version = run(QEMU, ["--version"], files.folder);
  const texts = [xenLine(machine), DOM0_LINE, version, parameters.join(" ")];
  const hash = createHash("sha256").update(ramdisk).update(texts.join("\n"));
  return join(files.folder, `run-${hash.digest("hex").slice(0, 16)}.json`);
}

/** Boots Xen with a Dom0 whose root file system is the usual one and `job` (an archive with the
 *  script /job), until that has ended. Throws BuildError. */
export async function bootXen(
  files: XenFiles,
  job: Uint8Array,
  machine: XenMachine,
  icount: boolean,
  timeoutSeconds: number,
): Promise<readonly SerialLine[]> {
  const base = readFileSync(join(files.folder, files.ramdisk));
  const ramdisk = Buffer.concat([base, new Uint8Array(-base.length & 3), job]);
  const kept = keptLines(files, machine, ramdisk);
  if (icount && existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8")) as SerialLine[];
  const folder = mkdtempSync(join(tmpdir(), "xen-"));
  try {
    for (const name of [files.xen, files.kernel]) {
      symlinkSync(join(files.folder, name), join(folder, name));
    }
    writeFileSync(join(folder, "dom0"), ramdisk);
    const lines = await runQemu(folder, machine, icount, timeoutSeconds);
    if (icount) writeFileSync(kept, JSON.stringify(lines));
    return lines;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the workloads one after the other on one boot of Xen. Throws BuildError. */
export async function runXen(
  files: XenFiles,
  workloads: readonly Workload[],
  icount: boolean,
  timeoutSeconds: number,
): Promise<XenRun> {
  const job = jobArchive(workloads);
  return parse(await bootXen(files, job, usualMachine, icount, timeoutSeconds), workloads);
}
