// The smallest set of ACPI tables with which Linux finds its CPUs and can power itself off: RSDP,
// XSDT, a hardware-reduced FADT, a DSDT with \_S5, and a MADT with one x2APIC entry for each vCPU.
// The APIC id of a vCPU is its number; so is its ACPI processor uid, which Linux takes as Xen's
// vCPU number.

import { GENERATED, VCPU_LIMIT } from "./layout";
import { ACPI_ADDRESS } from "./places";

/** Linear address of the page, and the tables' places in it. */
export const ACPI_PAGE: u32 = GENERATED + 0x1000;
const XSDT: u32 = 0x40;
const FADT: u32 = 0x80;
const DSDT: u32 = 0x1a0;
const MADT: u32 = 0x200;

const HEADER_BYTES: u32 = 36;
const XSDT_BYTES: u32 = HEADER_BYTES + 16;
const FADT_BYTES: u32 = 268;
const DSDT_BYTES: u32 = HEADER_BYTES + 13;
const MADT_BYTES: u32 = HEADER_BYTES + 8;
const MADT_ENTRY_BYTES: u32 = 16;
const TYPE_X2APIC: u32 = 9;
const LOCAL_APIC_ADDRESS: u32 = 0xfee00000;

/** Ports that a guest writes to switch itself off; the core watches the first. */
const SLEEP_CONTROL_PORT: u64 = 0x604;
const SLEEP_STATUS_PORT: u64 = 0x605;
/** No VGA, no PCIe ASPM, no CMOS clock; and neither legacy devices nor a keyboard controller. */
const BOOT_FLAGS: u32 = 0x34;
/** The interrupt that events would come by, as Xen has it: there are none. */
const SCI: u16 = 9;
/** WBINVD works, no fixed power or sleep button, hardware-reduced. */
const FADT_FLAGS: u32 = 0x100031;

/** "XENO" and "LITH": the OEM table id; parts of them are the other ids. */
const ID_LOW: u32 = 0x4f4e4558;
const ID_HIGH: u32 = 0x4854494c;
/** "LI": bytes 4 and 5 of the six-byte OEM id. */
const ID_MIDDLE: u16 = 0x494c;

function sum(start: u32, bytes: u32): u32 {
  let total: u32 = 0;
  for (let index: u32 = 0; index < 0x1000; index++) {
    if (index >= bytes) break;
    total += load<u8>(start + index);
  }
  return total & 0xff;
}

/** Makes the bytes of a table add up to zero. */
function seal(table: u32, bytes: u32, at: u32): void {
  store<u8>(table + at, 0);
  store<u8>(table + at, (0x100 - sum(table, bytes)) as u8);
}

function header(table: u32, signature: u32, bytes: u32, revision: u32): void {
  store<u32>(table, signature);
  store<u32>(table, bytes, 4);
  store<u8>(table, revision as u8, 8);
  store<u32>(table, ID_LOW, 10);
  store<u16>(table, ID_MIDDLE, 14);
  store<u32>(table, ID_LOW, 16);
  store<u32>(table, ID_HIGH, 20);
  store<u32>(table, 1, 24);
  store<u32>(table, ID_LOW, 28);
  store<u32>(table, 1, 32);
}

function writeRsdp(): void {
  store<u32>(ACPI_PAGE, 0x20445352); // "RSD "
  store<u32>(ACPI_PAGE, 0x20525450, 4); // "PTR "
  store<u32>(ACPI_PAGE, ID_LOW, 9);
  store<u16>(ACPI_PAGE, ID_MIDDLE, 13);
  store<u8>(ACPI_PAGE, 2, 15);
  store<u32>(ACPI_PAGE, 36, 20);
  store<u64>(ACPI_PAGE, ACPI_ADDRESS + XSDT, 24);
  seal(ACPI_PAGE, 20, 8);
  seal(ACPI_PAGE, 36, 32);
}

function writeXsdt(): void {
  const table: u32 = ACPI_PAGE + XSDT;
  header(table, 0x54445358, XSDT_BYTES, 1); // "XSDT"
  store<u64>(table, ACPI_ADDRESS + FADT, 36);
  store<u64>(table, ACPI_ADDRESS + MADT, 44);
  seal(table, XSDT_BYTES, 9);
}

/** A generic address: one byte of I/O space, accessed as a byte. */
function register(place: u32, port: u64): void {
  store<u8>(place, 1);
  store<u8>(place, 8, 1);
  store<u8>(place, 1, 3);
  store<u64>(place, port, 4);
}

function writeFadt(): void {
  const table: u32 = ACPI_PAGE + FADT;
  header(table, 0x50434146, FADT_BYTES, 5); // "FACP"
  store<u32>(table, (ACPI_ADDRESS + DSDT) as u32, 40);
  store<u16>(table, BOOT_FLAGS as u16, 109);
  store<u16>(table, SCI, 46);
  store<u32>(table, FADT_FLAGS, 112);
  store<u64>(table, ACPI_ADDRESS + DSDT, 140);
  register(table + 244, SLEEP_CONTROL_PORT);
  register(table + 256, SLEEP_STATUS_PORT);
  seal(table, FADT_BYTES, 9);
}

/** Name (\_S5, Package () {5, 0, 0, 0}): what makes Linux offer to power off. */
function writeDsdt(): void {
  const table: u32 = ACPI_PAGE + DSDT;
  header(table, 0x54445344, DSDT_BYTES, 2); // "DSDT"
  store<u32>(table, 0x35535f08, HEADER_BYTES);
  store<u32>(table, 0x0407125f, HEADER_BYTES + 4);
  store<u16>(table, 0x050a, HEADER_BYTES + 8);
  seal(table, DSDT_BYTES, 9);
}

function writeMadt(vcpus: u32): void {
  const table: u32 = ACPI_PAGE + MADT;
  const bytes: u32 = MADT_BYTES + vcpus * MADT_ENTRY_BYTES;
  header(table, 0x43495041, bytes, 3); // "APIC"
  store<u32>(table, LOCAL_APIC_ADDRESS, 36);
  for (let vcpu: u32 = 0; vcpu < VCPU_LIMIT; vcpu++) {
    if (vcpu >= vcpus) break;
    const entry: u32 = table + MADT_BYTES + vcpu * MADT_ENTRY_BYTES;
    store<u8>(entry, TYPE_X2APIC as u8);
    store<u8>(entry, MADT_ENTRY_BYTES as u8, 1);
    store<u32>(entry, vcpu, 4);
    store<u32>(entry, 1, 8);
    store<u32>(entry, vcpu, 12);
  }
  seal(table, bytes, 9);
}

/** Writes the page of ACPI tables. */
export function writeAcpi(vcpus: u32): void {
  writeRsdp();
  writeXsdt();
  writeFadt();
  writeDsdt();
  writeMadt(vcpus);
}
