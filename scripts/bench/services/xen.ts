// The services' rows on Xen: a Dom0 with bridge, xen-netback and xen-blkback, and guests that xl
// creates. The disk is a RAM disk of the Dom0's, so that neither side waits for storage.

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "../../command.ts";
import { cpio, DIRECTORY, type Entry, REGULAR } from "../../cpio.ts";
import { PackageCache } from "../../debian-packages.ts";
import type { GuestLine } from "../workload.ts";
import { bootXen, type SerialLine } from "../xen.ts";
import type { XenFiles } from "../xen-files.ts";
import {
  CREATIONS,
  commandLineOf,
  SMALL_MIB,
  type SpeedFiles,
  type SpeedGuest,
  speedGuests,
} from "./guests.ts";
import { guestFile } from "./running.ts";

const cacheFolder = fileURLToPath(new URL("../../../.cache/debian", import.meta.url));
/** In the order of their loading. */
const MODULES = [
  ...["net/llc/llc", "net/802/stp", "net/bridge/bridge", "drivers/net/xen-netback/xen-netback"],
  ...["drivers/block/brd", "drivers/block/xen-blkback/xen-blkback"],
];
const TOOLS = ["xenstore-read", "xenstore-write"];
const MACHINE = { dom0Mib: 640, memoryMib: 1536 };
const CONSOLE_LINE = /^console ([a-z]+): (.*)$/;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const file = (path: string, data: Uint8Array): Entry => ({ path, mode: REGULAR | 0o755, data });

/** Where the Dom0 has the files. */
function inDom0({ kernel, ramdisk }: SpeedFiles): SpeedFiles {
  return { kernel: `/g/${basename(kernel)}`, ramdisk: `/g/${basename(ramdisk)}` };
}

/** The guest's interface and disk; its TSC is the machine's, as on Xenolith. */
function deviceLines({ diskMib }: SpeedGuest): string {
  const disk = 'disk = ["script=/tools/disk,vdev=xvda,format=raw,access=rw,target=/dev/ram0"]\n';
  const vif = 'tsc_mode = "native"\nvif = ["bridge=br0,script=/tools/interface"]\n';
  return vif + (diskMib === undefined ? "" : disk);
}

/** A guest without devices comes and goes. */
function createOnce(index: number): string[] {
  return [
    `echo "create ${index} begins"`,
    "xl create /g/small.cfg > /dev/null",
    `echo "create ${index} ends"`,
    "xl destroy small",
  ];
}

/** What the Dom0 does: its back ends, the guests until none is left, and what they said. */
function script(): string {
  const names = speedGuests.map(({ name }) => name);
  const disk = Math.max(...speedGuests.map(({ diskMib }) => diskMib ?? 0)) << 10;
  const parameters = (path: string): string => (path.endsWith("brd") ? ` rd_size=${disk}` : "");
  return [
    ...MODULES.map((path) => `insmod /modules/${basename(path)}.ko${parameters(path)}`),
    // The daemon that the Dom0's start brought up keeps no logs.
    "killall xenconsoled",
    "xenconsoled --log=guest --log-dir=/var/log/xen/console",
    "ip link add br0 type bridge && ip link set br0 up",
    ...names.map((name) => `xl create /g/${name}.cfg > /dev/null`),
    // The head of the list and the Dom0 are left; xl may fail while a domain goes.
    "until test $(xl list 2> /dev/null | wc -l) = 2; do sleep 1; done",
    ...names.map((name) => {
      return `sed 's/^/console ${name}: /' /var/log/xen/console/guest-${name}.log`;
    }),
    ...Array.from({ length: CREATIONS }, (_, index) => createOnce(index)).flat(),
    "",
  ].join("\n");
}

function dom0Tools(): Entry[] {
  const cache = new PackageCache(cacheFolder);
  const packages = cache.fetch([cache.kernelName().replace("-cloud", ""), "xenstore-utils"]);
  const top = cache.unpack(packages, "unpacked-services");
  try {
    const release = readdirSync(join(top, "lib/modules"))[0] ?? "";
    const modules = MODULES.map((path) => {
      const data = readFileSync(join(top, "lib/modules", release, "kernel", `${path}.ko`));
      return file(`modules/${basename(path)}.ko`, data);
    });
    const tools = TOOLS.map((name) =>
      file(`tools/${name}`, readFileSync(join(top, "usr/bin", name))),
    );
    return [...modules, ...tools];
  } finally {
    rmSync(top, { recursive: true });
  }
}

function jobArchive(files: SpeedFiles): Uint8Array {
  const hotplug = ["disk", "interface"].map((name) => {
    return file(`tools/${name}`, readFileSync(new URL(`${name}.sh`, import.meta.url)));
  });
  return cpio([
    { path: "tools", mode: DIRECTORY | 0o755 },
    { path: "g", mode: DIRECTORY | 0o755 },
    ...dom0Tools(),
    ...hotplug,
    ...[files.kernel, files.ramdisk].map((path) => file(`g/${basename(path)}`, readFileSync(path))),
    ...speedGuests.map((guest) => {
      const { name, memoryMib } = guest;
      const lines = [commandLineOf(guest), deviceLines(guest)] as const;
      return file(`g/${name}.cfg`, text(guestFile(name, memoryMib, inDom0(files), ...lines)));
    }),
    file("g/small.cfg", text(guestFile("small", SMALL_MIB, inDom0(files)))),
    file("job", text(script())),
  ]);
}

function linesOf(serial: readonly SerialLine[]): GuestLine[] {
  return serial.flatMap(({ text: line, milliseconds }) => {
    const [, guest, said = ""] = CONSOLE_LINE.exec(line) ?? [];
    return guest === undefined ? [] : [{ guest, text: said, milliseconds }];
  });
}

/** What a run said: guests, and the Dom0's own marks. */
export interface XenSpeed {
  readonly lines: readonly GuestLine[];
  readonly serial: readonly SerialLine[];
}

/** Milliseconds of wall time that each `xl create` took. */
export function createSeconds({ serial }: XenSpeed): number[] {
  const timeOf = (mark: string): number | undefined =>
    serial.find(({ text: line }) => line.endsWith(mark))?.milliseconds;
  return Array.from({ length: CREATIONS }, (_, index) => {
    const [from, to] = [timeOf(`create ${index} begins`), timeOf(`create ${index} ends`)];
    if (from === undefined || to === undefined) throw new BuildError("xl created no guest");
    return Math.round(to - from);
  });
}

/** Runs the guests to their end and returns what they said. Throws BuildError. */
export async function speedOnXen(
  xen: XenFiles,
  files: SpeedFiles,
  icount: boolean,
  timeoutSeconds: number,
): Promise<XenSpeed> {
  const serial = await bootXen(xen, jobArchive(files), MACHINE, icount, timeoutSeconds);
  const lines = linesOf(serial);
  if (lines.length > 0) return { lines, serial };
  const last = serial.slice(-10).map(({ text: line }) => line);
  throw new BuildError(`the guests on Xen said nothing; the Dom0 last:\n${last.join("\n")}`);
}
