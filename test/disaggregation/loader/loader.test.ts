// What would be caught: a kernel that is loaded to the wrong place or entered at the wrong address,
// start info or a memory map that Linux cannot read, a shape of the module that a builder domain
// could not run.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type GuestLayout,
  type LayoutRequest,
  layOutGuest,
} from "../../../disaggregation/appliance/loader.ts";
import { ensureLoader } from "./built.ts";
import { makeElf, pvhNote, smallElf } from "./elf-builder.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

function request(more: Partial<LayoutRequest> = {}): LayoutRequest {
  return {
    kernel: smallElf(),
    kernelName: "kernel",
    ramdiskBytes: 0,
    commandLine: "",
    memoryBytes: 64 * MIB,
    vcpus: 1,
    ...more,
  };
}

/** Start info and what it points at, read as a guest does. */
function readStartInfo(layout: GuestLayout) {
  const view = new DataView(layout.generated.buffer, layout.generated.byteOffset);
  const u64 = (at: number): number => Number(view.getBigUint64(at, true));
  const near = (gpa: number): number => gpa - layout.startInfo;
  const map = Array.from({ length: view.getUint32(48, true) }, (_, index) => {
    const at = near(u64(40)) + index * 24;
    return { gpa: u64(at), bytes: u64(at + 8), type: view.getUint32(at + 16, true) };
  });
  const text = Buffer.from(layout.generated.subarray(near(u64(24)))).toString("latin1");
  const modules = view.getUint32(12, true);
  const list = near(u64(16));
  return {
    magic: view.getUint32(0, true),
    version: view.getUint32(4, true),
    flags: view.getUint32(8, true),
    module: modules === 0 ? undefined : { gpa: u64(list), bytes: u64(list + 8) },
    commandLine: text.slice(0, text.indexOf("\0")),
    rsdp: u64(32),
    map,
  };
}

beforeAll(ensureLoader);

describe("the module", () => {
  test("has no imports, one page of memory and three exports", () => {
    const bytes = readFileSync(new URL("../../../build/loader.wasm", import.meta.url));
    const { Module } = (globalThis as unknown as { WebAssembly: WebAssemblyStatics }).WebAssembly;
    const module = new Module(bytes);
    expect(Module.imports(module)).toEqual([]);
    expect(Module.exports(module).map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "begin function",
      "resume function",
      "memory memory",
    ]);
  });

  interface WebAssemblyStatics {
    Module: {
      new (bytes: Uint8Array): object;
      imports(module: object): unknown[];
      exports(module: object): { name: string; kind: string }[];
    };
  }
});

describe("entry", () => {
  test.each([
    ["ELF64 with an 8-byte note", smallElf()],
    ["ELF64 with a 4-byte note", wideWith(4)],
    ["ELF32 for the 386", smallElf(false)],
    ["ELF32 for x86-64", narrowFor64()],
  ])("%s", (_, kernel) => {
    expect(layOutGuest(request({ kernel })).entry).toBe(0x100000);
  });

  function wideWith(noteBytes: number): Uint8Array {
    const segments = [{ gpa: 0x100000, data: new Uint8Array(10) }];
    return makeElf({ wide: true, segments, notes: [[pvhNote(0x100000, noteBytes)]] });
  }

  function narrowFor64(): Uint8Array {
    const segments = [{ gpa: 0x100000, data: new Uint8Array(10) }];
    return makeElf({ wide: false, machine: 62, segments, notes: [[pvhNote(0x100000, 4)]] });
  }

  test("is found behind other notes, in a later note segment, across windows", () => {
    const long = { name: "GNU", type: 3, data: new Uint8Array(9001) };
    const many = Array.from({ length: 700 }, () => ({ name: "Linux", type: 1, data: long.data }));
    const short = Array.from({ length: 999 }, () => {
      return { name: "Xen", type: 6, data: new Uint8Array(3) };
    });
    const kernel = makeElf({
      wide: true,
      segments: [{ gpa: 0x100000, data: new Uint8Array(10) }],
      notes: [[long, ...many.slice(0, 5)], [], [...short, long, pvhNote(0x100004, 8)]],
    });
    expect(layOutGuest(request({ kernel })).entry).toBe(0x100004);
  });
});

describe("rows", () => {
  const sources = (layout: GuestLayout) => layout.rows.map(({ kind, gpa }) => [kind, gpa]);

  test("put everything where the facts of the ABI say", () => {
    const layout = layOutGuest(request({ ramdiskBytes: 5000 }));
    expect(sources(layout)).toEqual([
      ["memory", 0],
      ["frame", 0xfc000000],
      ["console", 0xfefff000],
      ["kernel", 0x100000],
      ["ramdisk", 0x103000],
      ["generated", 0x102000],
      ["generated", 0xfc000000],
    ]);
    expect(layout.startInfo).toBe(0x102000);
  });

  test("keep start info and ramdisk out of the first MiB", () => {
    const segments = [{ gpa: 0x8000, data: new Uint8Array(10) }];
    const kernel = makeElf({ wide: true, segments, notes: [[pvhNote(0x8000, 8)]] });
    expect(layOutGuest(request({ kernel })).startInfo).toBe(0x100000);
  });

  test("memory goes on at 4 GiB", () => {
    const layout = layOutGuest(request({ memoryBytes: 5 * GIB }));
    const memory = layout.rows.filter(({ kind }) => kind === "memory");
    expect(memory).toEqual([
      { kind: "memory", gpa: 0, offset: 0, bytes: 0xf0000000 },
      { kind: "memory", gpa: 4 * GIB, offset: 0, bytes: 5 * GIB - 0xf0000000 },
    ]);
    expect(readStartInfo(layout).map.at(-1)).toEqual({
      gpa: 4 * GIB,
      bytes: 5 * GIB - 0xf0000000,
      type: 1,
    });
  });
});

describe("start info", () => {
  test("says what a guest needs to know", () => {
    const info = readStartInfo(
      layOutGuest(request({ ramdiskBytes: 77, commandLine: "console=hvc0 root=/dev/xvda" })),
    );
    expect(info).toEqual({
      magic: 0x336ec578,
      version: 1,
      flags: 0,
      module: { gpa: 0x103000, bytes: 77 },
      commandLine: "console=hvc0 root=/dev/xvda",
      rsdp: 0xfc000000,
      map: [
        { gpa: 0, bytes: 64 * MIB, type: 1 },
        { gpa: 0xfc000000, bytes: 0x1000, type: 3 },
        { gpa: 0xfeff8000, bytes: 0x8000, type: 2 },
      ],
    });
  });

  test("has no module list without a ramdisk", () => {
    expect(readStartInfo(layOutGuest(request())).module).toBeUndefined();
  });

  test("holds the longest command line, with its NUL", () => {
    const commandLine = "x".repeat(2047);
    expect(readStartInfo(layOutGuest(request({ commandLine }))).commandLine).toBe(commandLine);
  });
});
