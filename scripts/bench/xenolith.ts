// Runs a workload on Xenolith.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildOptions, hypervisorImage } from "../../bin/artefacts.ts";
import { type Ending, type Machine, startMachine } from "../../bin/qemu.ts";
import { SerialSplitter } from "../../bin/serial.ts";
import { parseApplianceConfig } from "../../disaggregation/appliance/appliance-config.ts";
import { type GuestConfig, USUAL_WEIGHT } from "../../disaggregation/appliance/guest-config.ts";
import { type Appliance, buildAppliance } from "../../disaggregation/appliance/image.ts";
import { BuildError } from "../command.ts";
import { ALLOWED_GUEST, allowTable } from "../policy-tables.ts";
import {
  BENCH_CPU,
  BENCH_MEMORY_MIB,
  type GuestLine,
  type Workload,
  type WorkloadGuest,
} from "./workload.ts";

function configOf(guest: WorkloadGuest): GuestConfig {
  const file = `workload ${guest.name}`;
  const placed = (value: string) => ({ file, line: 0, column: 0, value });
  return {
    file,
    name: guest.name,
    kernel: placed(guest.kernel),
    ramdisk: guest.ramdisk === undefined ? undefined : placed(guest.ramdisk),
    commandLine: guest.commandLine,
    memoryMib: guest.memoryMib,
    mostMemoryMib: guest.memoryMib,
    vcpus: guest.vcpus ?? 1,
    weight: USUAL_WEIGHT,
    xsave: guest.xsave ?? false,
    label: undefined,
    notes: [],
  };
}

/** Domains are numbered from 1 in the order of the appliance. */
function applianceOf(workload: Workload): Appliance {
  const domains = Array.from({ length: workload.count }, (_, index) => index + 1);
  const guests = workload.guests(domains).map(configOf);
  return {
    guests,
    config: parseApplianceConfig(workload.appliance ?? "", `workload ${workload.name}`),
  };
}

/** What a run said. */
export interface XenolithRun {
  readonly lines: readonly GuestLine[];
  /** What the hypervisor itself said. */
  readonly hypervisor: readonly string[];
}

/** Runs a machine and takes what it says apart by guest. */
export async function runMachine(
  machine: Machine,
  names: readonly string[],
  timeoutSeconds: number,
): Promise<XenolithRun & { ending: Ending }> {
  const lines: GuestLine[] = [];
  const hypervisor: string[] = [];
  const start = performance.now();
  const splitter = new SerialSplitter(names, ({ speaker, text }) => {
    if (speaker === "") hypervisor.push(text);
    if (!speaker) return;
    lines.push({ guest: speaker, text, milliseconds: performance.now() - start });
  });
  const running = startMachine(machine, (text) => splitter.push(text));
  const timer = setTimeout(running.kill, timeoutSeconds * 1000);
  const ending = await running.ended;
  clearTimeout(timer);
  splitter.end();
  return { ending, lines, hypervisor };
}

/** Makes the boot pack of a workload, and gives a machine that boots it, and its guests' names; the
 *  pack is there until `use` ends. */
export async function withMachine<Result>(
  workload: Workload,
  icount: boolean,
  use: (machine: Machine, names: readonly string[]) => Promise<Result>,
): Promise<Result> {
  // Cost is measured with the policy's checks; that guests may reach each other is the test.
  const policy = { bytes: allowTable(), labelOf: () => ALLOWED_GUEST };
  const options = { ...buildOptions(), policy: () => policy };
  const built = await buildAppliance(applianceOf(workload), options);
  const folder = mkdtempSync(join(tmpdir(), "xenolith-bench-"));
  const pack = join(folder, "boot.pack");
  try {
    writeFileSync(pack, built.pack);
    const image = { elf: hypervisorImage(), pack };
    const memoryMib = Math.max(built.machineMemoryMib, BENCH_MEMORY_MIB);
    const names = built.guests.map(({ name }) => name);
    return await use({ image, memoryMib, cpu: BENCH_CPU, icount }, names);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a workload; throws BuildError when the machine does not come to its end. */
export function runXenolith(
  workload: Workload,
  icount: boolean,
  timeoutSeconds: number,
): Promise<XenolithRun> {
  return withMachine(workload, icount, async (machine, names) => {
    const { ending, ...said } = await runMachine(machine, names, timeoutSeconds);
    if (ending.reason === "halt") return said;
    const last = said.hypervisor.slice(-5).join("\n");
    throw new BuildError(`workload ${workload.name}: ${ending.reason}; it said last:\n${last}`);
  });
}
