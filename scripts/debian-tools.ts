// Makes a root file system of Debian packages for guests that use the service domains: stock PV
// drivers as modules, and the clients that exercise them (iproute2, curl, iperf3, fio, e2fsprogs,
// xenstore-utils). `npx tsx scripts/debian-tools.ts` prints each package with its version and
// sha256.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "./command.ts";
import { cpio, DIRECTORY, type Entry, REGULAR, SYMBOLIC_LINK } from "./cpio.ts";
import {
  cacheFolder,
  common,
  folder,
  keptFiles,
  manifest,
  recipeOf,
  text,
  USERLAND,
} from "./debian.ts";
import { PackageCache } from "./debian-packages.ts";

/** The root file system, and what tells whether it is up to date. */
export const toolsFile = join(folder, "tools.cpio");
const manifestFile = join(folder, "tools-packages.txt");
const recipeFile = join(folder, "tools-recipe.sha256");

const BUSYBOX = "busybox-static";
/** What the guests run. */
const PROGRAMS = ["curl", "e2fsprogs", "fio", "iperf3", "iproute2", "kmod", "xenstore-utils"];
/** All that those are linked to. */
const LIBRARIES = `libacl1 libaio1 libargon2-1 libblkid1 libboost-iostreams1.74.0
  libboost-thread1.74.0 libbpf1 libbrotli1 libbsd0 libbz2-1.0 libcap2 libcom-err2 libcryptsetup12
  libcurl4 libdaxctl1 libdevmapper1.02.1 libelf1 libext2fs2 libffi8 libfmt9 libgfapi0 libgfrpc0
  libgfxdr0 libglusterfs0 libgnutls30 libgssapi-krb5-2 libhogweed6 libibverbs1 libicu72 libidn2-0
  libiperf0 libjson-c5 libk5crypto3 libkeyutils1 libkmod2 libkrb5-3 libkrb5support0 libldap-2.5-0
  liblzma5 libmd0 libmnl0 libnbd0 libndctl6 libnettle8 libnghttp2-14 libnl-3-200 libnl-route-3-200
  libnuma1 libp11-kit0 libpmem1 libpmemblk1 libpsl5 librados2 librbd1 librdmacm1 librtmp1
  libsasl2-2 libsctp1 libssh2-1 libssl3 libstdc++6 libtasn1-6 libtirpc3 libudev1 libunistring2
  libuuid1 libxenstore4 libxentoolcore1 libxml2 libzstd1 zlib1g`.split(/\s+/);
/** Drivers of the kernel's package that are loaded at start, in this order. */
const MODULES = [
  "block/xen-blkfront",
  "net/xen-netfront",
  "xen/xen-evtchn",
  "xen/xen-gntdev",
  "xen/xen-privcmd",
  "xen/xenfs/xenfs",
];
/** Applets of busybox for what Debian's packages here lack. */
const APPLETS = ["cut", "grep", "httpd", "insmod", "nc", "ping", "setsid", "vi", "wget"];
/** Test suites and tables that no guest of ours reads. */
const UNUSED = /^usr\/lib\/x86_64-linux-gnu\/(perl|gconv|sasl2)\/|^usr\/share\/(icu|fio|bash-)/;

const roles = readdirSync(new URL("debian-roles", import.meta.url)).sort();
const init = readFileSync(new URL("debian-tools-init.sh", import.meta.url));
const endings = readFileSync(new URL("debian-sbin.sh", import.meta.url));

/** What guests do, by name. */
function roleEntries(): Entry[] {
  return roles.map((name) => {
    const data = readFileSync(new URL(`debian-roles/${name}`, import.meta.url));
    return { path: `roles/${name}`, mode: REGULAR | 0o755, data };
  });
}

function moduleEntries(top: string): Entry[] {
  const drivers = keptFiles(top).filter(({ path }) => path.endsWith(".ko"));
  return MODULES.map((name, index) => {
    const driver = drivers.find(({ path }) => path.endsWith(`/drivers/${name}.ko`));
    if (driver === undefined) throw new BuildError(`the kernel's package has no ${name}.ko`);
    const file = `${index}-${name.split("/").at(-1)}.ko`;
    return { path: `lib/modules/${file}`, mode: REGULAR | 0o644, data: driver.data ?? init };
  });
}

function rootEntries(cache: PackageCache, top: string): Entry[] {
  const kept = keptFiles(top).filter(({ path }) => !UNUSED.test(path));
  const busybox = cache.unpack(cache.fetch([BUSYBOX]), "unpacked-tools-busybox");
  const applets = APPLETS.map((name): Entry => {
    return {
      path: `usr/local/bin/${name}`,
      mode: SYMBOLIC_LINK | 0o777,
      data: text("/bin/busybox"),
    };
  });
  return [
    ...common(init),
    { path: "mnt", mode: DIRECTORY | 0o755 },
    ...kept,
    {
      path: "bin/busybox",
      mode: REGULAR | 0o755,
      data: readFileSync(join(busybox, "bin", "busybox")),
    },
    ...applets,
    ...["poweroff", "reboot"].map((name) => {
      return { path: `sbin/${name}`, mode: REGULAR | 0o755, data: endings };
    }),
    ...roleEntries(),
    { path: "bin/sh", mode: SYMBOLIC_LINK | 0o777, data: text("dash") },
  ];
}

const sources = [
  ...["cpio.ts", "debian.ts", "debian-tools.ts", "debian-tools-init.sh", "debian-sbin.sh"],
  ...roles.map((name) => `debian-roles/${name}`),
];

/** Makes build/debian/tools.cpio and returns its list; what is up to date is kept. Throws
 *  BuildError. */
export function makeToolsRoot(): string {
  const recipe = recipeOf(sources);
  const made = [toolsFile, manifestFile, recipeFile].every((file) => existsSync(file));
  if (made && readFileSync(recipeFile, "utf8") === recipe)
    return readFileSync(manifestFile, "utf8");
  const cache = new PackageCache(cacheFolder);
  const kernel = cache.fetch([cache.kernelName()]);
  const packages = cache.fetch([...USERLAND, ...PROGRAMS, ...LIBRARIES]);
  const drivers = moduleEntries(cache.unpack(kernel, "unpacked-tools-kernel"));
  const entries = [...rootEntries(cache, cache.unpack(packages, "unpacked-tools")), ...drivers];
  const archive = cpio(entries);
  const list = manifest([...kernel, ...packages], [["tools.cpio", archive]]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(toolsFile, archive);
  writeFileSync(manifestFile, list);
  writeFileSync(recipeFile, recipe);
  cache.forget(["unpacked-tools", "unpacked-tools-kernel", "unpacked-tools-busybox"]);
  return list;
}

if (process.argv[1]?.endsWith("scripts/debian-tools.ts")) {
  try {
    process.stdout.write(makeToolsRoot());
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`debian-tools: ${error.message}\n`);
    process.exitCode = 1;
  }
}
