// A newer C library than the system's, for programs that need one: Debian's packages of its next
// release, unpacked under the cache. Nothing of the system changes: programs are started through
// that tree's own loader. apt checks the packages against the archive's signed lists.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const PACKAGES = ["libc6", "libstdc++6", "libgcc-s1"];
const RELEASE = "trixie";
const SYSTEM_RELEASE = /\bbookworm\b/g;
const SOURCES = "/etc/apt/sources.list.d/debian.sources";
const OLD_SOURCES = "/etc/apt/sources.list";
const LIBRARIES = "usr/lib/x86_64-linux-gnu";
const LOADER = `${LIBRARIES}/ld-linux-x86-64.so.2`;

const folderOf = (root: string): string => join(root, ".cache/newer-library");

/** No such library can be had; the message says why. */
export class LibraryError extends Error {}

/** Version of the C library that this process runs with, such as "2.36"; "0" if it has another. */
function systemVersion(): string {
  const report = process.report?.getReport() as unknown as
    | { readonly header: { readonly glibcVersionRuntime?: string } }
    | undefined;
  return report?.header.glibcVersionRuntime ?? "0";
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = than.split(".").map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

function run(command: string, parameters: readonly string[], folder: string): void {
  try {
    execFileSync(command, parameters, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    const why = error instanceof Error ? error.message.trim() : String(error);
    throw new LibraryError(`${command} could not get Debian ${RELEASE}'s C library: ${why}`);
  }
}

/** apt's options for lists, cache and sources of our own. Throws LibraryError. */
function aptOptions(folder: string): string[] {
  const source = [SOURCES, OLD_SOURCES].find((file) => existsSync(file));
  if (source === undefined) throw new LibraryError(`there is no ${SOURCES}: is this Debian 12?`);
  const text = readFileSync(source, "utf8").replace(SYSTEM_RELEASE, RELEASE);
  const own = join(folder, source === SOURCES ? "own.sources" : "own.list");
  for (const part of ["lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  writeFileSync(own, text);
  const settings = {
    "APT::Sandbox::User": "",
    "Dir::Etc::sourcelist": own,
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::State::lists": join(folder, "lists"),
    "Dir::Cache": join(folder, "cache"),
    "Debug::NoLocking": "1",
  };
  return ["-q", ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}

/** Fetches and unpacks the packages, unless that was done. Throws LibraryError. */
function unpacked(folder: string): string {
  const tree = join(folder, "root");
  if (existsSync(tree)) return tree;
  process.stderr.write(`fetching ${PACKAGES.join(", ")} of Debian ${RELEASE} into ${folder}\n`);
  const options = aptOptions(folder);
  run("apt-get", [...options, "update"], folder);
  run("apt-get", [...options, "download", ...PACKAGES], folder);
  const partial = `${tree}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".deb"))) {
    run("dpkg-deb", ["-x", join(folder, file), partial], folder);
  }
  renameSync(partial, tree);
  return tree;
}

/** Is the system's C library of at least this version, or a newer one in the cache of `root`? */
export function hasLibrary(version: string, root: string): boolean {
  return !isOlder(systemVersion(), version) || existsSync(join(folderOf(root), "root"));
}

/**
 * The command line that starts Node.js with a C library of at least this version: the system's, or
 * a newer one through its loader.
 * @param root the project's folder, whose cache is used
 * @throws LibraryError when neither is to be had
 */
export function nodeWithLibrary(
  version: string,
  root: string,
): readonly [program: string, ...rest: string[]] {
  if (!isOlder(systemVersion(), version)) return [process.execPath];
  const tree = unpacked(folderOf(root));
  const libraries = join(tree, LIBRARIES);
  return [join(tree, LOADER), "--library-path", libraries, process.execPath];
}
