// `xenolith build`: an appliance's folder to a bootable image.

import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import {
  type BuiltAppliance,
  buildAppliance,
  readAppliance,
} from "../disaggregation/appliance/image.ts";
import { makeIso } from "../scripts/iso.ts";
import { buildOptions, hypervisorImage } from "./artefacts.ts";
import { signIso, signPack } from "./signed-image.ts";
import { UsageError } from "./status.ts";

const afterHelp = `
The folder has guest files (NAME.cfg, in the syntax of Xen's xl.cfg) and, if you like, an
appliance.cfg. The image boots from a BIOS or by UEFI, from CD or USB stick. The pack alone is what
"qemu-system-x86_64 -kernel build/xenolith.elf -initrd FILE" takes. Both are signed: FILE.dsse.json
lies beside FILE, and "xenolith run" starts nothing else. The key (PEM, Ed25519) is made where there
is none, with its public half beside it.

Examples:
  xenolith build examples/appliance -o appliance.iso
  xenolith build examples/appliance --pack appliance.pack
  xenolith build examples/appliance -o appliance.iso --key release.pem`;

interface Options {
  readonly output?: string;
  readonly pack?: string;
  readonly key?: string;
  readonly json?: boolean;
}

function makeImage(pack: Uint8Array, output: string): void {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-"));
  try {
    const file = join(folder, "boot.pack");
    writeFileSync(file, pack);
    makeIso(hypervisorImage(), file, output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function describe(built: BuiltAppliance, files: readonly string[]): string {
  const guests = built.guests.map(({ domain, name, vcpus, memoryMib }) => {
    return `domain ${domain}  ${name}: ${vcpus} vCPU(s), ${memoryMib} MiB\n`;
  });
  const hashes = built.ingredients.map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  const made = files.map((file) => `${file}: ${statSync(file).size} bytes\n`);
  const needs = `needs a machine of ${built.machineMemoryMib} MiB\n`;
  return [...guests, ...hashes, ...made, needs].join("");
}

function json(built: BuiltAppliance, files: readonly string[]): string {
  const { guests, ingredients, notes, machineMemoryMib } = built;
  return `${JSON.stringify({ guests, ingredients, notes, machineMemoryMib, files }, null, 2)}\n`;
}

/** The command `build`. */
export function buildCommand(): Command {
  return new Command("build")
    .description("build an appliance's folder into a bootable image")
    .argument("<folder>", "a folder of guest files")
    .option("-o, --output <image.iso>", "the image to write")
    .option("--pack <file>", "write the boot pack alone as well")
    .option("--key <file>", "the private key that signs (build/image-key.pem)")
    .option("--json", "print JSON")
    .addHelpText("after", afterHelp)
    .action(async (folder: string, options: Options) => {
      if (options.output === undefined && options.pack === undefined) {
        throw new UsageError("where to? Give -o IMAGE.iso, --pack FILE, or both");
      }
      const built = await buildAppliance(readAppliance(folder), buildOptions());
      for (const note of built.notes) process.stderr.write(`${note}\n`);
      if (options.pack !== undefined) {
        writeFileSync(options.pack, built.pack);
        signPack(options.pack, options.key);
      }
      if (options.output !== undefined) {
        makeImage(built.pack, options.output);
        signIso(options.output, built.pack, options.key);
      }
      const files = [options.output, options.pack].filter((file) => file !== undefined);
      process.stdout.write(options.json === true ? json(built, files) : describe(built, files));
    });
}
