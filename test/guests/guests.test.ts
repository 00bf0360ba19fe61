// The other guests, side by side in one appliance, say what they say on Xen. Catches registers that
// leak from guest to guest, vCPUs that do not start, and an interface that only our own tools know.

import { beforeAll, describe, expect, it } from "vitest";
import type { GuestLine, WorkloadGuest } from "../../scripts/bench/workload.ts";
import { runXenolith } from "../../scripts/bench/xenolith.ts";
import { buildGuests, guestImage } from "./build.ts";

const MINUTES = 60_000;
const MEMORY_MIB = 16;

function guest(name: string, image: string, commandLine: string, vcpus = 1): WorkloadGuest {
  return { name, kernel: guestImage(image), commandLine, memoryMib: MEMORY_MIB, vcpus };
}

const guests = [
  guest("fpu1", "fpu", "id=1 rounds=500"),
  guest("fpu2", "fpu", "id=2 rounds=500"),
  { ...guest("avx1", "avx", "id=1"), xsave: true },
  { ...guest("avx2", "avx", "id=2"), xsave: true },
  guest("plain", "avx", "id=3"),
  guest("smp", "smp", "", 4),
  guest("stranger32", "stranger32", ""),
  guest("stranger64", "stranger64", ""),
  guest("owner", "grant", "owner peer=10"),
  guest("user", "grant", "peer=9"),
];

describe("test guests on Xenolith", () => {
  let lines: readonly GuestLine[] = [];
  const saidBy = (name: string): string[] =>
    lines.filter((line) => line.guest === name).map(({ text }) => text);

  beforeAll(async () => {
    buildGuests();
    const workload = { name: "guests", count: guests.length, guests: () => guests };
    lines = (await runXenolith(workload, true, 180)).lines;
  }, 4 * MINUTES);

  it.each(["fpu1", "fpu2"])("%s sees no registers but its own", (name) => {
    const said = saidBy(name);
    expect(said).toContain("fpu left by others 0");
    expect(said).toContain("fpu rounds 500");
    expect(said).toContain("fpu foreign 0");
  });

  it.each(["avx1", "avx2"])("%s asked for AVX: it has it, and its registers alone", (name) => {
    expect(saidBy(name)).toEqual([
      "avx xsave offered 1",
      "avx offered 1",
      "avx xcr0 7",
      "avx image 832",
      "avx shown before 0",
      "avx shown after 1",
      "avx left by others 0",
      "avx foreign 0",
    ]);
  });

  it("a guest that did not ask is told of neither XSAVE nor AVX", () => {
    expect(saidBy("plain")).toEqual(["avx xsave offered 0", "avx offered 0"]);
  });

  it("smp runs on all of its vCPUs", () => {
    expect(saidBy("smp")).toEqual(["smp vcpus 4", "smp started 4", "smp all run"]);
  });

  it.each(["stranger32", "stranger64"])("%s finds its way by Xen's interface alone", (name) => {
    const said = saidBy(name);
    expect(said).toContain("stranger: version 4.17");
    for (const parameter of [1, 2, 17, 18]) {
      const answered = new RegExp(`^stranger: parameter ${parameter} result 0 `);
      expect(said.some((text) => answered.test(text))).toBe(true);
    }
    expect(said).toContain("stranger: hello by console_io");
    expect(said).toContain("stranger: hello by the ring");
    expect(said.at(-1)).toBe("stranger: powers off");
  });

  it("a page that one guest grants is the other's to read and write", () => {
    expect(saidBy("owner")).toContain("grant: owner saw the peer's word");
    expect(saidBy("user").filter((text) => text === "grant: reads the owner's page").length).toBe(
      2,
    );
  });
});
