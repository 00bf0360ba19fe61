// What would be caught: a malformed kernel that is loaded all the same, an error that points at the
// wrong byte, and any read or row outside what was given, whatever the bytes.

import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type GuestLayout,
  type LayoutRequest,
  layOutGuest,
  tryLayOutGuest,
} from "../../../disaggregation/appliance/loader.ts";
import * as error from "../../../disaggregation/loader/errors.ts";
import { ensureLoader } from "./built.ts";
import { makeElf, pvhNote, smallElf, type TestElf } from "./elf-builder.ts";

const MIB = 1024 * 1024;
const GPA = 0x100000;
const HEADERS = 64;
const HEADER_BYTES = 56;
const NOTES = HEADERS + 2 * HEADER_BYTES + 100;

function outcome(kernel: Uint8Array, more: Partial<LayoutRequest> = {}) {
  return tryLayOutGuest({
    kernel,
    kernelName: "kernel",
    ramdiskBytes: 0,
    commandLine: "",
    memoryBytes: 64 * MIB,
    vcpus: 1,
    ...more,
  });
}

/** The small ELF with a field overwritten. */
function patched(at: number, value: number | bigint, bytes: 1 | 2 | 4 | 8): Uint8Array {
  const kernel = Buffer.from(smallElf());
  if (bytes === 8) kernel.writeBigUInt64LE(BigInt(value), at);
  else kernel.writeUIntLE(Number(value), at, bytes);
  return new Uint8Array(kernel);
}

const withElf = (more: Partial<TestElf>): Uint8Array =>
  makeElf({
    wide: true,
    segments: [{ gpa: GPA, data: new Uint8Array(100) }],
    notes: [[pvhNote(GPA, 8)]],
    ...more,
  });

beforeAll(ensureLoader);

describe("a malformed kernel is refused with the byte that is wrong", () => {
  const file = smallElf().length;
  const first = HEADERS;
  const second = HEADERS + HEADER_BYTES;
  test.each<[string, Uint8Array, number, number]>([
    ["too short", new Uint8Array(51), error.FILE_TOO_SHORT, 51],
    ["64-bit, but only 60 bytes", smallElf().slice(0, 60), error.FILE_TOO_SHORT, 60],
    ["no magic", patched(0, 0x7e, 1), error.NOT_ELF, 0],
    ["class 3", patched(4, 3, 1), error.BAD_CLASS, 4],
    ["big endian", patched(5, 2, 1), error.NOT_LITTLE_ENDIAN, 5],
    ["relocatable", patched(16, 1, 2), error.NOT_EXECUTABLE, 16],
    ["for ARM", patched(18, 40, 2), error.WRONG_MACHINE, 18],
    ["64-bit for the 386", patched(18, 3, 2), error.WRONG_MACHINE, 18],
    ["odd header size", patched(54, 57, 2), error.BAD_HEADER_SIZE, 54],
    ["no headers", patched(56, 0, 2), error.NO_PROGRAM_HEADERS, 56],
    ["65 headers", patched(56, 65, 2), error.TOO_MANY_PROGRAM_HEADERS, 56],
    ["headers past the end", patched(32, file - 100, 8), error.PROGRAM_HEADERS_PAST_END, 32],
    ["headers at -8", patched(32, 2n ** 64n - 8n, 8), error.PROGRAM_HEADERS_PAST_END, 32],
    ["segment past the end", patched(first + 8, file - 99, 8), error.SEGMENT_PAST_END, first + 8],
    ["segment at -1", patched(first + 8, 2n ** 64n - 1n, 8), error.SEGMENT_PAST_END, first + 8],
    ["shrinking segment", patched(first + 40, 99, 8), error.SEGMENT_SHRINKS, first + 40],
    ["beyond memory", patched(first + 24, 64 * MIB, 8), error.SEGMENT_OUTSIDE_MEMORY, first + 24],
    ["wraps", patched(first + 24, 2n ** 64n - 1n, 8), error.SEGMENT_OUTSIDE_MEMORY, first + 24],
    ["nothing to load", patched(first, 6, 4), error.NO_SEGMENTS, HEADERS],
    ["notes past the end", patched(second + 8, file, 8), error.NOTES_PAST_END, second + 8],
    ["name past the notes", patched(NOTES, 100, 4), error.NOTE_TOO_LONG, NOTES],
    ["data past the notes", patched(NOTES + 4, 9, 4), error.NOTE_TOO_LONG, NOTES],
    ["huge data", patched(NOTES + 4, 0xffffffff, 4), error.NOTE_TOO_LONG, NOTES],
    ["another note type", patched(NOTES + 8, 17, 4), error.NO_PVH_NOTE, 0],
    ["another note name", patched(NOTES + 12, 0x78, 1), error.NO_PVH_NOTE, 0],
    ["note of 6 bytes", withElf({ notes: [[pvhNote(GPA, 6)]] }), error.BAD_PVH_NOTE, 280],
    ["entry before", withElf({ notes: [[pvhNote(GPA - 1, 8)]] }), ...entryError()],
    ["entry behind", withElf({ notes: [[pvhNote(GPA + 100, 8)]] }), ...entryError()],
  ])("%s", (_, kernel, code, place) => {
    expect(outcome(kernel)).toEqual({ error: code, place });
  });

  function entryError(): [number, number] {
    return [error.ENTRY_OUTSIDE_SEGMENTS, NOTES + 16];
  }

  test("segments that overlap by one byte", () => {
    const data = new Uint8Array(100);
    const segments = [
      { gpa: GPA, data },
      { gpa: GPA + 99, data },
    ];
    const place = HEADERS + HEADER_BYTES + 24;
    expect(outcome(withElf({ segments }))).toEqual({ error: error.SEGMENTS_OVERLAP, place });
    const apart = [segments[0]!, { gpa: GPA + 100, data }];
    expect(outcome(withElf({ segments: apart }))).not.toHaveProperty("error");
  });

  test("more notes than are looked at", () => {
    const note = { name: "", type: 0, data: new Uint8Array(0) };
    const kernel = withElf({ notes: [[...Array(5000).fill(note), pvhNote(GPA, 8)]] });
    expect(outcome(kernel)).toMatchObject({ error: error.TOO_MANY_NOTES });
  });
});

describe("a request that cannot be met is refused", () => {
  const big = withElf({ segments: [{ gpa: GPA, data: new Uint8Array(1), memoryBytes: MIB }] });
  test.each<[string, Partial<LayoutRequest>, number]>([
    ["memory of 3 MiB", { memoryBytes: 3 * MIB }, error.BAD_MEMORY_SIZE],
    ["no memory", { memoryBytes: 0 }, error.BAD_MEMORY_SIZE],
    ["more memory than addresses", { memoryBytes: 16130 * MIB }, error.BAD_MEMORY_SIZE],
    ["no vCPU", { vcpus: 0 }, error.BAD_VCPU_COUNT],
    ["33 vCPUs", { vcpus: 33 }, error.BAD_VCPU_COUNT],
    ["a long command line", { commandLine: "x".repeat(2048) }, error.COMMAND_LINE_TOO_LONG],
    [
      "no page behind the kernel",
      { kernel: big, memoryBytes: 2 * MIB },
      error.NO_ROOM_FOR_START_INFO,
    ],
    ["a ramdisk of all memory", { ramdiskBytes: 64 * MIB }, error.NO_ROOM_FOR_RAMDISK],
    ["a ramdisk of 2^53 bytes", { ramdiskBytes: 2 ** 53 }, error.NO_ROOM_FOR_RAMDISK],
  ])("%s", (_, more, code) => {
    expect(outcome(smallElf(), more)).toEqual({ error: code, place: 0 });
  });

  test("a ramdisk may end with the memory", () => {
    const ramdiskBytes = 64 * MIB - 0x103000;
    expect(outcome(smallElf(), { ramdiskBytes })).not.toHaveProperty("error");
    const more = outcome(smallElf(), { ramdiskBytes: ramdiskBytes + 1 });
    expect(more).toHaveProperty("error", error.NO_ROOM_FOR_RAMDISK);
  });
});

test("errors read as one line with the byte, or without one where no byte is to blame", () => {
  const say = (kernel: Uint8Array) => () =>
    layOutGuest({
      kernel,
      kernelName: "boot/vmlinux",
      ramdiskBytes: 0,
      commandLine: "",
      memoryBytes: 2 * MIB,
      vcpus: 1,
    });
  expect(say(patched(64 + 8, 1e6, 8))).toThrow(
    "boot/vmlinux: byte 0x48: a segment's bytes do not end in the file; is it complete?",
  );
  expect(say(patched(NOTES + 8, 17, 4))).toThrow(/^boot\/vmlinux: no PVH entry/);
});

describe("whatever the bytes", () => {
  /** Everything that must hold of a layout of `kernel`. */
  function check(layout: GuestLayout, kernel: Uint8Array, ramdiskBytes: number): void {
    const memory = 64 * MIB;
    const limits = { kernel: kernel.length, ramdisk: ramdiskBytes, generated: 8192 };
    const placed: [number, number][] = [];
    for (const { kind, gpa, offset, bytes } of layout.rows) {
      if (kind === "memory" || kind === "frame" || kind === "console") continue;
      expect(offset + bytes).toBeLessThanOrEqual(limits[kind]);
      if (gpa === 0xfc000000) continue;
      expect(gpa + bytes).toBeLessThanOrEqual(memory);
      for (const [start, end] of placed) expect(gpa >= end || gpa + bytes <= start).toBe(true);
      placed.push([gpa, gpa + bytes]);
    }
    expect(placed.some(([start]) => start === layout.startInfo)).toBe(true);
  }

  function checkAny(kernel: Uint8Array, ramdiskBytes: number): void {
    const result = outcome(kernel, { ramdiskBytes });
    if ("error" in result) {
      expect(result.error).toBeGreaterThan(0);
      expect(result.place).toBeLessThanOrEqual(kernel.length);
    } else {
      check(result, kernel, ramdiskBytes);
    }
  }

  const segment = fc.record({
    gpa: fc.integer({ min: 0, max: 0x4100 }).map((page) => page * 4096),
    data: fc.uint8Array({ maxLength: 64 }),
    extra: fc.integer({ min: 0, max: 0x10000 }),
  });
  const elf = fc
    .record({
      wide: fc.boolean(),
      segments: fc.array(segment, { maxLength: 8 }),
      entry: fc.nat({ max: 7 }),
    })
    .map(({ wide, segments, entry }) =>
      makeElf({
        wide,
        segments: segments.map(({ gpa, data, extra }) => {
          return { gpa, data, memoryBytes: data.length + extra };
        }),
        notes: [[pvhNote(segments[entry]?.gpa ?? 0, wide ? 8 : 4)]],
      }),
    );

  test("a well-made ELF is loaded inside memory, or refused", () => {
    fc.assert(fc.property(elf, fc.nat({ max: 70 * MIB }), checkAny), { numRuns: 300 });
  });

  test("a mangled ELF is loaded inside memory, or refused", () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    const mangled = fc
      .tuple(elf, fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat())
      .map(([kernel, changes, cut]) => {
        const bytes = kernel.slice(0, cut % 4 === 0 ? cut % (kernel.length + 1) : kernel.length);
        for (const [at, value] of changes)
          bytes[at % Math.max(1, Math.min(bytes.length, 400))] = value;
        return bytes;
      });
    fc.assert(fc.property(mangled, fc.nat({ max: MIB }), checkAny), { numRuns: 1500 });
  });
});
