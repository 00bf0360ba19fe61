// hvm_start_info version 1 with its module list, memory map and command line, in one page
// (public/arch-x86/hvm/start_info.h).

import {
  COMMAND_LINE_LIMIT,
  GENERATED,
  PARAMETER_COMMAND_LINE,
  PARAMETER_COMMAND_LINE_BYTES,
  PARAMETERS,
} from "./layout";
import { ACPI_ADDRESS, ACPI_BYTES, HIGH_MEMORY, SPECIAL_ADDRESS, SPECIAL_BYTES } from "./places";

const MAGIC: u32 = 0x336ec578;
const VERSION: u32 = 1;
/** Places in the page. */
const MODULE_LIST: u32 = 0x40;
const MEMORY_MAP: u32 = 0x80;
const COMMAND_LINE: u32 = 0x200;
const MAP_ENTRY_BYTES: u32 = 24;
/** Types of the memory map, as in E820. */
const TYPE_RAM: u32 = 1;
const TYPE_RESERVED: u32 = 2;
const TYPE_ACPI: u32 = 3;

function addMemory(index: u32, gpa: u64, bytes: u64, type: u32): void {
  const entry: u32 = GENERATED + MEMORY_MAP + index * MAP_ENTRY_BYTES;
  store<u64>(entry, gpa);
  store<u64>(entry, bytes, 8);
  store<u32>(entry, type, 16);
}

/** Ascending addresses; what is not listed is free for the guest's own use (grant table). */
function writeMemoryMap(lowBytes: u64, highBytes: u64): u32 {
  addMemory(0, 0, lowBytes, TYPE_RAM);
  addMemory(1, ACPI_ADDRESS, ACPI_BYTES, TYPE_ACPI);
  addMemory(2, SPECIAL_ADDRESS, SPECIAL_BYTES, TYPE_RESERVED);
  if (highBytes == 0) return 3;
  addMemory(3, HIGH_MEMORY, highBytes, TYPE_RAM);
  return 4;
}

function writeModule(gpa: u64, ramdisk: u64, ramdiskBytes: u64): void {
  if (ramdiskBytes == 0) return;
  store<u32>(GENERATED, 1, 12);
  store<u64>(GENERATED, gpa + MODULE_LIST, 16);
  store<u64>(GENERATED + MODULE_LIST, ramdisk);
  store<u64>(GENERATED + MODULE_LIST, ramdiskBytes, 8);
}

function writeCommandLine(): void {
  const bytes: u32 = load<u32>(PARAMETERS, PARAMETER_COMMAND_LINE_BYTES);
  for (let index: u32 = 0; index < COMMAND_LINE_LIMIT; index++) {
    if (index >= bytes) break;
    const letter: u8 = load<u8>(PARAMETERS + PARAMETER_COMMAND_LINE + index);
    store<u8>(GENERATED + COMMAND_LINE + index, letter);
  }
}

/** Writes the page that will lie at `gpa`. */
export function writeStartInfo(
  gpa: u64,
  ramdisk: u64,
  ramdiskBytes: u64,
  lowBytes: u64,
  highBytes: u64,
): void {
  store<u32>(GENERATED, MAGIC);
  store<u32>(GENERATED, VERSION, 4);
  writeModule(gpa, ramdisk, ramdiskBytes);
  store<u64>(GENERATED, gpa + COMMAND_LINE, 24);
  store<u64>(GENERATED, ACPI_ADDRESS, 32);
  store<u64>(GENERATED, gpa + MEMORY_MAP, 40);
  store<u32>(GENERATED, writeMemoryMap(lowBytes, highBytes), 48);
  writeCommandLine();
}
