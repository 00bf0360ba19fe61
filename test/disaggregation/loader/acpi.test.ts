// What would be caught: ACPI tables that ACPICA refuses (a wrong checksum, length or pointer),
// vCPUs that Linux cannot start, a power-off that it does not offer.

import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { layOutGuest } from "../../../disaggregation/appliance/loader.ts";
import { ensureLoader } from "./built.ts";
import { smallElf } from "./elf-builder.ts";

const BASE = 0xfc000000;
const PAGE = 4096;

/** The page of tables of a guest with so many vCPUs. */
function acpiPage(vcpus: number): Buffer {
  const { generated, rows } = layOutGuest({
    kernel: smallElf(),
    kernelName: "kernel",
    ramdiskBytes: 0,
    commandLine: "",
    memoryBytes: 64 * 1024 * 1024,
    vcpus,
  });
  const row = rows.find(({ kind, gpa }) => kind === "generated" && gpa === BASE);
  return Buffer.from(generated.subarray(row?.offset, (row?.offset ?? 0) + PAGE));
}

const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => total + byte, 0) & 0xff;

/** A table by its guest-physical address. */
function table(page: Buffer, gpa: bigint): Buffer {
  const at = Number(gpa) - BASE;
  return page.subarray(at, at + page.readUInt32LE(at + 4));
}

function tables(page: Buffer) {
  const xsdt = table(page, page.readBigUInt64LE(24));
  const fadt = table(page, xsdt.readBigUInt64LE(36));
  const madt = table(page, xsdt.readBigUInt64LE(44));
  return { xsdt, fadt, madt, dsdt: table(page, fadt.readBigUInt64LE(140)) };
}

beforeAll(ensureLoader);

describe("ACPI tables", () => {
  test.each([1, 2, 32])("of %i vCPUs add up to zero, each where a pointer says", (vcpus) => {
    const page = acpiPage(vcpus);
    expect(page.toString("latin1", 0, 8)).toBe("RSD PTR ");
    expect([sum(page.subarray(0, 20)), sum(page.subarray(0, 36))]).toEqual([0, 0]);
    const all = tables(page);
    const names = Object.values(all).map((one) => one.toString("latin1", 0, 4));
    expect(names).toEqual(["XSDT", "FACP", "APIC", "DSDT"]);
    expect(Object.values(all).map(sum)).toEqual([0, 0, 0, 0]);
  });

  test("name each vCPU with its number as APIC id and as uid", () => {
    const { madt } = tables(acpiPage(3));
    expect(madt.readUInt32LE(40)).toBe(0);
    const entries = [0, 1, 2].map((index) => {
      const at = 44 + index * 16;
      const fields = [madt[at], madt[at + 1], madt.readUInt32LE(at + 4)];
      return [...fields, madt.readUInt32LE(at + 8), madt.readUInt32LE(at + 12)];
    });
    expect(entries).toEqual([0, 1, 2].map((vcpu) => [9, 16, vcpu, 1, vcpu]));
    expect(madt.length).toBe(44 + 3 * 16);
  });

  test("offer power-off by port 0x604, and nothing of a PC", () => {
    const { fadt, dsdt } = tables(acpiPage(1));
    expect([fadt.length, fadt[8]]).toEqual([268, 5]);
    expect(fadt.readUInt32LE(112).toString(16)).toBe("100031");
    expect(fadt.readUInt16LE(109)).toBe(0x34);
    const port = (at: number) => [fadt[at], fadt[at + 1], fadt.readBigUInt64LE(at + 4)];
    expect(port(244)).toEqual([1, 8, 0x604n]);
    expect(port(256)).toEqual([1, 8, 0x605n]);
    expect(dsdt.subarray(36).toString("hex")).toBe("085f53355f1207040a05000000");
    expect(fadt.readUInt32LE(40)).toBe(BASE + 0x1a0);
  });

  test.each([
    [1, "c0ab8d53546f5af9498ee8b3a44bb252bf34f145f0e38663c42c34e7419a6a78"],
    [2, "be6d83c9a542ed64c5f8e57177ef6ca98f2c422e9e6468b4caae4fac71d2e762"],
  ])("of %i vCPUs are the bytes that booted Linux", (vcpus, golden) => {
    const hash = createHash("sha256").update(acpiPage(vcpus)).digest("hex");
    expect(hash).toBe(golden);
  });
});
