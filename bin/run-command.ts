// `xenolith run`: an appliance, an image, or one kernel, in QEMU.

import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import {
  type Appliance,
  buildAppliance,
  readAppliance,
  singleGuest,
} from "../disaggregation/appliance/image.ts";
import {
  isBootPack,
  type PackSummary,
  summarizeImage,
  summarizePack,
} from "../disaggregation/appliance/pack-summary.ts";
import { buildOptions, hypervisorImage } from "./artefacts.ts";
import { endedWell } from "./closing-lines.ts";
import { closingTable } from "./closing-table.ts";
import { hasToolstack, placeKey } from "./control-site.ts";
import { type ControlFiles, controlFiles, usualSocket } from "./control-target.ts";
import { startDetached } from "./detached.ts";
import type { Machine } from "./qemu.ts";
import { type Report, runMachine } from "./run-machine.ts";
import { demandSignature } from "./signed-image.ts";
import { EXIT_FAILURE, UsageError, wholeOption } from "./status.ts";

const afterHelp = `
An appliance is a folder of guest files (NAME.cfg, in the syntax of Xen's xl.cfg) and, if you like,
an appliance.cfg. Guests' lines go to standard output as "NAME: text", the hypervisor's to standard
error. With --kernel, standard output is the guest's console and nothing else.

An image or a boot pack is started only if FILE.dsse.json beside it is its signature by the key
that is trusted: --key FILE, else that of this machine (build/image-key.pem), which "build" uses.

Ends with 0 when every guest switched itself off, with 1 when one crashed or the time was up.

Examples:
  xenolith run examples/appliance
  xenolith run examples/appliance --detach
  xenolith run appliance.iso --timeout 120
  xenolith run appliance.iso --key release.pub.pem
  xenolith run --kernel vmlinuz --ramdisk root.cpio --cmdline console=hvc0 --memory 256 --vcpus 2
  xenolith run --kernel unikernel.elf --icount`;

interface Options {
  readonly kernel?: string;
  readonly ramdisk?: string;
  readonly cmdline?: string;
  readonly memory?: number;
  readonly vcpus?: number;
  readonly timeout?: number;
  readonly icount?: boolean;
  readonly json?: boolean;
  readonly uefi?: boolean;
  readonly key?: string;
  readonly unsigned?: boolean;
  readonly control?: string;
  readonly detach?: boolean;
  readonly stayOn?: boolean;
}

const MOST_SECONDS = 7 * 24 * 3600;
const USUAL_MEMORY_MIB = 256;
/** Room for guests that come later, where an appliance with a builder does not limit it. */
const USUAL_ROOM_MIB = 512;

function checkOptions(target: string | undefined, options: Options): void {
  const single = ["ramdisk", "cmdline", "memory", "vcpus"] as const;
  const stray = single.find((name) => options[name] !== undefined);
  if (options.kernel === undefined && target === undefined) {
    throw new UsageError("what shall run? Give a folder, an image, or --kernel FILE");
  }
  if (options.kernel !== undefined && target !== undefined) {
    throw new UsageError(`give "${target}" or --kernel, not both`);
  }
  if (options.kernel === undefined && stray !== undefined) {
    throw new UsageError(`--${stray} goes with --kernel`);
  }
  const stays = options.detach === true || options.stayOn === true;
  if (stays && (options.kernel !== undefined || isImage(target))) {
    throw new UsageError("--detach and --stay-on go with a folder whose appliance has a toolstack");
  }
  for (const name of ["uefi", "key", "unsigned"] as const) {
    if (options[name] === undefined || isImage(target)) continue;
    throw new UsageError(`--${name} goes with an image`);
  }
  if (options.key !== undefined && options.unsigned === true) {
    throw new UsageError("give --key or --unsigned, not both");
  }
}

function isImage(target: string | undefined): target is string {
  return target !== undefined && existsSync(target) && statSync(target).isFile();
}

function applianceOf(target: string | undefined, options: Options): Appliance {
  if (options.kernel === undefined) return readAppliance(target ?? "");
  return singleGuest({
    kernel: options.kernel,
    ramdisk: options.ramdisk,
    commandLine: options.cmdline ?? "",
    memoryMib: options.memory ?? USUAL_MEMORY_MIB,
    vcpus: options.vcpus ?? 1,
  });
}

/** MiB for guests that come while the appliance runs: what is left of its limit. */
function roomToGrow({ guests, config }: Appliance): number {
  if (!guests.some(({ service }) => service?.service === "builder")) return 0;
  const used = guests.reduce((sum, { mostMemoryMib }) => sum + mostMemoryMib, 0);
  return Math.max(0, (config.mostMemoryMib ?? used + USUAL_ROOM_MIB) - used);
}

/** Where the control channel of an appliance is; undefined: it has no toolstack. */
function controlOf(appliance: Appliance, { control }: Options): ControlFiles | undefined {
  if (hasToolstack(appliance)) return controlFiles(control ?? usualSocket(process.pid));
  if (control === undefined) return undefined;
  const advice = 'add a guest file with type = "service" and service = "toolstack"';
  throw new UsageError(`--control needs an appliance with a toolstack; ${advice}`);
}

/** Runs `use` with a boot pack in a temporary file. */
async function withPack<T>(
  appliance: Appliance,
  control: ControlFiles | undefined,
  staysOn: boolean,
  use: (image: Machine["image"], summary: PackSummary) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-"));
  try {
    const serviceLines = control === undefined ? {} : placeKey(appliance, control);
    const built = await buildAppliance(appliance, { ...buildOptions(), serviceLines, staysOn });
    for (const note of built.notes) process.stderr.write(`${note}\n`);
    const pack = join(folder, "boot.pack");
    writeFileSync(pack, built.pack);
    return await use({ elf: hypervisorImage(), pack }, summarizePack(built.pack));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function run(target: string | undefined, options: Options): Promise<Report> {
  const source = target ?? options.kernel ?? "";
  const appliance = isImage(target) ? undefined : applianceOf(target, options);
  const control = appliance && controlOf(appliance, options);
  const start = (image: Machine["image"], summary: PackSummary): Promise<Report> =>
    runMachine(
      {
        image,
        memoryMib: summary.machineMemoryMib + (appliance === undefined ? 0 : roomToGrow(appliance)),
        ...(options.icount === true ? { icount: true } : {}),
        ...(options.uefi === true ? { firmware: "uefi" as const } : {}),
      },
      {
        source,
        guests: summary.guests,
        timeoutSeconds: options.timeout,
        ...(control === undefined ? {} : { control }),
        style: options.json === true ? "quiet" : options.kernel === undefined ? "named" : "bare",
      },
    );
  if (appliance !== undefined) {
    return withPack(appliance, control, options.stayOn === true, start);
  }
  const summary = summarizeImage(source);
  const isPack = isBootPack(source);
  demandSignature(source, isPack, options);
  return start(isPack ? { elf: hypervisorImage(), pack: source } : { iso: source }, summary);
}

/** The command `run`. */
export function runCommand(): Command {
  return new Command("run")
    .description("run an appliance, an image or one kernel in QEMU")
    .argument("[target]", "a folder of guest files, or an image or boot pack made by build")
    .option("--kernel <file>", "run this kernel alone (ELF or bzImage with a PVH entry)")
    .option("--ramdisk <file>", "its ramdisk")
    .option("--cmdline <text>", "its command line")
    .option("--memory <MiB>", `its memory (${USUAL_MEMORY_MIB})`, wholeOption("--memory", 2, 16128))
    .option("--vcpus <n>", "its number of vCPUs (1)", wholeOption("--vcpus", 1, 32))
    .option(
      "--timeout <s>",
      "give up after so many seconds",
      wholeOption("--timeout", 1, MOST_SECONDS),
    )
    .option("--icount", "count virtual time in instructions: every run is the same, half as fast")
    .option("--uefi", "boot an image by UEFI instead of BIOS")
    .option("--key <file>", "whose signature an image must have (PEM, public or private)")
    .option("--unsigned", "start an image whoever made it")
    .option("--control <socket>", "where to reach the control channel of the appliance's toolstack")
    .option("--detach", "return as soon as it runs; it stays on until `xenolith poweroff`")
    .option("--stay-on", "stay on when no guest runs, until `xenolith poweroff`")
    .option("--json", "print what happened as JSON, and nothing else")
    .addHelpText("after", afterHelp)
    .action(async (target: string | undefined, options: Options) => {
      checkOptions(target, options);
      if (options.detach === true) return startDetached(options.control);
      const report = await run(target, options);
      if (options.json === true) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else finish(report, options.kernel !== undefined);
      const well = report.ending === "halt" && report.guests.every(endedWell);
      if (!well || report.guests.length === 0) process.exitCode = EXIT_FAILURE;
    });
}

/** Says how the run ended: a table for an appliance, one line for a kernel. */
function finish(report: Report, single: boolean): void {
  if (report.guests.length > 0 && !single) {
    process.stdout.write(`\n${closingTable(report.guests)}`);
  }
  if (single) for (const guest of report.guests) process.stderr.write(`ended by ${guest.state}\n`);
  if (report.trouble !== undefined) process.stderr.write(`${report.trouble}\n`);
}
