// The machine layer on the (emulated) metal, driven by a core that only exercises it. Catches:
// a lost register in the world switch, a primitive that lets the core reach itself or nowhere, a
// trap or exception that does not stop the machine, a timer that never fires.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bootImage } from "../../../metal/harness.ts";
import type { Exercise } from "./exercise.ts";
import { buildStandIn, type StandIn } from "./standIn.ts";

const EXCEPTION = 120;
const REFUSED = 122;

let built: StandIn;
beforeAll(() => {
  built = buildStandIn();
});
afterAll(() => built?.remove());

const boot = (exercise: Exercise, more: object = {}) =>
  bootImage({
    elf: built.elf,
    pack: built.pack(exercise),
    memoryMib: 256,
    timeoutSeconds: 30,
    ...more,
  });

describe("what the loader and the clocks say", () => {
  it("reports ranges that leave out low memory, the image and linear memory", async () => {
    const result = await boot("report", { icount: true });
    expect(result).toMatchObject({ reason: "halt", exitCode: 0 });
    const values = (name: string): bigint[] =>
      result.hypervisor
        .filter((line) => line.startsWith(`${name} `))
        .map((line) => BigInt(`0x${line.slice(name.length + 1)}`));
    const starts = values("start");
    const ends = values("bytes").map((bytes, index) => bytes + starts[index]!);
    const [linear] = values("linear");
    expect(starts.length).toBeGreaterThan(1);
    for (const [index, start] of starts.entries()) {
      expect(start >= 0x100000n && start % 4096n === 0n).toBe(true);
      expect(ends[index]! <= linear! - 0x200000n || start > linear!).toBe(true);
      expect(ends[index]! <= 256n << 20n).toBe(true);
    }
    expect(values("pack")).toEqual([4096n]);
    expect(values("vendor")).toEqual([0x68747541n]);
    expect(Number(values("kilohertz")[0]) / 1e6).toBeCloseTo(1, 3);
    const started = Date.UTC(2026, 0, 1) / 1000;
    expect(Number(values("wall")[0])).toBeGreaterThanOrEqual(started);
    expect(Number(values("wall")[0])).toBeLessThan(started + 5);
    expect(result.virtualNanoseconds).toBeGreaterThan(0n);
  });

  it("gives the same bytes in every run with icount", async () => {
    const first = await boot("report", { icount: true });
    const second = await boot("report", { icount: true });
    expect(second.raw).toBe(first.raw);
  });

  it("refuses a CPU without SVM, and one without 1 GiB pages", async () => {
    const plain = await boot("report", { cpu: "max,-svm" });
    expect(plain).toMatchObject({ reason: "halt", exitCode: REFUSED });
    expect(plain.hypervisor[0]).toContain("no SVM");
    const small = await boot("report", { cpu: "max,+svm,-pdpe1gb" });
    expect(small.hypervisor[0]).toContain("no 1 GiB pages");
  });
});

describe("primitives", () => {
  it("load, store, exchange, copy and clear guest memory", async () => {
    const result = await boot("memory");
    expect(result.hypervisor[0]).toBe("memory works");
    expect(result.exitCode).toBe(0);
  });

  it.each(["loadLinear", "loadImage", "loadNowhere", "lowMemory"] as const)(
    "%s stops the machine",
    async (exercise) => {
      const result = await boot(exercise);
      expect(result.exitCode).toBe(REFUSED);
      expect(result.hypervisor[0]).toContain("not guest memory");
    },
  );

  it("refuse a move of more than 2 MiB and a vCPU that does not exist", async () => {
    expect((await boot("overrun")).hypervisor[0]).toContain("too many bytes");
    expect((await boot("badVcpu")).hypervisor[0]).toContain("vCPU that does not exist");
  });

  it("end with the core's code", async () => {
    expect((await boot("halt")).exitCode).toBe(5);
  });
});

describe("faults of the core", () => {
  it("end in a message and a code", async () => {
    const trap = await boot("unreachable");
    expect(trap).toMatchObject({ reason: "halt", exitCode: REFUSED });
    expect(trap.hypervisor[0]).toMatch(/^trap UNREACHABLE in the core: /);
    const outside = await boot("storeOutside");
    expect(outside.hypervisor[0]).toMatch(/^trap BOUNDS in the core: 0{8}\w{7}e/);
    const exception = await boot("exception");
    expect(exception.exitCode).toBe(EXCEPTION);
    expect(exception.hypervisor[0]).toMatch(/^exception 0+d error 0+ rip 0+1[0-9a-f]{6} /);
  });
});

describe("the world switch", () => {
  it("carries every register into a guest and back", async () => {
    const result = await boot("guest");
    expect(result.hypervisor[0]).toBe("guest works");
  });

  it("is ended by the timer, and so is idleness", async () => {
    const result = await boot("timer");
    expect(result.hypervisor.slice(0, 2)).toEqual(["interrupted", "woken"]);
  });

  it("keeps x87/SSE, debug registers and TSC_AUX apart", async () => {
    const result = await boot("state");
    expect(result.hypervisor[0]).toBe("state works");
  });

  it("keeps AVX state apart when guests enable it behind the core's back", async () => {
    const result = await boot("vectors");
    expect(result.hypervisor[0]).toBe("vectors work");
  });
});
