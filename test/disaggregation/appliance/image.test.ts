// What would be caught: a pack that the core cannot carry out (order, boundaries, limits), guests
// whose memory is not what their images say, and appliance files whose mistakes have no place.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { appliancePolicy } from "../../../bin/policy.ts";
import {
  buildAppliance,
  readAppliance,
  singleGuest,
} from "../../../disaggregation/appliance/image.ts";
import { summarizeImage, summarizePack } from "../../../disaggregation/appliance/pack-summary.ts";
import { decodeTable } from "../../../xsm-policy/compiler/table.ts";
import { ensureLoader } from "../loader/built.ts";
import { makeElf, pvhNote, smallElf } from "../loader/elf-builder.ts";
import { loadedMemory, readPack } from "./pack-reader.ts";

const MIB = 1024 * 1024;
const options = { policy: appliancePolicy, coreHash: "c0".repeat(32) };
let folder = "";

beforeAll(ensureLoader);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xenolith-test-"));
  writeFileSync(join(folder, "small.elf"), smallElf());
  writeFileSync(join(folder, "disk"), Buffer.alloc(3 * MIB, "ramdisk "));
});
afterEach(() => rmSync(folder, { recursive: true }));

function guestFile(name: string, more = ""): void {
  const text = `name="${name}"; type="pvh"; kernel="small.elf"; memory=64\n${more}`;
  writeFileSync(join(folder, `${name}.cfg`), text);
}

const build = () => buildAppliance(readAppliance(folder), options);

describe("a boot pack", () => {
  test("creates, fills, schedules and starts its guests in this order", async () => {
    guestFile("a", "vcpus=2; cpu_weight=512; memory=4; maxmem=8");
    guestFile("b", "memory=2");
    writeFileSync(join(folder, "appliance.cfg"), "boot=['b']");
    const { commands, policy } = readPack((await build()).pack);
    const label = decodeTable(policy).names.indexOf("system_u:system_r:guest_t");
    const shown = commands.map(({ name, domain, values }) => `${name} ${domain} ${values[0]}`);
    expect(shown).toEqual([
      ...[
        `create 1 ${label}`,
        "superframe 1 0",
        "reserve 1 0",
        "populate 1 1032192",
        "console 1 1044479",
      ],
      ...["copy 1 1048576", "copy 1 1056768", "copy 1 4227858432", "context 1 0"],
      ...[`create 2 ${label}`, "superframe 2 0", "superframe 2 512", "reserve 2 0"],
      ...["populate 2 1032192", "console 2 1044479"],
      ...["copy 2 1048576", "copy 2 1056768", "copy 2 4227858432", "context 2 0"],
      ...["schedule 0 0", "unpause 1 0", "unpause 2 0"],
    ]);
    const second = commands.find(({ name, domain }) => name === "create" && domain === 2);
    // Label, vCPUs, limit in frames (8 MiB and the reserve), weight, name.
    expect(second?.values.slice(0, 5)).toEqual([label, 2, 2560, 512, 0x61]);
  });

  test("leaves in a guest's memory what its images say, and zeros elsewhere", async () => {
    const data = Buffer.alloc(5 * MIB);
    data.write("first", 0);
    data.write("behind a long run of zeros", 4 * MIB + 7);
    const segments = [{ gpa: 0x1ff000, data, memoryBytes: 6 * MIB }];
    const kernel = makeElf({ wide: true, segments, notes: [[pvhNote(0x1ff000, 8)]] });
    writeFileSync(join(folder, "small.elf"), kernel);
    guestFile("a", "ramdisk='disk'");
    const { pack } = await build();
    const memory = loadedMemory(readPack(pack), 1, 64 * MIB);
    expect(Buffer.compare(memory.subarray(0x1ff000, 0x1ff000 + 5 * MIB), data)).toBe(0);
    const ramdisk = 0x1ff000 + 6 * MIB + 0x1000;
    const disk = Buffer.alloc(3 * MIB, "ramdisk ");
    expect(Buffer.compare(memory.subarray(ramdisk, ramdisk + disk.length), disk)).toBe(0);
    expect(memory.subarray(0, 0x1ff000).every((byte) => byte === 0)).toBe(true);
    expect(pack.length).toBeLessThan(4 * MIB);
  });

  test("copies nothing across 2 MiB", async () => {
    guestFile("a", "ramdisk='disk'");
    const copies = readPack((await build()).pack).commands.filter(({ name }) => name === "copy");
    for (const { values } of copies) {
      const [gpa, , bytes] = values as [number, number, number];
      expect(Math.floor(gpa / (2 * MIB))).toBe(Math.floor((gpa + bytes - 1) / (2 * MIB)));
      expect(bytes).toBeGreaterThan(0);
    }
    expect(copies.length).toBeGreaterThan(3);
  });

  test("puts memory above 4 GiB where the memory map says", async () => {
    guestFile("a", "memory=3842");
    const { commands } = readPack((await build()).pack);
    const frames = commands
      .filter(({ name }) => name === "superframe")
      .map(({ values }) => values[0]);
    expect(frames).toHaveLength(1921);
    expect(frames.slice(-2)).toEqual([0xf0000000 / 4096 - 512, 0x100000]);
  });

  test("holds policy and hashes, and is the same bytes each time", async () => {
    guestFile("a", "ramdisk='disk'");
    const [one, two] = [await build(), await build()];
    expect(Buffer.compare(one.pack, two.pack)).toBe(0);
    const { policy, banner } = readPack(one.pack);
    const policyHash = createHash("sha256").update(policy).digest("hex");
    expect(banner).toContain(`xenolith: sha256 ${policyHash} policy\n`);
    const hash = createHash("sha256").update(smallElf()).digest("hex");
    expect(banner.split("\n")[0]).toBe(`xenolith: sha256 ${options.coreHash} core`);
    expect(banner).toContain(`xenolith: sha256 ${hash} a kernel\n`);
  });

  test("has a banner for 63 guests, and images that guests share once", async () => {
    for (let guest = 10; guest < 73; guest++) guestFile(`guest${guest}`, "ramdisk='disk'");
    const { pack } = await build();
    const { banner } = readPack(pack);
    expect(banner.length).toBeLessThanOrEqual(4096);
    expect(banner.split("\n")).toHaveLength(2 + 63 + 1);
    expect(pack.length).toBeLessThan(4 * MIB);
  });

  test("schedules fixed frames", async () => {
    guestFile("a");
    guestFile("b");
    const slots = "schedule='fixed'; slots=['b 100', 'idle 50', 'a 200']";
    writeFileSync(join(folder, "appliance.cfg"), slots);
    const { commands } = readPack((await build()).pack);
    const schedule = commands.filter(({ name }) => /schedule|slot/.test(name));
    expect(
      schedule.map(({ name, domain, values }) => [name, domain, ...values.slice(0, 2)]),
    ).toEqual([
      ["schedule", 0, 1, 10_000_000],
      ["slot", 2, 0, 100_000],
      ["slot", 0, 1, 50_000],
      ["slot", 1, 2, 200_000],
    ]);
  });

  test("can be read back, from the pack and from an image", async () => {
    guestFile("a", "vcpus=2");
    const { pack, machineMemoryMib } = await build();
    const summary = {
      guests: [{ domain: 1, name: "a", vcpus: 2, memoryMib: 64 }],
      machineMemoryMib,
    };
    expect(summarizePack(pack)).toEqual(summary);
    const image = join(folder, "image.iso");
    writeFileSync(image, Buffer.concat([Buffer.alloc(5 * MIB), pack, Buffer.alloc(2048)]));
    expect(summarizeImage(image)).toEqual(summary);
    writeFileSync(image, Buffer.alloc(5 * MIB));
    expect(() => summarizeImage(image)).toThrow(/image.iso: no boot pack is in it/);
  });

  test("of one kernel alone", async () => {
    const kernel = join(folder, "small.elf");
    const single = { kernel, ramdisk: undefined, commandLine: "x", memoryMib: 7, vcpus: 1 };
    const { guests } = await buildAppliance(singleGuest(single), options);
    expect(guests).toEqual([{ domain: 1, name: "guest", vcpus: 1, memoryMib: 8 }]);
  });
});

describe("an appliance is refused", () => {
  const cases: [string, () => void, string][] = [
    ["without a guest", () => {}, "no guest file (*.cfg) is in it"],
    ["with a kernel that is not there", () => guestFile("a", "kernel='no'"), "a.cfg:2:8: kernel"],
    ["with a label that the policy has not", () => guestFile("a", "seclabel='x'"), "a.cfg:2:10:"],
    ["with a kernel for more memory", () => guestFile("a", "memory=2; ramdisk='disk'"), "ramdisk"],
    ["with too many vCPUs", () => appliance("max_vcpus=1", "vcpus=2"), "the limit is 1"],
    ["with too much memory", () => appliance("max_memory=32"), "max_memory is 32"],
    ["with an unknown guest to boot", () => appliance("boot=['aa']"), 'did you mean "a"?'],
    ["with a guest to boot twice", () => appliance("boot=['a','a']"), 'names "a" twice'],
    ["with a slot of nobody", () => appliance("schedule='fixed';slots=['z 9']"), 'called "z"'],
    ["with a policy that is none", () => appliance("policy='disk'"), "disk:1:1: error"],
  ];

  function appliance(global: string, more = ""): void {
    guestFile("a", more);
    writeFileSync(join(folder, "appliance.cfg"), global);
  }

  test.each(cases)("%s", async (_, prepare, message) => {
    prepare();
    await expect((async () => build())()).rejects.toThrow(message);
  });

  test("with two guests of one name", async () => {
    guestFile("a");
    writeFileSync(join(folder, "z.cfg"), 'name="a";type="pvh";kernel="small.elf";memory=2');
    await expect((async () => build())()).rejects.toThrow(
      /z.cfg: .*a.cfg has the name "a" as well/,
    );
  });
});
