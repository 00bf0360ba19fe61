// Wraps an image and its boot pack into one small ISO that GRUB boots on BIOS and on UEFI machines,
// from a disc or a USB stick. Same input, same bytes: every date and serial number is fixed.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "./command.ts";

/** 1 January 2026, as seconds and as xorriso writes it. */
const EPOCH_SECONDS = 1767225600;
const VOLUME_DATE = "2026010100000000";
const SERIAL = "58454e4f";
const environment = { SOURCE_DATE_EPOCH: String(EPOCH_SECONDS), TZ: "UTC" };

const menu = `search.file /boot/xenolith.elf root
multiboot2 /boot/xenolith.elf
module2 /boot/xenolith.pack
boot
`;
const modules = ["iso9660", "part_msdos", "part_gpt", "search_fs_file", "multiboot2", "boot"];
const HYBRID_BOOT = "/usr/lib/grub/i386-pc/boot_hybrid.img";

function grubImage(folder: string, format: string, output: string, more: readonly string[]): void {
  const options = ["-O", format, "-o", output, "-p", "/boot", "-c", "grub.cfg"];
  run("grub-mkimage", [...options, ...modules, ...more], folder, environment);
}

/** A FAT image with GRUB where UEFI firmware looks for it. */
function efiImage(folder: string): void {
  grubImage(folder, "x86_64-efi", "BOOTX64.EFI", ["fat"]);
  utimesSync(join(folder, "BOOTX64.EFI"), EPOCH_SECONDS, EPOCH_SECONDS);
  const image = ["-i", "tree/boot/efi.img"];
  run("mformat", [...image, "-C", "-f", "2880", "-N", SERIAL, "::"], folder, environment);
  run("mmd", [...image, "::/EFI", "::/EFI/BOOT"], folder, environment);
  run("mcopy", [...image, "-m", "BOOTX64.EFI", "::/EFI/BOOT/"], folder, environment);
}

function writeVolume(folder: string, out: string): void {
  const bios = ["-b", "boot/bios.img", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"];
  const hybrid = ["--grub2-boot-info", "--grub2-mbr", HYBRID_BOOT];
  const uefi = ["--efi-boot", "boot/efi.img", "-efi-boot-part", "--efi-boot-image"];
  const label = ["--protective-msdos-label", "-volid", "XENOLITH", "-R"];
  const dates = [`--modification-date=${VOLUME_DATE}`, "--set_all_file_dates", VOLUME_DATE];
  const parameters = [...bios, ...hybrid, ...uefi, ...label, ...dates, "-o", out, "tree"];
  run("xorriso", ["-as", "mkisofs", ...parameters], folder, environment);
}

/** Writes `out`, a hybrid ISO with `elf` and `pack`. Throws BuildError when a tool is missing. */
export function makeIso(elf: string, pack: string, out: string): void {
  const folder = mkdtempSync(join(tmpdir(), "xenolith-iso-"));
  try {
    const boot = join(folder, "tree", "boot");
    mkdirSync(boot, { recursive: true });
    copyFileSync(elf, join(boot, "xenolith.elf"));
    copyFileSync(pack, join(boot, "xenolith.pack"));
    writeFileSync(join(folder, "grub.cfg"), menu);
    grubImage(folder, "i386-pc-eltorito", "tree/boot/bios.img", ["biosdisk"]);
    efiImage(folder);
    writeVolume(folder, resolve(out));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
