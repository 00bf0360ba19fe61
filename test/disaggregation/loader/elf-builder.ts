// Makes small ELF files for tests: both classes, any segments and notes.

export interface TestSegment {
  readonly gpa: number;
  readonly data: Uint8Array;
  /** Bytes in memory; the data's when left out. */
  readonly memoryBytes?: number;
}

export interface TestNote {
  readonly name: string;
  readonly type: number;
  readonly data: Uint8Array;
}

export interface TestElf {
  readonly wide: boolean;
  readonly machine?: number;
  readonly segments: readonly TestSegment[];
  /** One PT_NOTE segment for each list. */
  readonly notes: readonly (readonly TestNote[])[];
}

export const PVH_NOTE = 18;
const LOAD = 1;
const NOTE = 4;
const MACHINE_386 = 3;
const MACHINE_X86_64 = 62;

const padded = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/** A number as `bytes` little-endian bytes. */
export function littleEndian(value: number, bytes: number): Uint8Array {
  const data = Buffer.alloc(8);
  data.writeBigUInt64LE(BigInt(value));
  return new Uint8Array(data.subarray(0, bytes));
}

/** Xen's PHYS32_ENTRY note. */
export function pvhNote(entry: number, bytes: number): TestNote {
  return { name: "Xen", type: PVH_NOTE, data: littleEndian(entry, bytes) };
}

function noteBytes(notes: readonly TestNote[]): Uint8Array {
  return Buffer.concat(
    notes.map(({ name, type, data }) => {
      const text = Buffer.from(`${name}\0`);
      const note = Buffer.alloc(12 + padded(text.length) + padded(data.length));
      note.writeUInt32LE(text.length, 0);
      note.writeUInt32LE(data.length, 4);
      note.writeUInt32LE(type, 8);
      text.copy(note, 12);
      note.set(data, 12 + padded(text.length));
      return note;
    }),
  );
}

interface Header {
  readonly type: number;
  readonly offset: number;
  readonly gpa: number;
  readonly stored: number;
  readonly bytes: number;
}

function writeHeader64(file: Buffer, at: number, header: Header): void {
  file.writeUInt32LE(header.type, at);
  for (const [index, value] of [
    header.offset,
    header.gpa,
    header.gpa,
    header.stored,
    header.bytes,
  ].entries()) {
    file.writeBigUInt64LE(BigInt(value), at + 8 + index * 8);
  }
}

function writeHeader32(file: Buffer, at: number, header: Header): void {
  const { type, offset, gpa, stored, bytes } = header;
  for (const [index, value] of [type, offset, gpa, gpa, stored, bytes].entries()) {
    file.writeUInt32LE(value, at + index * 4);
  }
}

function writeFileHeader(file: Buffer, elf: TestElf, count: number): void {
  const machine = elf.machine ?? (elf.wide ? MACHINE_X86_64 : MACHINE_386);
  file.set([0x7f, 0x45, 0x4c, 0x46, elf.wide ? 2 : 1, 1, 1]);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  if (elf.wide) {
    file.writeBigUInt64LE(64n, 32);
    file.writeUInt16LE(56, 54);
    file.writeUInt16LE(count, 56);
  } else {
    file.writeUInt32LE(52, 28);
    file.writeUInt16LE(32, 42);
    file.writeUInt16LE(count, 44);
  }
}

/** The bytes of an ELF file: header, program headers, segments' data, notes. */
export function makeElf(elf: TestElf): Uint8Array {
  const count = elf.segments.length + elf.notes.length;
  const [first, size] = elf.wide ? [64, 56] : [52, 32];
  let offset = first + count * size;
  const parts: Uint8Array[] = [];
  const headers: Header[] = [];
  const add = (type: number, gpa: number, data: Uint8Array, bytes: number): void => {
    headers.push({ type, offset, gpa, stored: data.length, bytes });
    parts.push(data);
    offset += data.length;
  };
  for (const { gpa, data, memoryBytes } of elf.segments) {
    add(LOAD, gpa, data, memoryBytes ?? data.length);
  }
  for (const notes of elf.notes) {
    const data = noteBytes(notes);
    add(NOTE, 0, data, data.length);
  }
  const head = Buffer.alloc(first + count * size);
  writeFileHeader(head, elf, count);
  for (const [index, header] of headers.entries()) {
    (elf.wide ? writeHeader64 : writeHeader32)(head, first + index * size, header);
  }
  return new Uint8Array(Buffer.concat([head, ...parts]));
}

/** A kernel that fits everywhere: one segment at 1 MiB, entered at its first byte. */
export function smallElf(wide = true): Uint8Array {
  const gpa = 0x100000;
  const data = new Uint8Array(100).fill(0x90);
  return makeElf({
    wide,
    segments: [{ gpa, data, memoryBytes: 5000 }],
    notes: [[pvhNote(gpa, wide ? 8 : 4)]],
  });
}
