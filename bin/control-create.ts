// `xenolith create FILE.cfg`: a guest on a system that runs.

import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { problemHere } from "../disaggregation/appliance/config-syntax.ts";
import type { Placed } from "../disaggregation/appliance/config-values.ts";
import { type GuestConfig, readGuestConfig } from "../disaggregation/appliance/guest-config.ts";
import { usualEnds } from "../disaggregation/appliance/guest-ends.ts";
import { unpackKernel } from "../disaggregation/appliance/kernel.ts";
import { Problem } from "../disaggregation/appliance/problem.ts";
import { createGuest, type GuestRequest } from "../disaggregation/control/build.ts";
import type { ControlClient } from "../disaggregation/control/client.ts";
import { listDomains } from "../disaggregation/control/requests.ts";
import { type ControlOptions, controlCommand, show, withControl } from "./control-target.ts";

interface CreateOptions extends ControlOptions {
  readonly paused?: boolean;
}

function readFile(path: Placed<string>, what: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path.value));
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? error.code : error;
    throw problemHere(path, `${what} ${path.value} cannot be read: ${reason}`);
  }
}

/** A file's disk cannot come to a block service that runs; zeroed memory can. */
function checkDisks({ devices }: GuestConfig): void {
  for (const { target } of devices?.disks ?? []) {
    if ("scratchMib" in target) continue;
    const advice = 'a disk of a guest that comes later is "scratch:MIB"';
    throw problemHere(target, `${target.value} did not come with the system; ${advice}`);
  }
}

function requestOf(config: GuestConfig): GuestRequest {
  const { name, commandLine, memoryMib, mostMemoryMib, vcpus, weight, kernel } = config;
  if (config.service !== undefined || kernel === undefined) {
    throw new Problem(`${config.file}: a service is there from the start, or not at all`);
  }
  checkDisks(config);
  const file = readFile(kernel, "kernel");
  return {
    ...{ name, commandLine, memoryMib, mostMemoryMib, vcpus, weight },
    kernel: { bytes: file, unpack: () => unpackKernel(file, kernel.value) },
    ramdisk: config.ramdisk && { bytes: readFile(config.ramdisk, "ramdisk") },
    xsave: config.xsave === true,
    label: config.label?.value ?? "",
    ends: config.ends ?? usualEnds,
    devices: config.devices ?? { disks: [], interfaces: [] },
  };
}

/** Says how much of a content has been sent, on a terminal. */
function progress(what: string, sent: number, bytes: number): void {
  if (!process.stderr.isTTY) return;
  const end = sent === bytes ? "\n" : "";
  process.stderr.write(`\r${what}: ${sent >> 10} of ${bytes >> 10} KiB${end}`);
}

async function create(client: ControlClient, guest: GuestRequest, paused: boolean) {
  const domains = await listDomains(client);
  const other = domains.find(({ name }) => name === guest.name);
  if (other !== undefined) {
    throw new Problem(`domain ${other.domain} is called "${guest.name}" already`);
  }
  return createGuest(client, guest, { onStream: progress, paused });
}

export function createCommand(): Command {
  const examples = "create web.cfg\ncreate web.cfg --paused\ncreate web.cfg --json";
  return controlCommand("create", "create a guest on the running system", examples)
    .argument("<file>", "its description, in the syntax of xl.cfg")
    .option("-p, --paused", "leave it built, to be started by unpause")
    .action(async (file: string, options: CreateOptions) => {
      const config = readGuestConfig(file);
      for (const note of config.notes) process.stderr.write(`${note}\n`);
      const guest = requestOf(config);
      const { domain } = await withControl(options, (client) =>
        create(client, guest, options.paused === true),
      );
      const created = { domain, name: guest.name };
      show(options, created, () => `created ${guest.name} as domain ${domain}\n`);
    });
}
