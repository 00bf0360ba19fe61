// Debian's Xen 4.17 and a Dom0 of no more than it takes to create guests: made from packages,
// without root. A user's Dom0 is larger; this one flatters Xen's boot time.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { BuildError, run } from "../command.ts";
import { CHARACTER_DEVICE, cpio, DIRECTORY, type Entry, REGULAR, SYMBOLIC_LINK } from "../cpio.ts";
import { type Package, PackageCache } from "../debian-packages.ts";
import { textBytes } from "./sizes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cacheFolder = join(root, ".cache", "debian");
const init = readFileSync(new URL("dom0-init.sh", import.meta.url));
const ownSource = readFileSync(fileURLToPath(import.meta.url));

/** Paths of what boots Xen, and the version of its package. */
export interface XenFiles {
  readonly folder: string;
  /** Names within the folder. */
  readonly xen: string;
  readonly kernel: string;
  readonly ramdisk: string;
  /** Version of the hypervisor's package. */
  readonly version: string;
  /** Bytes of the hypervisor's image, and of its .text alone. */
  readonly imageBytes: number;
  readonly textBytes: number;
}

const XEN = "xen-hypervisor-4.17-amd64";
const PACKAGES = [
  ...[
    XEN,
    "xen-utils-4.17",
    "busybox-static",
    "libc6",
    "libgcc-s1",
    "liblzma5",
    "libuuid1",
    "libxencall1",
  ],
  ...["libxendevicemodel1", "libxenevtchn1", "libxenforeignmemory1", "libxengnttab1"],
  ...["libxenhypfs1", "libxenmisc4.17", "libxenstore4", "libxentoolcore1", "libxentoollog1"],
  ...["libyajl2", "libzstd1", "zlib1g"],
];
const TOOLS = ["xl", "xenstored", "xenconsoled", "xen-init-dom0", "libxl-save-helper"];
const TOOL_FOLDER = "usr/lib/xen-4.17/bin";
const LIBRARY_FOLDERS = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"];
/** Loaded by name while it runs (pthread_cancel). */
const LOADED = "lib/x86_64-linux-gnu/libgcc_s.so.1";
/** In the order of their loading. */
const MODULES = ["xen-privcmd", "xenfs/xenfs", "xen-evtchn", "xen-gntdev", "xen-gntalloc"];
const LINKS: Readonly<Record<string, string>> = {
  "lib64/ld-linux-x86-64.so.2": "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
  "bin/sh": "busybox",
  "var/run": "../run",
  "var/lock": "../run/lock",
};
const FOLDERS = ["dev", "proc", "sys", "run", "tmp", "var/lib/xen", "var/log/xen", "etc/xen"];

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Names of the shared libraries that a program or library wants. */
function needed(file: string): string[] {
  const dynamic = run("readelf", ["-d", file], root);
  return [...dynamic.matchAll(/\(NEEDED\)[^[]*\[([^\]]+)\]/g)].map(([, name]) => name ?? "");
}

/** Paths, below `top`, of the programs and of all that they are linked to. */
function linkedFiles(top: string, programs: readonly string[]): string[] {
  const found = new Set<string>();
  const waiting = [...programs];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const name of needed(join(top, path))) {
      const place = LIBRARY_FOLDERS.map((folder) => `${folder}/${name}`);
      const library = place.find((at) => existsSync(join(top, at)));
      if (library === undefined) throw new BuildError(`${path} wants ${name}: no package has it`);
      waiting.push(library);
    }
  }
  return [...found];
}

function moduleEntries(top: string): Entry[] {
  const release = readdirSync(join(top, "lib/modules"))[0] ?? "";
  const drivers = join(top, "lib/modules", release, "kernel/drivers/xen");
  return MODULES.map((name) => {
    const data = readFileSync(join(drivers, `${name}.ko`));
    return { path: `modules/${basename(name)}.ko`, mode: REGULAR | 0o644, data };
  });
}

/** The Dom0's root file system. Programs and libraries keep their names; places are flattened. */
function dom0Entries(top: string): Entry[] {
  const programs = TOOLS.map((name) => `${TOOL_FOLDER}/${name}`);
  const files = linkedFiles(top, [...programs, LOADED]).map((path) => {
    const isTool = path.startsWith(TOOL_FOLDER);
    const place = isTool ? path : `lib/x86_64-linux-gnu/${basename(path)}`;
    return { path: place, mode: REGULAR | 0o755, data: readFileSync(join(top, path)) };
  });
  const busybox = readFileSync(join(top, "bin/busybox"));
  return [
    ...FOLDERS.map((path) => ({ path, mode: DIRECTORY | 0o755 })),
    { path: "dev/console", mode: CHARACTER_DEVICE | 0o600, device: [5, 1] as const },
    { path: "dev/null", mode: CHARACTER_DEVICE | 0o666, device: [1, 3] as const },
    { path: "init", mode: REGULAR | 0o755, data: init },
    { path: "bin/busybox", mode: REGULAR | 0o755, data: busybox },
    ...files,
    ...moduleEntries(top),
    ...Object.entries(LINKS).map(([path, target]) => {
      return { path, mode: SYMBOLIC_LINK | 0o777, data: text(target) };
    }),
  ];
}

function keyOf(packages: readonly Package[]): string {
  const hash = createHash("sha256").update(init).update(ownSource);
  for (const { sha256 } of packages) hash.update(sha256);
  return hash.digest("hex").slice(0, 16);
}

function write(folder: string, cache: PackageCache, packages: readonly Package[]): void {
  const top = cache.unpack(packages, "unpacked-xen");
  const boot = join(top, "boot");
  const kernel = readdirSync(boot).find((name) => name.startsWith("vmlinuz-"));
  if (kernel === undefined) throw new BuildError("the Dom0 kernel's package has no /boot/vmlinuz");
  mkdirSync(folder, { recursive: true });
  const text = textBytes(join(boot, "xen-4.17-amd64.efi"));
  writeFileSync(join(folder, "text-bytes"), String(text));
  writeFileSync(join(folder, "xen"), gunzipSync(readFileSync(join(boot, "xen-4.17-amd64.gz"))));
  writeFileSync(join(folder, "vmlinuz"), readFileSync(join(boot, kernel)));
  writeFileSync(join(folder, "dom0.cpio.gz"), gzipSync(cpio(dom0Entries(top)), { level: 1 }));
  rmSync(top, { recursive: true });
}

/** Makes the files, or finds those of an earlier run. Throws BuildError. */
export function makeXenFiles(): XenFiles {
  const cache = new PackageCache(cacheFolder);
  const dom0Kernel = cache.kernelName().replace("-cloud", "");
  const packages = cache.fetch([...PACKAGES, dom0Kernel]);
  const folder = join(root, ".cache", "xen", keyOf(packages));
  const names = { xen: "xen", kernel: "vmlinuz", ramdisk: "dom0.cpio.gz" };
  // The last one that is written says that all are there.
  if (!existsSync(join(folder, names.ramdisk))) write(folder, cache, packages);
  const version = packages.find(({ name }) => name === XEN)?.version ?? "";
  const imageBytes = statSync(join(folder, names.xen)).size;
  const textBytes = Number(readFileSync(join(folder, "text-bytes"), "utf8"));
  return { folder, ...names, version, imageBytes, textBytes };
}
