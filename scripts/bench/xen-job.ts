// The part of Xen's Dom0 that differs from run to run: guests, their xl files, the order of things.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { cpio, type Entry, REGULAR } from "../cpio.ts";
import type { Workload, WorkloadGuest } from "./workload.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Domain ids of each workload: Xen counts them up from 1 as guests are created. */
export function domainIds(workloads: readonly Workload[]): number[][] {
  let next = 1;
  return workloads.map(({ count }) => Array.from({ length: count }, () => next++));
}

function xlFile(guest: WorkloadGuest): string {
  const ramdisk = guest.ramdisk === undefined ? [] : [`ramdisk = "/g/${basename(guest.ramdisk)}"`];
  return [
    `name = "${guest.name}"`,
    'type = "pvh"',
    `kernel = "/g/${basename(guest.kernel)}"`,
    ...ramdisk,
    `cmdline = "${guest.commandLine}"`,
    `memory = ${guest.memoryMib}`,
    `vcpus = ${guest.vcpus ?? 1}`,
    // As on hardware whose TSC never stops. Xen's emulation costs more, and fails on RDTSCP in
    // QEMU.
    'tsc_mode = "native"',
    'on_poweroff = "destroy"',
    'on_crash = "destroy"',
    "",
  ].join("\n");
}

/** Guests are created paused, one after the other, and let go together. */
function scriptOf(guests: readonly WorkloadGuest[]): string[] {
  const names = guests.map(({ name }) => name);
  if (names.length === 1) return [`xl create -F /g/${names[0]}.cfg > /dev/null`];
  const create = names.flatMap((name) => [
    `xl create -F -p /g/${name}.cfg > /dev/null &`,
    `until xl domid ${name} > /dev/null 2>&1; do sleep 0.1; done`,
  ]);
  return [...create, ...names.map((name) => `xl unpause ${name}`), "wait"];
}

/** What Xen itself takes is told before there is a guest. */
const MEMORY_REPORT = [
  "xl info | grep -E '^(total|free)_memory' | tr -d ' ' | sed 's/^/figure: /'",
  "echo figure: dom0_memory:$(xl list Domain-0 | tail -n 1 | tr -s ' ' | cut -d ' ' -f 3)",
];

/** An archive that is appended to the Dom0's root file system. */
export function jobArchive(workloads: readonly Workload[]): Uint8Array {
  const ids = domainIds(workloads);
  const sets = workloads.map((workload, index) => workload.guests(ids[index] ?? []));
  const guests = sets.flat();
  const files = new Set(
    guests.flatMap(({ kernel, ramdisk }) => [kernel, ...(ramdisk === undefined ? [] : [ramdisk])]),
  );
  const entries: Entry[] = [...files].map((path) => {
    return { path: `g/${basename(path)}`, mode: REGULAR | 0o644, data: readFileSync(path) };
  });
  for (const guest of guests) {
    const data = text(xlFile(guest));
    entries.push({ path: `g/${guest.name}.cfg`, mode: REGULAR | 0o644, data });
  }
  const script = [...sets.flatMap(scriptOf), ...MEMORY_REPORT].join("\n");
  entries.push({ path: "job", mode: REGULAR | 0o644, data: text(`${script}\n`) });
  return cpio(entries);
}
