// The images are what they claim to be, and the same every time.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { buildGuest, buildGuests, guestImage, guests } from "./build.ts";

const ELF32 = 1;
const ELF64 = 2;
const EM_386 = 3;
const EM_X86_64 = 62;
const kinds = {
  i386: { class: ELF32, machine: EM_386 },
  "x86-64": { class: ELF64, machine: EM_X86_64 },
  "x86-64-elf32": { class: ELF32, machine: EM_X86_64 },
} as const;

/** namesz 4, descsz, type 18, "Xen\0": where the entry's address follows. */
function entryNote(image: Buffer, descriptorBytes: number): number {
  const note = Buffer.alloc(16);
  note.writeUInt32LE(4, 0);
  note.writeUInt32LE(descriptorBytes, 4);
  note.writeUInt32LE(18, 8);
  note.write("Xen\0", 12, "latin1");
  return image.indexOf(note);
}

const hash = (path: string): string =>
  createHash("sha256").update(readFileSync(path)).digest("hex");

describe("test guests", () => {
  beforeAll(() => buildGuests());

  it.each(guests)("$name has the class, machine and note that it is for", (guest) => {
    const image = readFileSync(guestImage(guest.name));
    const kind = kinds[guest.kind];
    expect(image[4]).toBe(kind.class);
    expect(image.readUInt16LE(18)).toBe(kind.machine);
    const note = entryNote(image, guest.noteBytes);
    expect(note).toBeGreaterThan(0);
    expect(image.readUInt32LE(note + 16)).toBeGreaterThanOrEqual(0x100000);
  });

  it("are the same bytes when they are built again", () => {
    const guest = guests.find(({ name }) => name === "stranger64")!;
    const before = hash(guestImage(guest.name));
    buildGuest(guest);
    expect(hash(guestImage(guest.name))).toBe(before);
  });
});
