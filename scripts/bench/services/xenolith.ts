// The services' rows on Xenolith: an appliance of the service domains and the guests.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildOptions, hypervisorImage } from "../../../bin/artefacts.ts";
import {
  type BuiltAppliance,
  buildAppliance,
  readAppliance,
} from "../../../disaggregation/appliance/image.ts";
import { BuildError } from "../../command.ts";
import { BENCH_CPU, type GuestLine } from "../workload.ts";
import { runMachine } from "../xenolith.ts";
import { commandLineOf, type SpeedFiles, type SpeedGuest, speedGuests } from "./guests.ts";
import { guestFile } from "./running.ts";

const SERVICES = ["xenstore", "block", "network"];

function deviceLines({ address, diskMib }: SpeedGuest): string {
  const disk = diskMib === undefined ? "" : `disk = ["scratch:${diskMib},vdev=xvda"]\n`;
  return `vif = ["bridge=lan,ip=${address}"]\n${disk}`;
}

function writeAppliance(appliance: string, files: SpeedFiles): void {
  mkdirSync(appliance);
  for (const name of SERVICES) {
    const text = `name = "${name}"\ntype = "service"\nservice = "${name}"\n`;
    writeFileSync(join(appliance, `${name}.cfg`), text);
  }
  for (const guest of speedGuests) {
    const { name, memoryMib } = guest;
    const text = guestFile(name, memoryMib, files, commandLineOf(guest), deviceLines(guest));
    writeFileSync(join(appliance, `${name}.cfg`), text);
  }
}

/** Runs a machine with a built appliance; what is needed for that is put into a folder. */
export function runBuilt(
  built: BuiltAppliance,
  place: string,
  icount: boolean,
  timeoutSeconds: number,
): ReturnType<typeof runMachine> {
  const pack = join(place, "boot.pack");
  writeFileSync(pack, built.pack);
  const machine = {
    image: { elf: hypervisorImage(), pack },
    memoryMib: built.machineMemoryMib,
    cpu: BENCH_CPU,
    icount,
  };
  const names = built.guests.map(({ name }) => name);
  return runMachine(machine, names, timeoutSeconds);
}

/** Runs the guests to their end and returns what they said. Throws BuildError. */
export async function speedOnXenolith(
  files: SpeedFiles,
  icount: boolean,
  timeoutSeconds: number,
): Promise<readonly GuestLine[]> {
  const place = mkdtempSync(join(tmpdir(), "xenolith-speed-"));
  try {
    const appliance = join(place, "appliance");
    writeAppliance(appliance, files);
    const built = await buildAppliance(readAppliance(appliance), buildOptions());
    const ran = await runBuilt(built, place, icount, timeoutSeconds);
    const { ending, lines, hypervisor } = ran;
    if (ending.reason === "halt") return lines;
    const last = [...hypervisor.slice(-3), ...lines.slice(-5).map(({ text }) => text)].join("\n");
    throw new BuildError(`the services on Xenolith: ${ending.reason}; last words:\n${last}`);
  } finally {
    rmSync(place, { recursive: true });
  }
}
