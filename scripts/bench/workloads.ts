// The workloads that both hypervisors run.

import { guestImage } from "../../test/guests/build.ts";
import type { Workload, WorkloadGuest } from "./workload.ts";

/** Names of the workloads. */
export type WorkloadName = "boot" | "alone" | "alone32" | "two" | "two_sse" | "grant";

/** What differs between the hosts. */
export interface Host {
  /** Guests of the boot workload: where one is enough for the first, two are for the second. */
  readonly bootGuests: number;
  /** Quiet neighbours of the guest that measures alone. */
  readonly neighbours: number;
  /** Milliseconds within which guests of a workload surely have all started. */
  readonly startMilliseconds: number;
}

/** The kernel and root file system of the boot workload. */
export interface BootFiles {
  readonly kernel: string;
  readonly ramdisk: string;
}

const SMALL_MIB = 16;
const LINUX_MIB = 192;

function testGuest(name: string, image: string, commandLine: string): WorkloadGuest {
  return { name, kernel: guestImage(image), commandLine, memoryMib: SMALL_MIB };
}

function alone(name: WorkloadName, image: string, neighbours: number): Workload {
  const quiet = Array.from({ length: neighbours }, (_, index) =>
    testGuest(`quiet${index}`, "heartbeat", "period=200 count=1"),
  );
  const guests = [testGuest(name, image, ""), ...quiet];
  return { name, count: guests.length, guests: () => guests };
}

function two(name: WorkloadName, options: string, { startMilliseconds }: Host): Workload {
  const line = `two ${options} warm=${startMilliseconds} tail=${startMilliseconds}`;
  const guests = ["one", "other"].map((half) => testGuest(`${name}-${half}`, "bench", line));
  return { name, count: guests.length, guests: () => guests };
}

function grant(): Workload {
  return {
    name: "grant",
    count: 2,
    guests: ([owner, user]) => [
      testGuest("grant-owner", "grant", `owner peer=${user}`),
      testGuest("grant-user", "grant", `peer=${owner}`),
    ],
  };
}

function boot(files: BootFiles, count: number): Workload {
  const guests = Array.from({ length: count }, (_, index) => {
    return { name: `linux${index}`, ...files, commandLine: "console=hvc0", memoryMib: LINUX_MIB };
  });
  return { name: "boot", count, guests: () => guests };
}

/** All workloads, as one host runs them. `boot` comes first: it must be the machine's first. */
export function workloadsOf(host: Host, files: BootFiles): Map<WorkloadName, Workload> {
  return new Map<WorkloadName, Workload>([
    ["boot", boot(files, host.bootGuests)],
    ["alone", alone("alone", "bench", host.neighbours)],
    ["alone32", alone("alone32", "bench32", host.neighbours)],
    ["two", two("two", "", host)],
    ["two_sse", two("two_sse", "sse", host)],
    ["grant", grant()],
  ]);
}
