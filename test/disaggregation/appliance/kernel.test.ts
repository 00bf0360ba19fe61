// What would be caught: a compression of Linux's build that is read wrongly, a damaged image that
// is taken for a kernel, an error without its byte.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { unpackKernel } from "../../../disaggregation/appliance/kernel.ts";
import { littleEndian } from "../loader/elf-builder.ts";
import { fixturePayload } from "./payload.ts";

const elf = fixturePayload();
const PAYLOAD_AT = 3 * 512 + 0x20;

/** A bzImage of two setup sectors around a payload. */
function bzImage(payload: Uint8Array, version = 0x020f): Uint8Array {
  const image = Buffer.alloc(PAYLOAD_AT + payload.length);
  image[0x1f1] = 2;
  image.write("HdrS", 0x202, "latin1");
  image.writeUInt16LE(version, 0x206);
  image.writeUInt32LE(0x20, 0x248);
  image.writeUInt32LE(payload.length, 0x24c);
  image.set(payload, PAYLOAD_AT);
  return new Uint8Array(image);
}

/** A compressed form of the fixture, with the size that Linux's build puts behind it. */
function payload(extension: string, size = elf.length): Uint8Array {
  const packed = readFileSync(new URL(`fixtures/payload.${extension}`, import.meta.url));
  if (extension === "gz") return packed;
  return Buffer.concat([packed, littleEndian(size, 4)]);
}

const kinds = ["gz", "lz4", "xz", "zst", "bz2", "lzma", "lzo"];

describe("a bzImage", () => {
  test.each(kinds)("with a %s payload", async (kind) => {
    const unpacked = await unpackKernel(bzImage(payload(kind)), "vmlinuz");
    expect(Buffer.compare(unpacked, elf)).toBe(0);
  });

  test("with an uncompressed payload", async () => {
    expect(Buffer.compare(await unpackKernel(bzImage(elf), "vmlinuz"), elf)).toBe(0);
  });

  test("with two LZ4 blocks", async () => {
    const one = readFileSync(new URL("fixtures/payload.lz4", import.meta.url));
    const two = Buffer.concat([one, one.subarray(4), littleEndian(2 * elf.length, 4)]);
    const unpacked = await unpackKernel(bzImage(two), "vmlinuz");
    expect(Buffer.compare(unpacked, Buffer.concat([elf, elf]))).toBe(0);
  });
});

test("an ELF file is taken as it is", async () => {
  expect(await unpackKernel(elf, "vmlinux")).toBe(elf);
});

describe("is refused", () => {
  test.each(kinds)("a damaged %s payload", async (kind) => {
    const damaged = Buffer.from(bzImage(payload(kind)));
    for (let at = PAYLOAD_AT + 60; at < PAYLOAD_AT + 200; at++) damaged[at] = 0xff;
    const unpacking = unpackKernel(new Uint8Array(damaged), "vmlinuz");
    await expect(unpacking).rejects.toThrow(/^vmlinuz: byte 0x620: the \S+ payload is damaged: /);
  });

  test.each(kinds.slice(1))("a %s payload of another size", async (kind) => {
    const unpacking = unpackKernel(bzImage(payload(kind, elf.length + 1)), "vmlinuz");
    await expect(unpacking).rejects.toThrow(/payload is damaged/);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["text", new Uint8Array(Buffer.from("x".repeat(1000))), /^vmlinuz: neither an ELF file nor/],
    ["an old protocol", bzImage(elf, 0x0207), /byte 0x206: boot protocol 2.7 is too old/],
    ["a cut file", bzImage(elf).slice(0, 3000), /byte 0x248: the payload .* does not end in/],
    ["a strange payload", bzImage(Buffer.alloc(50, 1)), /byte 0x620: .* 010101010101: an unknown/],
    ["a huge size", bzImage(payload("xz", 0xffffffff)), /size cannot be 4294967295 bytes/],
  ])("%s", async (_, image, message) => {
    await expect(unpackKernel(image, "vmlinuz")).rejects.toThrow(message);
  });
});
