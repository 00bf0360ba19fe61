// The root file system of the boot benchmark: busybox, and a process 1 that says when it is there
// and powers off.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../command.ts";
import { cpio, REGULAR } from "../cpio.ts";
import { debianFiles, makeDebianGuests } from "../debian.ts";
import type { GuestLine } from "./workload.ts";
import type { BootFiles } from "./workloads.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = join(here, "..", "..", "build", "bench");
const INIT = "#!/bin/sh\n/bin/mark\npoweroff -f\n";
const WARNING = /^kernel warns: ?(.*)$/;
const MARK = /^userspace at tick ([0-9a-f]{16})$/;

function markProgram(): Uint8Array {
  const program = join(folder, "mark");
  const flags = ["-O2", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector"];
  const linked = ["-fno-pie", "-no-pie", "-Wl,--build-id=none", "-s"];
  run("gcc", [...flags, ...linked, "mark.c", "-o", program], here);
  return readFileSync(program);
}

/** Debian's cloud kernel, and the root file system. Throws BuildError. */
export function makeBootFiles(): BootFiles {
  makeDebianGuests();
  mkdirSync(folder, { recursive: true });
  const own = cpio([
    { path: "init", mode: REGULAR | 0o755, data: new TextEncoder().encode(INIT) },
    { path: "bin/mark", mode: REGULAR | 0o755, data: markProgram() },
  ]);
  // Linux unpacks archives one after the other; what comes later replaces what was there.
  const ramdisk = join(folder, "userspace.cpio");
  writeFileSync(ramdisk, Buffer.concat([readFileSync(debianFiles.busybox), own]));
  return { kernel: debianFiles.kernel, ramdisk };
}

/** What the kernels of guests warned of, each text once, in the order of the first. */
export function kernelWarnings(lines: readonly GuestLine[]): string[] {
  return [...new Set(lines.flatMap(({ text }) => WARNING.exec(text)?.slice(1) ?? []))];
}

/** Ticks at which guests reached userspace, by the hypervisor's stamp or else by their own TSC. */
export function userspaceTicks(lines: readonly GuestLine[]): bigint[] {
  return lines.flatMap(({ text, tick }) => {
    const own = MARK.exec(text)?.[1];
    return own === undefined ? [] : [tick ?? BigInt(`0x${own}`)];
  });
}
