// Builds the test guests: build/guests/NAME.elf. Needs gcc and binutils alone.

import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError, run } from "../../scripts/command.ts";

export interface Guest {
  readonly name: string;
  /** Relative to this folder, without the runtime. */
  readonly sources: readonly string[];
  /** i386: flat, no paging. x86-64-elf32: 64-bit code in an image of class ELF32, as XTF has it. */
  readonly kind: "x86-64" | "i386" | "x86-64-elf32";
  /** Bytes of the PVH note's descriptor. */
  readonly noteBytes: 4 | 8;
}

const hostile = ["main.c", "crash.c", "state.c", "probe.c", "flood.c"];

/** Every guest. */
export const guests: readonly Guest[] = [
  { name: "avx", sources: ["avx.c"], kind: "x86-64", noteBytes: 8 },
  { name: "bench", sources: ["bench.c"], kind: "x86-64", noteBytes: 8 },
  { name: "bench32", sources: ["bench.c"], kind: "i386", noteBytes: 4 },
  { name: "denied", sources: ["denied.c"], kind: "x86-64", noteBytes: 8 },
  { name: "frames", sources: ["frames.c"], kind: "x86-64", noteBytes: 8 },
  { name: "fpu", sources: ["fpu.c"], kind: "x86-64", noteBytes: 8 },
  { name: "grant", sources: ["grant.c"], kind: "x86-64", noteBytes: 8 },
  { name: "heartbeat", sources: ["heartbeat.c"], kind: "x86-64", noteBytes: 8 },
  {
    name: "hostile",
    sources: hostile.map((file) => join("hostile", file)),
    kind: "x86-64",
    noteBytes: 8,
  },
  { name: "reload", sources: ["reload.c"], kind: "x86-64", noteBytes: 8 },
  { name: "smp", sources: ["smp.c", "trampoline.S"], kind: "x86-64", noteBytes: 8 },
  { name: "spin", sources: ["spin.c"], kind: "x86-64", noteBytes: 8 },
  { name: "stranger32", sources: ["stranger.c"], kind: "i386", noteBytes: 4 },
  { name: "stranger64", sources: ["stranger.c"], kind: "x86-64-elf32", noteBytes: 4 },
];

const runtime = [
  "apic.c",
  "console.c",
  "cpu.c",
  "entry.S",
  "interrupt.c",
  "text.c",
  "time.c",
].concat("vectors.S");
const folder = fileURLToPath(new URL(".", import.meta.url));
const root = join(folder, "..", "..");

/** Where the images are. */
export const guestFolder = join(root, "build", "guests");

/** Path of a guest's image. */
export function guestImage(name: string): string {
  return join(guestFolder, `${name}.elf`);
}

function compilerFlags(guest: Guest): string[] {
  return [
    ...[guest.kind === "i386" ? "-m32" : "-m64", "-std=gnu11", "-O2", "-ffreestanding"],
    ...["-fno-pic", "-fno-pie", "-mno-red-zone", "-mgeneral-regs-only", "-fno-stack-protector"],
    ...["-fno-asynchronous-unwind-tables", "-fcf-protection=none", "-fno-builtin"],
    ...["-Wall", "-Wextra", "-Werror", `-DNOTE_BYTES=${guest.noteBytes}`],
    // Paths of the tree that is built must not reach the image.
    ...[`-ffile-prefix-map=${root}=.`, "-Wno-builtin-declaration-mismatch"],
  ];
}

/** Builds one guest; throws BuildError with the tool's words. */
export function buildGuest(guest: Guest): void {
  const objects = join(guestFolder, "objects", guest.name);
  mkdirSync(objects, { recursive: true });
  const sources = [...runtime.map((file) => join("runtime", file)), ...guest.sources];
  const made = sources.map((source) => {
    const object = join(objects, `${basename(source)}.o`);
    run("gcc", [...compilerFlags(guest), "-c", source, "-o", object], folder);
    return object;
  });
  const emulation = guest.kind === "i386" ? "elf_i386" : "elf_x86_64";
  const script = join("runtime", "link.ld");
  const flags = ["-nostdlib", "-static", "--build-id=none", "-z", "max-page-size=4096"];
  const image = guestImage(guest.name);
  const warnings = ["--no-warn-rwx-segments", "-z", "noexecstack"];
  run("ld", ["-m", emulation, ...flags, ...warnings, "-T", script, ...made, "-o", image], folder);
  const strip = guest.kind === "x86-64-elf32" ? ["-O", "elf32-x86-64"] : [];
  run("objcopy", ["--strip-all", ...strip, image], folder);
}

function newest(paths: readonly string[]): number {
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}

/** Builds the guests that are missing or older than a source. Throws BuildError. */
export function buildGuests(): void {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const sources = names.filter((name) => /\.(c|h|S|ld|ts)$/.test(name));
  const changed = newest(sources.map((name) => join(folder, name)));
  for (const guest of guests) {
    const image = guestImage(guest.name);
    if (!existsSync(image) || statSync(image).mtimeMs < changed) buildGuest(guest);
  }
}

if (process.argv[1]?.endsWith("guests/build.ts")) {
  try {
    buildGuests();
    const made = guests.map(({ name }) => guestImage(name)).filter((path) => existsSync(path));
    for (const path of made) process.stdout.write(`${statSync(path).size} ${basename(path)}\n`);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`guests: ${error.message}\n`);
    process.exitCode = 1;
  }
}
