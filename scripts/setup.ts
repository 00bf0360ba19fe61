// Names each system package that is missing and why it is needed, asks, and installs them. Needs no
// root when nothing is missing. `npx tsx scripts/setup.ts [--yes]`.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { BuildError } from "./command.ts";

export interface Requirement {
  readonly package: string;
  readonly why: string;
  /** It is there when one of these files is. */
  readonly files: readonly string[];
}

const program = (name: string): string[] => [`/usr/bin/${name}`, `/usr/local/bin/${name}`];

/** What Debian 12 must have beside Node.js. */
export const requirements: readonly Requirement[] = [
  { package: "gcc", why: "compiles the core's C form to native code", files: program("gcc") },
  { package: "binutils", why: "links build/xenolith.elf", files: program("ld") },
  {
    package: "qemu-system-x86",
    why: "runs appliances: a machine with AMD SVM, emulated",
    files: program("qemu-system-x86_64"),
  },
  { package: "grub-common", why: "makes bootable images", files: program("grub-mkimage") },
  {
    package: "grub-pc-bin",
    why: "lets images boot from a BIOS",
    files: ["/usr/lib/grub/i386-pc/boot_hybrid.img"],
  },
  {
    package: "grub-efi-amd64-bin",
    why: "lets images boot by UEFI",
    files: ["/usr/lib/grub/x86_64-efi/multiboot2.mod"],
  },
  { package: "xorriso", why: "writes ISO images", files: program("xorriso") },
  { package: "mtools", why: "writes the UEFI part of images", files: program("mformat") },
  {
    package: "ovmf",
    why: "UEFI firmware for QEMU: xenolith run --uefi, and its tests",
    files: ["/usr/share/OVMF/OVMF_CODE_4M.fd"],
  },
];

/** What `npm test` needs besides: other people's tools, which ours are compared with. */
export const oracles: readonly Requirement[] = [
  {
    package: "checkpolicy",
    why: "the tests compare compiled policies with it",
    files: program("checkpolicy"),
  },
  {
    package: "setools",
    why: "the tests compare policy analysis with it",
    files: program("seinfo"),
  },
  { package: "m4", why: "the tests compare expanded policy macros with it", files: program("m4") },
  { package: "z3", why: "the tests ask it for a second opinion on proofs", files: program("z3") },
  {
    package: "cvc5",
    why: "the tests ask it for a third opinion on proofs",
    files: program("cvc5"),
  },
  {
    package: "libc6-dev",
    why: "the tests build the core for Linux, with sanitizers",
    files: ["/usr/include/stdint.h"],
  },
  {
    package: "redis-server",
    why: "the tests hand jobs to workers over it",
    files: program("redis-server"),
  },
  { package: "cloc", why: "counts the lines of the core", files: program("cloc") },
];

/** What looks at the audit's report as its reader does: the checks audit.site and audit.walk, and
 *  the script that takes the README's pictures. Nothing else needs it. */
export const browsers: readonly Requirement[] = [
  { package: "chromium", why: "opens the report of the audit", files: program("chromium") },
  {
    package: "fonts-dejavu-core",
    why: "letters for the report's pages",
    files: ["/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"],
  },
];

/** The requirements that are not there. */
export function missing(
  wanted: readonly Requirement[] = requirements,
  exists: (file: string) => boolean = existsSync,
): Requirement[] {
  return wanted.filter(({ files }) => !files.some(exists));
}

function aptGet(parameters: readonly string[]): void {
  const root = process.getuid?.() === 0;
  const line = root ? ["apt-get", ...parameters] : ["sudo", "apt-get", ...parameters];
  const [command = "", ...rest] = line;
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const result = spawnSync(command, rest, { stdio: "inherit", env: environment });
  if (result.status !== 0) throw new BuildError(`"${line.join(" ")}" failed`);
}

async function agrees(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Install them now? [Y/n] ");
  terminal.close();
  return /^(y(es)?)?$/i.test(answer.trim());
}

/** Installs what is missing of `wanted`, after asking. `yes`, CI in the environment, or being root
 *  without a terminal answers for the user.
 *  Throws BuildError when something stays missing. */
export async function setUp(yes: boolean, wanted = requirements): Promise<void> {
  const absent = missing(wanted);
  if (absent.length === 0) return;
  process.stdout.write("These Debian packages are missing:\n");
  for (const { package: name, why } of absent) {
    process.stdout.write(`  ${name.padEnd(20)} ${why}\n`);
  }
  const names = absent.map((one) => one.package);
  const command = `apt-get install --no-install-recommends ${names.join(" ")}`;
  // Without a terminal nobody can be asked; root installs, anybody else is told what to do.
  const root = process.getuid?.() === 0 && !process.stdin.isTTY;
  const unasked = yes || process.env.CI !== undefined || root;
  if (!unasked && !(process.stdin.isTTY && (await agrees()))) {
    throw new BuildError(`install them as root and start again (or give --yes): ${command}`);
  }
  aptGet(["update", "-q"]);
  aptGet(["install", "-q", "-y", "--no-install-recommends", ...names]);
  const still = missing(wanted);
  if (still.length === 0) return;
  throw new BuildError(`still missing: ${still.map((one) => one.package).join(", ")}`);
}

if (process.argv[1]?.endsWith("scripts/setup.ts")) {
  try {
    await setUp(process.argv.includes("--yes"));
    process.stdout.write("All system packages are there.\n");
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`setup: ${error.message}\n`);
    process.exitCode = 1;
  }
}
