// Makes guests from Debian packages: the kernel as its package has it, and two root file systems
// (initramfs): `busybox.cpio`, the smallest, and `debian.cpio`, with Debian's own userland.
// `npx tsx scripts/debian.ts` prints each package with its version and sha256.

import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "./command.ts";
import { CHARACTER_DEVICE, cpio, DIRECTORY, type Entry, REGULAR, SYMBOLIC_LINK } from "./cpio.ts";
import { type Package, PackageCache } from "./debian-packages.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
export const folder = join(root, "build", "debian");
export const cacheFolder = join(root, ".cache", "debian");

/** What the step makes. */
export const debianFiles = {
  kernel: join(folder, "vmlinuz"),
  busybox: join(folder, "busybox.cpio"),
  debian: join(folder, "debian.cpio"),
  manifest: join(folder, "packages.txt"),
  recipe: join(folder, "recipe.sha256"),
} as const;

const BUSYBOX = "busybox-static";
/** The smallest set that is Debian's own shell and tools, with all that they are linked to. */
export const USERLAND = [
  "base-files",
  "coreutils",
  "dash",
  "libacl1",
  "libattr1",
  "libblkid1",
  "libc6",
  "libgcc-s1",
  "libgmp10",
  "libmount1",
  "libpcre2-8-0",
  "libselinux1",
  "libsmartcols1",
  "mount",
];
/** Not needed to run anything; left out so that a guest of 128 MiB has room. */
const LEFT_OUT = /^usr\/share\/(doc|man|locale|info|lintian|bug)\/|\/gconv\//;
/** Applets of busybox that /init calls. */
const APPLETS = ["cat", "cut", "mount", "nproc", "poweroff", "seq", "sh", "sha256sum", "sleep"];
const MORE_APPLETS = ["uname", "ls", "echo"];
const MASK = 0o7777;

const init = readFileSync(new URL("debian-init.sh", import.meta.url));

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** What every root file system has; `first` is process 1. */
export function common(first: Uint8Array): Entry[] {
  const folders = ["dev", "proc", "sys", "tmp"].map((path) => ({ path, mode: DIRECTORY | 0o755 }));
  return [
    ...folders,
    { path: "dev/console", mode: CHARACTER_DEVICE | 0o600, device: [5, 1] },
    { path: "dev/null", mode: CHARACTER_DEVICE | 0o666, device: [1, 3] },
    { path: "init", mode: REGULAR | 0o755, data: first },
  ];
}

/** The files of an unpacked tree. */
function tree(top: string, below = ""): Entry[] {
  return readdirSync(join(top, below)).flatMap((name) => {
    const path = below === "" ? name : `${below}/${name}`;
    const place = join(top, path);
    const stat = lstatSync(place);
    const mode = stat.mode & MASK;
    if (stat.isDirectory()) return [{ path, mode: DIRECTORY | mode }, ...tree(top, path)];
    if (stat.isSymbolicLink()) {
      return [{ path, mode: SYMBOLIC_LINK | 0o777, data: text(readlinkSync(place)) }];
    }
    return [{ path, mode: REGULAR | mode, data: readFileSync(place) }];
  });
}

/** The files of an unpacked tree that somebody may need. */
export const keptFiles = (top: string): Entry[] =>
  tree(top).filter(({ path }) => !LEFT_OUT.test(`${path}/`));

function busyboxEntries(cache: PackageCache, packages: readonly Package[]): Entry[] {
  const top = cache.unpack(packages, "unpacked-busybox");
  const links = [...APPLETS, ...MORE_APPLETS].map((name) => {
    return { path: `bin/${name}`, mode: SYMBOLIC_LINK | 0o777, data: text("busybox") };
  });
  const busybox = readFileSync(join(top, "bin", "busybox"));
  return [...common(init), { path: "bin/busybox", mode: REGULAR | 0o755, data: busybox }, ...links];
}

function debianEntries(cache: PackageCache, packages: readonly Package[]): Entry[] {
  const top = cache.unpack(packages, "unpacked-debian");
  const shell = { path: "bin/sh", mode: SYMBOLIC_LINK | 0o777, data: text("dash") };
  return [...common(init), ...keptFiles(top), shell];
}

function kernelImage(cache: PackageCache, kernel: Package): Uint8Array {
  const top = cache.unpack([kernel], "unpacked-kernel");
  const name = readdirSync(join(top, "boot")).find((file) => file.startsWith("vmlinuz-"));
  if (name === undefined) throw new BuildError(`${kernel.file} has no /boot/vmlinuz-*`);
  return readFileSync(join(top, "boot", name));
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The list that is printed and kept beside the files: packages, then what was made of them. */
export function manifest(
  packages: readonly Package[],
  made: readonly [string, Uint8Array][],
): string {
  const line = (hash: string, name: string): string => `${hash}  ${name}\n`;
  const sources = packages.map((one) => line(one.sha256, `${one.name} ${one.version}`));
  return [...sources, ...made.map(([name, bytes]) => line(sha256(bytes), name))].join("");
}

/** Changes whenever what is made, or how, does: the hash of files beside this one. */
export function recipeOf(sources: readonly string[]): string {
  const hash = createHash("sha256");
  for (const name of sources) hash.update(readFileSync(new URL(name, import.meta.url)));
  return hash.digest("hex");
}

const recipe = (): string => recipeOf(["cpio.ts", "debian.ts", "debian-init.sh"]);

function isUpToDate(): boolean {
  if (!Object.values(debianFiles).every((file) => existsSync(file))) return false;
  return readFileSync(debianFiles.recipe, "utf8") === recipe();
}

/** Makes build/debian and returns its list; what is up to date is kept. Throws BuildError. */
export function makeDebianGuests(): string {
  if (isUpToDate()) return readFileSync(debianFiles.manifest, "utf8");
  const cache = new PackageCache(cacheFolder);
  const [kernel, busybox, ...userland] = cache.fetch([cache.kernelName(), BUSYBOX, ...USERLAND]);
  if (kernel === undefined || busybox === undefined) throw new BuildError("no packages");
  const made: [string, Uint8Array][] = [
    ["vmlinuz", kernelImage(cache, kernel)],
    ["busybox.cpio", cpio(busyboxEntries(cache, [busybox]))],
    ["debian.cpio", cpio(debianEntries(cache, userland))],
  ];
  const list = manifest([kernel, busybox, ...userland], made);
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of made) writeFileSync(join(folder, name), bytes);
  writeFileSync(debianFiles.manifest, list);
  writeFileSync(debianFiles.recipe, recipe());
  cache.forget(["unpacked-kernel", "unpacked-busybox", "unpacked-debian"]);
  return list;
}

if (process.argv[1]?.endsWith("scripts/debian.ts")) {
  try {
    process.stdout.write(makeDebianGuests());
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`debian: ${error.message}\n`);
    process.exitCode = 1;
  }
}
