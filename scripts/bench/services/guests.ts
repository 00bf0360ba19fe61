// The guests of the services' rows: the same kernel, root file system, command line and devices on
// either hypervisor. What they do is in init.sh; TCP is measured by Debian's iperf3, the disk by
// busybox's dd past the page cache.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder } from "../../artefacts.ts";
import { BuildError } from "../../command.ts";
import { CHARACTER_DEVICE, cpio, DIRECTORY, type Entry, REGULAR } from "../../cpio.ts";
import { cacheFolder, debianFiles, keptFiles, makeDebianGuests } from "../../debian.ts";
import { PackageCache } from "../../debian-packages.ts";

/** One guest with devices. */
export interface SpeedGuest {
  readonly name: string;
  readonly address: string;
  readonly memoryMib: number;
  readonly diskMib?: number;
}

const SERVER_ADDRESS = "10.0.0.1";

/** Created in this order, with one interface each on the same bridge. */
export const speedGuests: readonly SpeedGuest[] = [
  { name: "server", address: SERVER_ADDRESS, memoryMib: 192 },
  { name: "client", address: "10.0.0.2", memoryMib: 192, diskMib: 64 },
];

/** What is sent by TCP, and how often the whole disk is written and read. */
const STREAM = "256M";
const DISK_ROUNDS = 6;
/** Memory of the guest whose creation is timed. */
export const SMALL_MIB = 128;
/** How often it is created in each run. */
export const CREATIONS = 3;

/** What both get: paths. */
export interface SpeedFiles {
  readonly kernel: string;
  readonly ramdisk: string;
}

const PACKAGES = ["busybox-static", "iperf3", "libc6", "libiperf0", "libsctp1", "libssl3"];
/** Of these packages: programs, the drivers, and what iperf3 is linked to. */
const WANTED =
  /^bin\/busybox$|^usr\/bin\/iperf3$|\/ld-linux-|\/lib(c|m|crypto|ssl|iperf|sctp)\.so\.\d/;
const DRIVER = /\/drivers\/(?:block|net)\/(xen-(?:blk|net)front\.ko)$/;
const init = readFileSync(new URL("init.sh", import.meta.url));

function packagedEntries(): Entry[] {
  const cache = new PackageCache(cacheFolder);
  const name = "unpacked-speed";
  const top = cache.unpack(cache.fetch([...PACKAGES, cache.kernelName()]), name);
  try {
    return keptFiles(top).flatMap((entry) => {
      const driver = DRIVER.exec(entry.path)?.[1];
      if (driver !== undefined) return [{ ...entry, path: `modules/${driver}` }];
      const folders = entry.data === undefined && !entry.path.startsWith("lib/modules");
      return folders || WANTED.test(entry.path) ? [entry] : [];
    });
  } finally {
    cache.forget([name]);
  }
}

/** Makes the root file system. Throws BuildError. */
export function makeSpeedFiles(): SpeedFiles {
  makeDebianGuests();
  const packaged = packagedEntries();
  if (!packaged.some(({ path }) => path.endsWith("netfront.ko"))) {
    throw new BuildError("the kernel's package has no xen-netfront.ko");
  }
  const ramdisk = join(folder, "bench", "services.cpio");
  mkdirSync(join(ramdisk, ".."), { recursive: true });
  const archive = cpio([
    ...["dev", "proc", "sys", "modules"].map((path) => ({ path, mode: DIRECTORY | 0o755 })),
    { path: "dev/console", mode: CHARACTER_DEVICE | 0o600, device: [5, 1] },
    { path: "init", mode: REGULAR | 0o755, data: init },
    ...packaged,
  ]);
  writeFileSync(ramdisk, archive);
  return { kernel: debianFiles.kernel, ramdisk };
}

/** The kernel's command line of a guest. `quiet`: its own words cost time on either console. */
export function commandLineOf({ name, address, diskMib }: SpeedGuest): string {
  const words = [`role=${name}`, `address=${address}`, `server=${SERVER_ADDRESS}`];
  const amounts = [`mib=${diskMib ?? 0}`, `stream=${STREAM}`, `rounds=${DISK_ROUNDS}`];
  return ["console=hvc0", "quiet", ...words, ...amounts].join(" ");
}
