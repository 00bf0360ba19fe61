// Fetches Debian packages without root and unpacks them. apt checks each against the archive's
// signed lists; lists of our own are fetched when the system has none.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BuildError, run } from "./command.ts";

/** A package file in the cache. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly file: string;
}

/** The meta package whose dependency is the newest cloud kernel of Debian 12. */
const KERNEL_META = "linux-image-cloud-amd64";
/** No sandbox user: the files belong to whoever runs this. */
const QUIET = ["-q", "-o", "APT::Sandbox::User="];
const KERNEL = /^linux-image-6\.1\.0-[0-9]+-cloud-amd64$/;

/** Fetches into, and unpacks under, one folder. */
export class PackageCache {
  readonly #folder: string;
  #options: string[] | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** apt's options: the system's lists if they know the kernel, else lists of our own. */
  #apt(): string[] {
    if (this.#options !== undefined) return this.#options;
    if (this.#kernelOf(QUIET) === undefined) return this.#ownLists();
    this.#options = QUIET;
    return this.#options;
  }

  /** Fetches package lists into the cache folder, which needs no root. */
  #ownLists(): string[] {
    const lists = join(this.#folder, "lists");
    const archives = join(this.#folder, "cache");
    mkdirSync(join(lists, "partial"), { recursive: true });
    mkdirSync(join(archives, "archives", "partial"), { recursive: true });
    const own = ["-o", `Dir::State::lists=${lists}`, "-o", `Dir::Cache=${archives}`];
    this.#options = [...QUIET, ...own, "-o", "Debug::NoLocking=1"];
    run("apt-get", [...this.#options, "update"], this.#folder);
    return this.#options;
  }

  #kernelOf(options: readonly string[]): string | undefined {
    try {
      const said = run("apt-cache", [...options, "depends", KERNEL_META], this.#folder);
      const names = said.split("\n").map((line) => line.replace("Depends:", "").trim());
      return names.find((name) => KERNEL.test(name));
    } catch (error) {
      if (error instanceof BuildError) return undefined;
      throw error;
    }
  }

  #cached(): string[] {
    return readdirSync(this.#folder).filter((name) => name.endsWith(".deb"));
  }

  /** The name of the newest cloud kernel's package: a cached one, or what the archive has. */
  kernelName(): string {
    const cached = this.#cached().map((file) => file.split("_")[0] ?? "");
    const known = cached.find((name) => KERNEL.test(name)) ?? this.#kernelOf(this.#apt());
    if (known !== undefined) return known;
    const why = "is this Debian 12 (bookworm) with its security archive?";
    throw new BuildError(`apt knows no linux-image-6.1.0-*-cloud-amd64; ${why}`);
  }

  /** The packages, from the cache or from the archive. Throws BuildError. */
  fetch(names: readonly string[]): Package[] {
    const have = (name: string): string | undefined =>
      this.#cached().find((file) => file.startsWith(`${name}_`));
    const missing = names.filter((name) => have(name) === undefined);
    if (missing.length > 0) this.#download(missing);
    return names.map((name) => {
      const file = have(name);
      if (file === undefined) throw new BuildError(`apt did not fetch ${name}`);
      return this.#describe(join(this.#folder, file));
    });
  }

  /** The system's lists may name versions that the archive has replaced since. */
  #download(names: readonly string[]): void {
    try {
      run("apt-get", [...this.#apt(), "download", ...names], this.#folder);
    } catch (error) {
      if (!(error instanceof BuildError) || this.#options !== QUIET) throw error;
      run("apt-get", [...this.#ownLists(), "download", ...names], this.#folder);
    }
  }

  #describe(file: string): Package {
    const fields = run("dpkg-deb", ["-f", file, "Package", "Version"], this.#folder);
    const field = (name: string): string =>
      new RegExp(`^${name}: (.*)$`, "m").exec(fields)?.[1] ?? "";
    const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
    return { name: field("Package"), version: field("Version"), sha256, file };
  }

  /** Unpacks packages into a fresh folder `name` of the cache and returns its path. */
  unpack(packages: readonly Package[], name: string): string {
    const folder = join(this.#folder, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const { file } of packages) run("dpkg-deb", ["-x", file, folder], this.#folder);
    return folder;
  }

  /** Removes what was unpacked. */
  forget(names: readonly string[]): void {
    for (const name of names) rmSync(join(this.#folder, name), { recursive: true });
  }
}
