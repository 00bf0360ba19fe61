// The way from core.wasm to a bootable image. Catches: bytes that depend on a folder's name or the
// time, a core that uses what the subset forbids, an ISO that one kind of firmware does not boot.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BuildError } from "../../../../scripts/command.ts";
import { compileCore } from "../../../../scripts/core.ts";
import { makeIso } from "../../../../scripts/iso.ts";
import { linkImage } from "../../../../scripts/native.ts";
import { integerPrelude } from "../../../../scripts/prelude.ts";
import { linearBytes } from "../../../../tcb/core/layout.ts";
import { bootImage } from "../../../metal/harness.ts";
import { buildStandIn, type StandIn } from "./standIn.ts";

let built: StandIn;
beforeAll(() => {
  built = buildStandIn();
});
afterAll(() => built?.remove());

describe("linkImage", () => {
  it("gives the same bytes in another folder", () => {
    const other = buildStandIn("another-name-");
    try {
      expect(readFileSync(other.wasm).equals(readFileSync(built.wasm))).toBe(true);
      expect(readFileSync(other.elf).equals(readFileSync(built.elf))).toBe(true);
    } finally {
      other.remove();
    }
  });

  it("writes no path of this machine into wasm or image", () => {
    for (const path of [built.wasm, built.elf]) {
      expect(readFileSync(path, "latin1")).not.toContain(built.folder);
      expect(readFileSync(path, "latin1")).not.toContain(process.cwd());
    }
  });

  it.each([
    ["a float", "export function boot(): u32 { return <u32>load<f32>(65536); }"],
    ["memory.grow", "export function boot(): u32 { return <u32>memory.grow(1); }"],
  ])("does not build a core with %s", (name, source) => {
    const folder = join(built.folder, name.replace(" ", "-"));
    mkdirSync(folder);
    writeFileSync(join(folder, "core.ts"), source);
    const output = join(folder, "core.wasm");
    compileCore({ root: folder, entry: "core.ts", linearBytes, output });
    const link = (): void => linkImage(output, join(folder, "x.elf"), join(folder, "native"));
    expect(link).toThrow(BuildError);
  });

  it("refuses a prelude of wasm2c that nobody reviewed", () => {
    expect(() => integerPrelude("/* another version */")).toThrow("review it");
  });
});

describe("makeIso", () => {
  it("gives the same bytes each time, and boots on BIOS and UEFI", async () => {
    const [first, second] = ["first.iso", "second.iso"].map((name) => join(built.folder, name));
    makeIso(built.elf, built.pack("memory"), first!);
    makeIso(built.elf, built.pack("memory"), second!);
    expect(readFileSync(first!).equals(readFileSync(second!))).toBe(true);
    for (const firmware of ["bios", "uefi"] as const) {
      const booted = await bootImage({ iso: first!, firmware, memoryMib: 512, timeoutSeconds: 90 });
      expect(booted).toMatchObject({ reason: "halt", exitCode: 0 });
      expect(booted.hypervisor).toContain("memory works");
    }
  });
});
