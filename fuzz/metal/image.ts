// The fuzzing guest's code, and the boot pack in which every resident runs it. The same pack boots
// the metal and the simulated machine, so that both begin with the same memory.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { actors } from "../program/program.ts";
import { bootPack, KEEPER, residents } from "../world/pack.ts";
import { damagedPolicy, policies } from "../world/policy.ts";
import { pageTables } from "../world/world.ts";

const folder = fileURLToPath(new URL("guest", import.meta.url));

/** Where code and stacks lie in each resident (guest/link.ld, guest/entry.S), first and end. */
export const CODE = { first: 0x180000, end: 0x198000 } as const;
/** The guest's page tables. */
export const TABLES = { first: 0x10000, end: 0x14000 } as const;
/** What guests reach without an exit: a register of a serial port, QEMU's debug console, its fw_cfg
 *  and its exit device (guest/guest.c). */
const PORTS = [
  [0x2ff, 0x2ff],
  [0x420, 0x420],
  [0x510, 0x511],
  [0xf4, 0xf4],
] as const;

const FLAGS = [
  ...["-m64", "-std=gnu11", "-O2", "-ffreestanding", "-fno-pic", "-fno-pie", "-mno-red-zone"],
  ...["-mgeneral-regs-only", "-fno-stack-protector", "-fno-asynchronous-unwind-tables"],
  ...["-fcf-protection=none", "-Wall", "-Wextra", "-Werror"],
];

/** Builds the guest with gcc and ld. Throws Error with the tool's words. */
export function guestCode(): Uint8Array {
  const made = mkdtempSync(join(tmpdir(), "xenolith-guest-"));
  const run = (program: string, parameters: readonly string[]): void => {
    execFileSync(program, parameters, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  };
  try {
    const objects = ["entry.S", "guest.c"].map((source) => {
      const object = join(made, `${source}.o`);
      run("gcc", [...FLAGS, "-c", source, "-o", object]);
      return object;
    });
    const image = join(made, "guest.bin");
    run("ld", [
      "-nostdlib",
      "-static",
      "--build-id=none",
      "-T",
      "link.ld",
      ...objects,
      "-o",
      image,
    ]);
    const code = readFileSync(image);
    const whole = new Uint8Array(Math.ceil(code.length / 8) * 8);
    whole.set(code);
    return whole;
  } finally {
    rmSync(made, { recursive: true });
  }
}

/** A page table entry as the CPU leaves it: accessed, and dirty where it is a leaf. */
const USED = 0x60;

function tableBytes(): Uint8Array {
  const bytes = new Uint8Array(TABLES.end - TABLES.first);
  const view = new DataView(bytes.buffer);
  for (const [address, value] of pageTables()) {
    view.setUint32(address - TABLES.first, value === 0 ? 0 : value | USED, true);
  }
  return bytes;
}

/** The boot pack of residents that run `code`. */
export function metalPack(code: Uint8Array): Uint8Array {
  const tables = tableBytes();
  const everywhere = residents.flatMap(({ domain }) => [
    { domain, address: TABLES.first, bytes: tables },
    { domain, address: CODE.first, bytes: code },
  ]);
  const copies = Array.from({ length: policies.copies }, (_, copy) => ({
    domain: KEEPER,
    address: policies.at + copy * policies.stride,
    bytes: damagedPolicy(copy),
  }));
  return bootPack({
    entry: CODE.first,
    told: (domain, id) => actors.findIndex(([of, number]) => of === domain && number === id),
    contents: [...everywhere, ...copies],
    ports: PORTS,
  });
}
